"""Pages moved about at the desk: nothing is lost, nothing stands twice, strangers move nothing."""

import io
import uuid

import pytest

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.capture.batches import mending
from rongdang.capture.batches.models import Scan
from rongdang.capture.batches.queries import reject_list
from rongdang.capture.batches.tests.factories import form, layer, page_image, run_jobs
from rongdang.capture.review import pages, services
from rongdang.capture.review.models import Material, MaterialPage
from rongdang.capture.review.tests.factories import decision, in_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(station, clerk, engine):
    """Two materials of two pages and one page."""
    engine(
        form(出生日期="一九三八年四月"),
        layer("第二页", "续写"),
        form(title="入党志愿书", date="一九六三年五月一日", 籍贯="山东莱阳"),
    )
    return in_review(station, clerk, 3)


def order(material):
    return [place.scan_id for place in material.pages.all()]


def values(material):
    material.refresh_from_db()
    return {entry["name"]: entry["value"] for entry in material.fields}


def test_split_takes_the_fields_of_its_pages_along(batch, reviewer):
    first, last = batch.materials.all()
    one, two = order(first)
    second = pages.split_material(first, before=two, version=1, acting_user=reviewer)
    assert order(first) == [one] and order(second) == [two]
    assert values(first)["出生日期"] == "1938-04" and values(second) == {}
    assert [m.sequence for m in batch.materials.all()] == [1, 2, 3]
    last.refresh_from_db()
    assert last.sequence == 3 and second.title == ""
    first.refresh_from_db()
    assert first.version == 2


def test_merge_keeps_the_fields_of_both_and_what_was_first_stands(batch, reviewer):
    first, last = batch.materials.all()
    merged = pages.merge_into_previous(last, version=1, acting_user=reviewer)
    assert merged == first and len(order(first)) == 3
    assert values(first)["籍贯"] and values(first)["姓名"] == "林长河"
    last.refresh_from_db()
    assert last.state == "empty" and not order(last)
    with pytest.raises(DomainError):
        pages.merge_into_previous(first, version=2, acting_user=reviewer)


def test_the_last_page_moved_away_leaves_an_empty_mark(batch, reviewer):
    first, last = batch.materials.all()
    (scan,) = order(last)
    pages.move_page(last, scan=scan, to=first, version=1, acting_user=reviewer)
    assert order(first)[-1] == scan and values(first)["籍贯"]
    last.refresh_from_db()
    assert last.state == "empty"
    services.confirm_material(first, decision(), version=2, acting_user=reviewer)
    batch.refresh_from_db()
    assert batch.state == "done"


def test_a_page_moves_only_to_another_material_of_the_same_batch(
    batch, reviewer, station, clerk, engine
):
    first = batch.materials.first()
    engine(form(name="何海生"))
    other = in_review(station, clerk, 1, first=20).materials.get()
    for goal in (first, other):
        with pytest.raises(DomainError) as refused:
            pages.move_page(first, scan=order(first)[0], to=goal, version=1, acting_user=reviewer)
        assert refused.value.code == "bad-page-move"
    assert MaterialPage.objects.count() == 4


def test_a_new_order_names_every_page_once(batch, reviewer):
    first = batch.materials.first()
    one, two = order(first)
    pages.reorder_pages(first, [two, one], version=1, acting_user=reviewer)
    assert order(first) == [two, one]
    for wrong in ([one], [one, one], [one, two, uuid.uuid4()]):
        with pytest.raises(DomainError):
            pages.reorder_pages(first, wrong, version=2, acting_user=reviewer)
    assert order(first) == [two, one]


def test_a_turned_page_is_read_again_and_the_proposal_follows(batch, reviewer, engine):
    first = batch.materials.first()
    engine(form(title="军人登记表", 出生日期="一九三七年五月"))
    scan = order(first)[0]
    pages.turn_page(first, scan=scan, degrees=180, version=1, acting_user=reviewer)
    assert Scan.objects.get(pk=scan).state == "waiting"
    run_jobs()
    page = Scan.objects.get(pk=scan)
    assert (page.state, page.turn) == ("read", 180)
    assert values(first)["出生日期"] == "1937-05"
    assert first.version == 3  # a clerk who has the old form open is told
    assert order(first)[0] == scan
    with pytest.raises(ConflictError) as refused:
        services.confirm_material(first, decision(), version=2, acting_user=reviewer)
    assert "机器" in refused.value.zh and "machine" in refused.value.en


