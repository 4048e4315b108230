"""A page with a mark of state secrets stops; what shares its bytes, and what does not, is told apart."""

import io

import pytest
from PIL import Image

from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.refusals import AlarmingRefusalError
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.gate import services as gate
from rongdang.base.ledger.models import Entry
from rongdang.capture.batches import mending, queries, rereading, secret_services, services
from rongdang.capture.batches.models import Batch, Scan
from rongdang.capture.batches.tests.factories import (
    ScriptedEngine,
    closed_batch,
    everything,
    form,
    layer,
    page_image,
    run_jobs,
)
from rongdang.capture.review import services as review
from rongdang.describe.casefiles import registering
from rongdang.describe.casefiles import services as casefiles
from rongdang.describe.casefiles.models import Page
from rongdang.describe.people import services as people
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.queries import verify_objects

pytestmark = pytest.mark.django_db
SECRET_TITLE = casefiles.ItemDescription("机密★10年 某所命令", "1")
SECRET = layer("机密★长期", "关于部署的命令")


def tiff(*seeds):
    pages = [Image.open(io.BytesIO(page_image(seed))) for seed in seeds]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    return out.getvalue()


@pytest.fixture
def officer(person_in, city):
    return person_in("an", "security", city)


def test_the_page_is_destroyed_and_only_digest_and_place_remain(station, clerk, engine):
    engine(SECRET)
    data = page_image(1)
    batch = closed_batch(station, clerk, ("命令.jpg", data))
    digest = batch.uploads.get().stored.digest
    run_jobs()
    scan = batch.scans.get()
    assert scan.state == "secret" and not scan.layer and "线下" in scan.reason_zh
    assert "off-line" in scan.reason_en
    gone = StoredObject.objects.get(digest=digest)
    assert gone.shredded_at and not gone.wrapped_key
    with pytest.raises(DomainError):
        objects.read(gone)
    entry = Entry.objects.get(event="scan:stop-secret")
    assert digest in bytes(entry.side.body).decode()
    assert not list(verify_objects())
    batch.refresh_from_db()
    assert batch.state == "done" and not batch.materials.exists()


def test_the_other_pages_of_the_file_stay_and_the_file_itself_goes(station, clerk, engine):
    engine(form(), SECRET, layer("第三页"))
    batch = closed_batch(station, clerk, ("三页.tif", tiff(1, 2, 3)))
    run_jobs()
    first, second, third = batch.scans.order_by("number")
    assert [s.state for s in (first, second, third)] == ["read", "secret", "read"]
    upload = batch.uploads.get()
    assert (
        upload.stored.shredded_at and "第 2 页" in upload.reason_zh and "Page 2" in upload.reason_en
    )
    assert objects.read(first.original) and objects.read(third.original)
    assert second.original.shredded_at
    placed = batch.materials.get().pages.values_list("scan", flat=True)
    assert set(placed) == {first.pk, third.pk}


def test_a_stop_while_pages_are_still_taken_out_leaves_the_file_until_it_is_split(
    station, clerk, engine
):
    from rongdang.capture.batches import reading_services, tasks

    batch = closed_batch(station, clerk, ("三页.tif", tiff(1, 2)))
    upload = batch.uploads.get()
    stored = objects.put(io.BytesIO(page_image(9)))
    scan = reading_services.keep_page(upload, number=0, original=stored, dpi=300)
    engine(SECRET)
    tasks.read_scan.call(str(scan.pk))
    upload.stored.refresh_from_db()
    assert upload.stored.shredded_at is None
    run_jobs()
    upload.refresh_from_db()
    assert upload.stored.shredded_at and upload.state == "split" and upload.pages_found == 2


def test_the_same_page_in_another_batch_is_stopped_too(station, elsewhere, clerk, stranger, engine):
    """Another unit handed the same bytes in; an engine that read badly had let them pass."""
    engine(form(), SECRET)
    theirs = closed_batch(elsewhere, stranger, ("a.jpg", page_image(1)))
    run_jobs()
    assert theirs.scans.get().state == "read"
    ours = closed_batch(station, clerk, ("b.jpg", page_image(1)))
    run_jobs()
    assert ours.scans.get().state == theirs.scans.get().state == "secret"


