"""From a stack of pages to a sealed file that is found and shown with its evidence, over HTTP."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import verify
from rongdang.capture.batches.models import Batch
from rongdang.capture.batches.tests.factories import form, layer, page_image, run_jobs
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.people.models import Fact, Person
from rongdang.web.desk.tests.test_second_factor import code, shown_secret

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 42"


def signed_in(user):
    client = Client()
    answer = client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    if answer.headers["Location"] == reverse("login-factor"):  # an officer, for the first time
        secret = shown_secret(client.get(reverse("login-factor")))
        client.post(reverse("login-factor"), {"code": code(secret)})
        client.get(reverse("login-factor"))
    assert "_auth_user_id" in client.session
    return client


def upload(seed, name=None, data=None):
    return SimpleUploadedFile(name or f"{seed}.jpg", data or page_image(seed))


def events(*, actor=None):
    rows = Entry.objects.filter(actor=str(actor.pk)) if actor else Entry.objects.all()
    return list(rows.order_by("seq").values_list("event", flat=True))


def hand_in(client, station, *files):
    answer = client.post(
        reverse("batches:new"),
        {"unit": station.code, "declared": "on", "close": "on", "files": list(files)},
    )
    assert answer.status_code == 302
    run_jobs()
    return Batch.objects.order_by("-pk").first()


def form_of(html):
    """The fields of the decision as the page offers them."""
    part = html.split('id="decide"')[1].split("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", part):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', part, re.S):
        chosen = re.search(r'value="([^"]*)"[^>]* selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


WRITTEN_DOWN = (
    "session:open",
    "batch:open",
    "upload:store",
    "batch:close",
    "batch:see",
    "material:see",
    "person:create",
    "material:confirm",
    "item:file",
    "fact:confirm",
    "batch:finish",
    "search:ask",
    "casefile:see",
    "page:see",
)


def test_a_stack_becomes_a_sealed_file_that_is_found_and_shown(station, clerk, reviewer, engine):
    engine(
        form(出生日期="一九三八年四月", 籍贯="山东莱阳"),
        layer("", "一九五八年至一九六二年 某部三连战士、副班长"),
        form(title="入党志愿书", date="一九六三年五月一日"),
    )
    desk = signed_in(clerk)
    batch = hand_in(desk, station, *(upload(seed) for seed in (1, 2, 3)))
    assert batch.state == "review"
    page = desk.get(reverse("batches:detail", args=[batch.pk])).content.decode()
    assert "干部履历表" in page and "入党志愿书" in page and "林长河" in page
    assert not Person.objects.exists()
    person = decide_both(desk, batch)
    find_by_its_words(desk)
    see_with_evidence(desk, person)
    assert desk.post(reverse("people:seal", args=[person.pk])).status_code == 404
    seal(signed_in(reviewer), person)
    told = events(actor=clerk)
    assert [event for event in WRITTEN_DOWN if event not in told] == []
    assert "casefile:seal" in events(actor=reviewer)
    assert verify().ok


def decide_both(desk, batch):
    """As the desk offers it: the first material makes the person, the second is filed with him."""
    first, second = batch.materials.all()
    posted = form_of(desk.get(reverse("review:desk", args=[first.pk])).content.decode())
    assert posted["title"] == "干部履历表" and posted["field:籍贯"] == "山东莱阳"
    posted |= {"act": "confirm", "person": "new", "new_name": "林长河"}
    answer = desk.post(reverse("review:act", args=[first.pk]), posted)
    assert answer.headers["Location"] == reverse("review:desk", args=[second.pk])
    person = Person.objects.get()
    posted = form_of(desk.get(reverse("review:desk", args=[second.pk])).content.decode())
    posted |= {"act": "confirm", "person": str(person.pk)}
    desk.post(reverse("review:act", args=[second.pk]), posted)
    run_jobs()
    batch.refresh_from_db()
    case_file = CaseFile.objects.get()
    assert batch.state == "done" and (case_file.item_count, case_file.page_count) == (2, 3)
    return person


def find_by_its_words(desk):
    found = desk.get(reverse("search:results"), {"q": "三连战士"}).content.decode()
    assert "林长河" in found and "三连战士" in found
    assert "林长河" in desk.get(reverse("search:suggest"), {"q": "lch"}).content.decode()


def see_with_evidence(desk, person):
    """The fact names its page and its place there, and the page is shown."""
    file_page = desk.get(reverse("people:detail", args=[person.pk])).content.decode()
    fact = Fact.objects.get(field="籍贯")
    assert "山东莱阳" in file_page and str(fact.page_id) in file_page and fact.box
    image = desk.get(reverse("images:page", args=[fact.page_id, 900]))
    assert image.status_code == 200 and image.content[:2] == b"\xff\xd8"


def seal(desk, person):
    """By somebody else, who says what for; the page tells how far it is, then that it is done."""
    address = reverse("people:detail", args=[person.pk])
    assert desk.post(reverse("people:seal", args=[person.pk])).status_code == 302
    asked = desk.get(address)
    assert asked.headers["Location"].startswith(reverse("people:open", args=[person.pk]))
    desk.post(reverse("people:open", args=[person.pk]), {"purpose": "keep"})
    during = desk.get(address).content.decode()
    assert "正在入库" in during and "已入库，第" not in during
    run_jobs()
    ended = desk.get(reverse("people:sealing", args=[person.pk]))
    assert ended.headers["HX-Refresh"] == "true"
    after = desk.get(address).content.decode()
    assert "已入库，第 1 版" in after and "正在入库" not in after
    case_file = CaseFile.objects.get()
    assert (case_file.state, case_file.version) == ("sealed", 1)


def test_the_second_of_two_clerks_keeps_his_input_and_sees_who_was_first(
    station, clerk, reviewer, engine
):
    engine(form(籍贯="山东莱阳"))
    one, two = signed_in(clerk), signed_in(reviewer)
    batch = hand_in(one, station, upload(1))
    material = batch.materials.get()
    url = reverse("review:act", args=[material.pk])
    mine = form_of(one.get(reverse("review:desk", args=[material.pk])).content.decode())
    yours = form_of(two.get(reverse("review:desk", args=[material.pk])).content.decode())
    one.post(url, {"act": "postpone", "version": mine["version"]})
    yours |= {"act": "confirm", "person": "new", "new_name": "林长河", "field:籍贯": "山东烟台"}
    answer = two.post(url, yours)
    text = answer.content.decode()
    assert answer.status_code == 409 and "zhou" in text and "山东烟台" in text
    assert not Item.objects.exists()
    again = form_of(text)
    again |= {"act": "confirm", "person": "new", "new_name": "林长河"}
    assert two.post(url, again).status_code == 302 and Item.objects.count() == 1


def test_a_page_is_sent_back_scanned_anew_and_filed(station, clerk, engine):
    engine(form(), form(籍贯="山东莱阳"))
    desk = signed_in(clerk)
    batch = hand_in(desk, station, upload(1))
    material = batch.materials.get()
    url = reverse("review:act", args=[material.pk])
    desk.post(url, {"act": "send-back", "version": "1", "reason": "字迹不清"})
    old = batch.scans.get()
    assert "字迹不清" in desk.get(reverse("batches:rescans")).content.decode()
    desk.post(reverse("batches:replace", args=[old.pk]), {"file": upload(2)})
    run_jobs()
    old.refresh_from_db()
    assert old.state == "replaced"
    posted = form_of(desk.get(reverse("review:desk", args=[material.pk])).content.decode())
    assert posted["field:籍贯"] == "山东莱阳"
    posted |= {"act": "confirm", "person": "new", "new_name": "林长河"}
    desk.post(url, posted)
    batch.refresh_from_db()
    assert batch.state == "done" and Item.objects.get().page_count == 1


def test_a_secret_page_never_reaches_the_desk_and_the_officer_settles_it(
    station, city, clerk, engine, person_in
):
    engine(form(), layer("机密★长期", "关于部署的命令"))
    desk = signed_in(clerk)
    batch = hand_in(desk, station, upload(1), upload(2))
    stopped = batch.scans.get(state="secret")
    assert batch.materials.get().pages.count() == 1
    assert desk.get(reverse("images:scan", args=[stopped.pk, 900])).status_code == 404
    officer = signed_in(person_in("an", "security", city))
    page = officer.get(reverse("officers:secrets")).content.decode()
    assert "2.jpg" in page and batch.number in page
    officer.post(
        reverse("officers:secrets"),
        {"scan": str(stopped.pk), "cleared": "no", "note": "存保密柜 3-2"},
    )
    stopped.refresh_from_db()
    assert stopped.settled_by.username == "an"


def test_a_file_in_parts_by_script_and_the_same_page_live(station, clerk, engine):
    engine(form())
    desk = signed_in(clerk)
    answer = desk.post(
        reverse("batches:new"),
        {"unit": station.code, "declared": "on"},
        headers={"Accept": "application/json"},
    )
    told = json.loads(answer.content)
    data = page_image(1)
    file = {"name": "1.jpg", "size": len(data), "modified": "1700000000123"}
    begun = json.loads(desk.post(told["uploads"], file).content)
    assert (begun["offset"], begun["state"]) == (0, "receiving")
    half = len(data) // 2
    for start, part in ((0, data[:half]), (half, data[half:])):
        again = json.loads(desk.post(told["uploads"], file).content)  # the page was opened anew
        assert (again["url"], again["offset"]) == (begun["url"], start)
        sent = desk.patch(
            begun["url"],
            part,
            content_type="application/offset+octet-stream",
            headers={"Upload-Offset": str(start)},
        )
        assert sent.status_code == 204 and sent.headers["Upload-Offset"] == str(start + len(part))
    assert sent.headers["Upload-State"] == "stored"
    desk.post(told["close"])
    live = desk.get(told["page"], headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in live and "hx-get" in live
    run_jobs()
    live = desk.get(told["page"], headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in live and "干部履历表" in live
    assert events().count("batch:see") == 0  # asked by the page itself, not by a person


def test_the_second_check_is_made_by_another_person_over_http(
    station, clerk, reviewer, engine, settings
):
    settings.SECOND_CHECK_PERCENT = 100
    engine(form())
    desk, check = signed_in(clerk), signed_in(reviewer)
    batch = hand_in(desk, station, upload(1))
    material = batch.materials.get()
    url = reverse("review:act", args=[material.pk])
    posted = form_of(desk.get(reverse("review:desk", args=[material.pk])).content.decode())
    posted |= {"act": "confirm", "person": "new", "new_name": "林长河"}
    desk.post(url, posted)
    assert desk.post(url, {"act": "check", "right": "yes", "version": "2"}).status_code == 403
    assert not Item.objects.exists()
    assert check.post(url, {"act": "check", "right": "yes", "version": "2"}).status_code == 302
    assert Item.objects.count() == 1