def test_a_turned_page_that_cannot_be_read_keeps_the_material_open(batch, reviewer, engine):
    first = batch.materials.first()
    engine(DomainError("读不出来。", "Cannot be read."))
    pages.turn_page(first, scan=order(first)[0], degrees=90, version=1, acting_user=reviewer)
    run_jobs()
    first.refresh_from_db()
    with pytest.raises(DomainError) as refused:
        services.confirm_material(first, decision(), version=first.version, acting_user=reviewer)
    assert refused.value.code == "page-not-ready"


def test_what_a_person_decided_before_a_return_is_not_overwritten_by_the_machine(
    batch, reviewer, engine, settings, person_in, station
):
    settings.SECOND_CHECK_PERCENT = 100
    first = batch.materials.first()
    kept = decision(values={"出生日期": "1935-01"})
    services.confirm_material(first, kept, version=1, acting_user=reviewer)
    second = person_in("he", "reviewer", station)
    services.check_material(first, right=False, version=2, acting_user=second)
    engine(form(出生日期="一九三七年五月", 籍贯="山东莱阳"))
    pages.turn_page(first, scan=order(first)[0], degrees=180, version=3, acting_user=reviewer)
    run_jobs()
    first.refresh_from_db()
    said = {entry["name"]: entry.get("decided", entry.get("value")) for entry in first.fields}
    assert said["出生日期"] == "1935-01" and "籍贯" in said


def test_one_page_is_sent_back_and_the_others_wait_for_it(batch, reviewer, clerk, engine):
    first, last = batch.materials.all()
    one, two = order(first)
    with pytest.raises(DomainError) as refused:
        pages.send_back(first, scan=order(last)[0], reason="不清", version=1, acting_user=reviewer)
    assert refused.value.code == "bad-page-move"
    pages.send_back(first, scan=two, reason="字迹不清", version=1, acting_user=reviewer)
    assert [Scan.objects.get(pk=scan).state for scan in (one, two)] == ["read", "rescan"]
    assert [scan.pk for scan in reject_list(clerk)] == [two]
    first.refresh_from_db()
    assert first.state == "rescan"
    engine(layer("第二页", "重扫的"))
    new = page_image(70)
    mending.replace_page(
        Scan.objects.get(pk=two),
        name="新.jpg",
        data=io.BytesIO(new),
        size=len(new),
        acting_user=clerk,
    )
    run_jobs()
    first.refresh_from_db()
    assert first.state == "proposed" and order(first)[0] == one and order(first)[1] != two
    assert values(first)["出生日期"] == "1938-04"


def test_a_page_set_aside_is_kept_and_not_filed(batch, reviewer):
    first = batch.materials.first()
    one, two = order(first)
    with pytest.raises(DomainError):
        pages.set_aside(first, scan=two, reason=" ", version=1, acting_user=reviewer)
    pages.set_aside(first, scan=two, reason="夹带的信封", version=1, acting_user=reviewer)
    assert order(first) == [one] and Scan.objects.get(pk=two).state == "aside"
    services.confirm_material(first, decision(), version=2, acting_user=reviewer)
    first.refresh_from_db()
    assert first.item.page_count == 1
    assert Entry.objects.filter(event="scan:set-aside", actor=str(reviewer.pk)).count() == 1


def test_a_stranger_moves_no_page(batch, stranger):
    first, last = batch.materials.all()
    one, two = order(first)
    acts = (
        lambda: pages.split_material(first, before=two, version=1, acting_user=stranger),
        lambda: pages.merge_into_previous(last, version=1, acting_user=stranger),
        lambda: pages.move_page(first, scan=one, to=last, version=1, acting_user=stranger),
        lambda: pages.reorder_pages(first, [two, one], version=1, acting_user=stranger),
        lambda: pages.turn_page(first, scan=one, degrees=90, version=1, acting_user=stranger),
        lambda: pages.send_back(first, reason="x", version=1, acting_user=stranger),
        lambda: pages.set_aside(first, scan=one, reason="x", version=1, acting_user=stranger),
    )
    for act in acts:
        with pytest.raises(NotPermittedError):
            act()
    assert order(first) == [one, two]


def test_a_stale_version_moves_nothing(batch, reviewer, clerk):
    first = batch.materials.first()
    one, two = order(first)
    pages.reorder_pages(first, [two, one], version=1, acting_user=clerk)
    with pytest.raises(ConflictError):
        pages.split_material(first, before=one, version=1, acting_user=reviewer)
    assert order(first) == [two, one] and Material.objects.count() == 2