def test_what_a_person_has_filed_is_not_destroyed_by_the_machine(
    station, elsewhere, clerk, stranger, engine
):
    engine(form(), SECRET)
    ours = closed_batch(station, clerk, ("a.jpg", page_image(1)))
    run_jobs()
    material = ours.materials.get()
    decision = review.Decision("履历表", "1", "1962", {"姓名": "林长河"}, new_name="林长河")
    review.confirm_material(material, decision, version=1, acting_user=clerk)
    closed_batch(elsewhere, stranger, ("b.jpg", page_image(1)))
    run_jobs()
    filed = ours.scans.get()
    assert filed.state == "filed" and objects.read(filed.original)
    assert Entry.objects.filter(event="page:suspect-secret").count() >= 1


def filed(station, clerk, engine):
    """A material of one page, read as an ordinary form and filed."""
    engine(form())
    batch = closed_batch(station, clerk, ("a.jpg", page_image(1)))
    run_jobs()
    decision = review.Decision("履历表", "1", "1962", {"姓名": "林长河"}, new_name="林长河")
    return review.confirm_material(
        batch.materials.get(), decision, version=1, acting_user=clerk
    ).item


def test_a_mark_a_newer_engine_sees_destroys_the_filed_page_and_tells_the_officer(
    station, clerk, engine, officer, client
):
    item = filed(station, clerk, engine)
    page = item.pages.get()
    Page.objects.filter(pk=page.pk).update(engine="older 1")
    assert rereading.reread(str(page.pk), ScriptedEngine(SECRET)) is None
    assert not Page.objects.filter(pk=page.pk).exists()
    for stored in (page.original, page.optimised):
        stored.refresh_from_db()
        assert stored.shredded_at and not stored.wrapped_key
    item.refresh_from_db()
    assert "涉密，未数字化" in item.note and item.paper_only and item.page_count == 1
    assert Alarm.objects.filter(kind="secret-suspected").count() == 1
    assert not item.case_file.person.facts.exclude(page=None).exists()
    client.force_login(officer)
    shown = client.get("/officers/secrets/").content.decode()
    assert item.case_file.number in shown and "林长河" not in shown
    run_jobs()
    assert not list(verify_objects())


def test_while_two_officers_hold_the_gate_open_marks_are_noted_and_stop_nothing(
    station, clerk, engine, officer, person_in, city
):
    item = filed(station, clerk, engine)
    opening = gate.propose(reason="本机已通过分级保护测评，批文在案", hours=1, acting_user=officer)
    gate.decide(opening, agreed=True, acting_user=person_in("xi", "system", city))
    Page.objects.update(engine="older 1")
    assert rereading.reread(str(item.pages.get().pk), ScriptedEngine(SECRET))
    engine(SECRET)
    batch = closed_batch(station, clerk, ("机密★.jpg", page_image(2)))
    run_jobs()
    assert batch.scans.get().state == "read"
    assert Entry.objects.filter(event="secret:pass").count() >= 3


@pytest.mark.parametrize("way", ["file", "note", "title", "field", "name", "register"])
def test_a_mark_in_what_is_typed_or_named_is_refused_on_every_way_in(
    way, station, clerk, reviewer, engine, client
):
    item = filed(station, clerk, engine)
    case_file = item.case_file
    acts = {
        "file": lambda: closed_batch(station, clerk, ("关于部署 机密★长期.jpg", page_image(3))),
        "note": lambda: services.open_batch(
            unit=station, acting_user=clerk, source="browser", declared=True, note="秘密☆5年"
        ),
        "title": lambda: casefiles.describe_item(
            item, casefiles.ItemDescription("【机密】任职命令", "1"), acting_user=clerk
        ),
        "field": lambda: people.confirm_facts(
            case_file.person,
            [people.FactValue("工作单位", "81234部队", "81234部队", confidence=1.0)],
            acting_user=clerk,
        ),
        "name": lambda: people.create_person(unit=station, name="（绝密）某人", acting_user=clerk),
        "register": lambda: registering.take_over_register(
            station,
            [registering.RegisterRow("陈望", {}, [registering.RegisteredItem(SECRET_TITLE, 1)])],
            acting_user=clerk,
        ),
    }
    before = everything()
    with pytest.raises(AlarmingRefusalError) as refusal:
        acts[way]()
    assert refusal.value.code == "secret-mark"
    # The batch of the file stands; a register refused is told to the officer at once.
    after, open_batch = everything(), {"file": (Batch, Entry), "register": (Entry,)}.get(way, ())
    assert {t: v for t, v in after.items() if t not in open_batch} == {
        t: v for t, v in before.items() if t not in open_batch
    }


