"""What the first pages tell: files nobody takes in, texts read anew, files still taken apart."""

import pytest
from django.test import Client

from rongdang.capture.batches import services as batches
from rongdang.capture.batches.tests.factories import hand_in, page_image, run_jobs
from rongdang.describe.casefiles import rereading
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed, text_layer
from rongdang.describe.people.services import create_person

pytestmark = pytest.mark.django_db


def page(user, address):
    browser = Client()
    browser.force_login(user)
    return browser.get(address).content.decode()


def test_a_folder_nobody_claims_is_named_on_the_health_page(person_in, city, station, settings):
    system = person_in("sun", "system", city)
    assert "都有人收" in page(system, "/officers/health/")
    folder = settings.WATCH_ROOT / "三月"
    folder.mkdir(parents=True)
    (folder / "1.jpg").write_bytes(page_image(1))
    told = page(system, "/officers/health/")
    assert "有文件没人收" in told and "三月" in told


def test_the_worklist_leads_to_texts_that_a_newer_engine_reads_differently(station, clerk):
    assert "/people/changes/" not in page(clerk, "/")
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    item = filed(open_case_file(person, acting_user=clerk), clerk, texts=("三连战士",))
    rereading.replace_text(item.pages.get(), text_layer("三连战土", engine="new 2"))
    told = page(clerk, "/")
    assert "/people/changes/" in told and "1 页重读后和原来不一样" in told


def test_a_batch_whose_files_are_still_taken_apart_is_not_said_to_be_read(station, clerk):
    batch = batches.open_batch(unit=station, acting_user=clerk, source="browser", declared=True)
    hand_in(batch, clerk, page_image(1), "1.jpg")
    batches.close_batch(batch, acting_user=clerk)
    told = page(clerk, "/")
    assert "机器在拆文件、取页面" in told and "还剩 0 页" not in told


def test_a_batch_of_which_nothing_was_taken_is_not_called_settled(station, clerk):
    batch = batches.open_batch(unit=station, acting_user=clerk, source="browser", declared=True)
    hand_in(batch, clerk, b"", "空.jpg")
    batches.close_batch(batch, acting_user=clerk)
    run_jobs()
    batch.refresh_from_db()
    assert batch.state == "done"
    for address in ("/batches/", f"/batches/{batch.pk}/"):
        told = page(clerk, address)
        assert "一页也没有取出" in told and "1 个文件没收全" in told and "已办结" not in told