def test_the_desk_answers_in_words_and_the_alarm_stays(station, clerk, engine, officer, client):
    item = filed(station, clerk, engine)
    client.force_login(clerk)
    body = {"title": "机密★长期 命令", "category": "1", "formed": "1962", "version": item.version}
    answer = client.post(f"/people/items/{item.pk}/describe/", body)
    assert answer.status_code == 403 and "线下" in answer.content.decode()
    alarm = Alarm.objects.get()
    assert alarm.kind == "secret-suspected" and alarm.about == clerk


def test_the_same_bytes_again_are_refused_and_not_kept(station, clerk, engine):
    engine(SECRET)
    closed_batch(station, clerk, ("命令.jpg", page_image(1)))
    run_jobs()
    again = closed_batch(station, clerk, ("命令.jpg", page_image(1)))
    upload = again.uploads.get()
    assert upload.state == "refused" and "涉密" in upload.reason_zh and upload.stored.shredded_at
    assert not StoredObject.objects.filter(shredded_at=None).exists()


def test_the_security_officer_settles_it_and_nobody_else(station, clerk, reviewer, engine, officer):
    engine(SECRET)
    batch = closed_batch(station, clerk, ("命令.jpg", page_image(1)))
    run_jobs()
    scan = batch.scans.get()
    assert list(queries.secret_stops(officer)) == [scan]
    assert (
        not queries.secret_stops(clerk).exists() and not Scan.objects.visible_to(officer).exists()
    )
    for user in (clerk, reviewer):
        with pytest.raises(NotPermittedError):
            secret_services.settle_secret(scan, cleared=True, note="x", acting_user=user)
    with pytest.raises(DomainError) as refused:
        secret_services.settle_secret(scan, cleared=False, note=" ", acting_user=officer)
    assert refused.value.code == "no-note"
    secret_services.settle_secret(scan, cleared=False, note="存保密柜 3-2", acting_user=officer)
    with pytest.raises(ConflictError):
        secret_services.settle_secret(scan, cleared=True, note="x", acting_user=officer)
    assert Entry.objects.get(event="secret:settle").actor == str(officer.pk)


def test_an_officer_of_another_city_settles_nothing_here(station, clerk, engine, person_in):
    from rongdang.base.orgs.services import create_unit

    other = create_unit(code="9800", name="云岭市军休中心", parent=None, acting_user=None)
    far = person_in("far", "security", other)
    engine(SECRET)
    batch = closed_batch(station, clerk, ("命令.jpg", page_image(1)))
    run_jobs()
    assert not queries.secret_stops(far).exists()
    with pytest.raises(NotPermittedError):
        secret_services.settle_secret(batch.scans.get(), cleared=True, note="x", acting_user=far)


def test_a_cleared_sheet_is_scanned_anew_and_takes_its_place(station, clerk, engine, officer):
    engine(form(), SECRET, SECRET)
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)), ("2.jpg", page_image(2)))
    run_jobs()
    stopped = batch.scans.get(state="secret")
    new = page_image(3)
    with pytest.raises(ConflictError):
        mending.replace_page(
            stopped, name="2.jpg", data=io.BytesIO(new), size=len(new), acting_user=clerk
        )
    stopped = secret_services.settle_secret(
        stopped, cleared=True, note="原定密机关 2011 年解密，文号 X-12", acting_user=officer
    )
    mending.replace_page(
        stopped, name="2.jpg", data=io.BytesIO(new), size=len(new), acting_user=clerk
    )
    run_jobs()
    stopped.refresh_from_db()
    assert stopped.state == "replaced"
    assert batch.scans.get(upload__replaces=stopped).state == "read"


def test_a_cleared_sheet_opens_its_finished_batch_again(station, clerk, engine, officer):
    engine(SECRET, SECRET)
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    run_jobs()
    stopped = secret_services.settle_secret(
        batch.scans.get(), cleared=True, note="不是密件，是旧稿纸印的字样", acting_user=officer
    )
    new = page_image(3)
    mending.replace_page(
        stopped, name="1.jpg", data=io.BytesIO(new), size=len(new), acting_user=clerk
    )
    run_jobs()
    batch.refresh_from_db()
    assert batch.state == "review" and batch.materials.get().pages.count() == 1


def test_bytes_that_were_cleared_once_are_not_stopped_again(station, clerk, engine, officer):
    engine(SECRET, SECRET)
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    run_jobs()
    secret_services.settle_secret(
        batch.scans.get(), cleared=True, note="旧稿纸上印的字样", acting_user=officer
    )
    again = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    run_jobs()
    assert again.uploads.get().state == "split" and again.scans.get().state == "read"
    assert objects.read(again.scans.get().original) == page_image(1)
