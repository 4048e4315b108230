"""A person decides: what becomes of a material, by whose right, and what is refused."""

import pytest

from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import ConflictError, DomainError, IllegalMoveError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.services import set_rule
from rongdang.capture.batches.models import Scan
from rongdang.capture.batches.tests.factories import form, layer, run_jobs
from rongdang.capture.review import services
from rongdang.capture.review.models import Material
from rongdang.capture.review.tests.factories import decision, in_review
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.people.models import Fact, Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def material(station, clerk, engine):
    engine(form(出生日期="一九三八年四月"), layer("第二页"))
    return in_review(station, clerk, 2).materials.get()


def test_confirmed_a_material_becomes_item_pages_and_facts_with_a_name_beside_them(
    material, reviewer
):
    services.confirm_material(material, decision(), version=1, acting_user=reviewer)
    material.refresh_from_db()
    person = Person.objects.get()
    assert (material.state, person.name, person.birth) == ("filed", "林长河", "1938-04")
    item = material.item
    assert (item.title, item.category, item.formed, item.page_count) == (
        "干部履历表",
        "1",
        "1962-03-15",
        2,
    )
    fact = Fact.objects.get(field="出生日期")
    assert fact.recorded_by == reviewer and fact.page.item == item and fact.box
    assert fact.original and fact.formed == "1962-03-15"
    assert set(material.batch.scans.values_list("state", flat=True)) == {"filed"}
    material.batch.refresh_from_db()
    assert material.batch.state == "done"
    told = Entry.objects.filter(actor=str(reviewer.pk)).values_list("event", flat=True)
    assert {
        "material:confirm",
        "item:file",
        "fact:confirm",
        "person:create",
        "casefile:open",
        "batch:finish",
    } <= set(told)


def test_n21_a_paper_that_would_move_a_birth_date_waits_for_a_second_person(
    material, reviewer, clerk, station, person_in
):
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    confirm_facts(person, [FactValue("出生日期", "1940-01", formed="1970")], acting_user=clerk)
    mine = decision(person=person.pk)
    moved = services.confirm_material(material, mine, version=1, acting_user=reviewer)
    person.refresh_from_db()
    assert (moved.state, person.birth) == ("check", "1940-01")
    with pytest.raises(NotPermittedError):
        services.check_material(moved, right=True, version=moved.version, acting_user=reviewer)
    other = person_in("qin2", "reviewer", station)
    services.check_material(moved, right=True, version=moved.version, acting_user=other)
    person.refresh_from_db()
    assert person.birth == "1938-04"
    assert set(person.facts.values_list("state", flat=True)) == {"confirmed"}
    assert Alarm.objects.get(kind="key-date-changed").about == other


def test_nothing_is_a_fact_before_a_person_decides(material):
    assert not Fact.objects.exists() and not Item.objects.exists() and not Person.objects.exists()


@pytest.mark.parametrize(
    "changes,named",
    [
        ({"title": " "}, "题名"),
        ({"category": "77"}, "类别"),
        ({"category": "9"}, "类别"),  # holds only its sub-classes
        ({"formed": "三月"}, "形成时间"),
        ({"formed": "1962-13"}, "形成时间"),
        ({"new_name": " "}, "人员"),
        ({"values": {"不认得的": "x"}}, "不认得的"),
        ({"values": {"出生日期": "春天的时候"}}, "出生日期"),
    ],
)
def test_what_is_missing_or_wrong_is_named_and_nothing_is_filed(material, reviewer, changes, named):
    with pytest.raises(DomainError) as refused:
        services.confirm_material(material, decision(**changes), version=1, acting_user=reviewer)
    assert refused.value.status == 422 and named in refused.value.zh and refused.value.en
    assert not Item.objects.exists() and not Person.objects.exists()
    material.refresh_from_db()
    assert (material.state, material.version) == ("proposed", 1)


def test_a_value_the_machine_did_not_read_is_a_fact_on_the_page_where_it_was_seen(
    material, reviewer
):
    first, second = (place.scan_id for place in material.pages.all())
    typed = decision(
        values={"姓名": "林长河", "民族": "汉族", "籍贯": "山东莱阳"},
        places={"民族": str(second), "籍贯": "somewhere", "姓名": str(second)},
    )
    services.confirm_material(material, typed, version=1, acting_user=reviewer)
    material.refresh_from_db()
    pages = list(material.item.pages.order_by("sequence"))
    added = Fact.objects.get(field="民族")
    assert (added.value, added.page, added.box) == ("汉族", pages[1], None)
    assert added.recorded_by == reviewer
    assert Fact.objects.get(field="籍贯").page is None  # no page of this material
    read = Fact.objects.get(field="姓名")  # what was read stays where it was read
    assert read.page == pages[0] and read.box


def test_a_date_typed_as_written_is_kept_in_canonical_form(material, reviewer):
    typed = decision(
        values={"出生日期": "一九三八年四月", "公民身份号码": "９９０１０１ 19380412 ００1x"}
    )
    services.confirm_material(material, typed, version=1, acting_user=reviewer)
    record = Person.objects.get().record
    assert record["出生日期"] == "1938-04" and record["公民身份号码"] == "99010119380412001X"


def test_the_second_of_two_clerks_is_told_who_was_first_and_what_he_did(material, clerk, reviewer):
    services.postpone_material(material, version=1, acting_user=clerk)
    with pytest.raises(ConflictError) as refused:
        services.confirm_material(material, decision(), version=1, acting_user=reviewer)
    assert "zhou" in refused.value.zh and "先放一放" in refused.value.zh
    assert "zhou" in refused.value.en and "leave for now" in refused.value.en
    assert not Item.objects.exists()


def test_a_stranger_sees_nothing_and_decides_nothing(material, stranger):
    assert not Material.objects.visible_to(stranger).exists()
    assert not Scan.objects.visible_to(stranger).exists()
    for act in (
        lambda: services.confirm_material(material, decision(), version=1, acting_user=stranger),
        lambda: services.postpone_material(material, version=1, acting_user=stranger),
    ):
        with pytest.raises(NotPermittedError):
            act()
    assert not Person.objects.exists()


def test_a_person_of_another_unit_is_not_to_be_chosen(material, reviewer, elsewhere, stranger):
    from rongdang.describe.people.services import create_person

    theirs = create_person(unit=elsewhere, name="何海生", acting_user=stranger)
    with pytest.raises(DomainError) as refused:
        services.confirm_material(
            material, decision(person=theirs.pk, new_name=""), version=1, acting_user=reviewer
        )
    assert refused.value.code == "no-person"


def test_decided_once_is_decided(material, reviewer):
    services.confirm_material(material, decision(), version=1, acting_user=reviewer)
    with pytest.raises(IllegalMoveError) as refused:
        services.confirm_material(material, decision(), version=2, acting_user=reviewer)
    material.refresh_from_db()
    label = material.get_state_display()
    assert f"现在是“{label}”" in refused.value.zh and label != material.state
    assert material.state not in refused.value.zh + refused.value.en
    assert Item.objects.count() == 1


def test_a_page_that_is_being_turned_holds_the_material_back(material, reviewer):
    Scan.objects.filter(place__material=material, number=0).update(state="waiting")
    with pytest.raises(DomainError) as refused:
        services.confirm_material(material, decision(), version=1, acting_user=reviewer)
    assert refused.value.code == "page-not-ready" and not Person.objects.exists()


def test_the_sample_waits_for_a_second_person(material, reviewer, person_in, station, settings):
    settings.SECOND_CHECK_PERCENT = 100
    note = decision(note="边角有缺")
    services.confirm_material(material, note, version=1, acting_user=reviewer)
    material.refresh_from_db()
    assert material.state == "check" and not Item.objects.exists() and not Fact.objects.exists()
    with pytest.raises(NotPermittedError) as refused:
        services.check_material(material, right=True, version=2, acting_user=reviewer)
    assert refused.value.code == "same-person"
    second = person_in("he", "reviewer", station)
    services.check_material(material, right=True, version=2, acting_user=second)
    material.refresh_from_db()
    assert material.state == "filed" and material.item.note == "边角有缺"


def test_a_sample_found_wrong_goes_back_to_the_desk(
    material, reviewer, person_in, station, settings
):
    settings.SECOND_CHECK_PERCENT = 100
    services.confirm_material(material, decision(), version=1, acting_user=reviewer)
    second = person_in("he", "reviewer", station)
    services.check_material(material, right=False, version=2, acting_user=second)
    material.refresh_from_db()
    assert material.state == "proposed" and not Item.objects.exists()


def test_a_clerk_makes_no_second_check(material, reviewer, clerk, settings):
    settings.SECOND_CHECK_PERCENT = 100
    services.confirm_material(material, decision(), version=1, acting_user=reviewer)
    with pytest.raises(NotPermittedError):
        services.check_material(material, right=True, version=2, acting_user=clerk)


def test_about_the_share_asked_for_is_sampled_and_always_the_same_ones(settings):
    settings.SECOND_CHECK_PERCENT = 5
    many = [Material() for _ in range(4000)]
    chosen = [services.chosen_for_check(material) for material in many]
    assert 0.03 < sum(chosen) / len(chosen) < 0.07
    assert chosen == [services.chosen_for_check(material) for material in many]


def test_sure_values_are_confirmed_together_only_where_the_leader_allowed_it(
    station, clerk, reviewer, engine, person_in
):
    from rongdang.describe.people.services import create_person

    person = create_person(unit=station, name="林长河", acting_user=clerk)
    engine(form(), form(name="何海生", title="入党志愿书"))
    batch = in_review(station, clerk, 2)
    for material in batch.materials.all():
        material.confidence = dict.fromkeys(material.confidence, 0.99)
        material.person = person
        material.save()
    unsure = batch.materials.last()
    unsure.confidence = {**unsure.confidence, "person": 0.5}
    unsure.save()
    both = list(batch.materials.select_related("batch__unit"))
    with pytest.raises(NotPermittedError) as refused:
        services.confirm_sure(both, acting_user=reviewer)
    assert refused.value.code == "batch-confirm-off" and not Item.objects.exists()
    leader = person_in("lu", "leader", station)
    set_rule(station, "batch_confirm", allowed=True, acting_user=leader)
    both = list(batch.materials.select_related("batch__unit"))
    done = services.confirm_sure(both, acting_user=reviewer)
    assert [m.state for m in done] == ["filed"] and Item.objects.count() == 1
    assert Entry.objects.get(event="unit:set-rule").actor == str(leader.pk)


def test_only_the_leader_of_the_unit_switches_its_rule(
    station, elsewhere, clerk, reviewer, person_in
):
    far = person_in("far", "leader", elsewhere)
    for user in (clerk, reviewer, far):
        with pytest.raises(NotPermittedError):
            set_rule(station, "batch_confirm", allowed=True, acting_user=user)
    station.refresh_from_db()
    assert not station.batch_confirm


def test_a_second_material_of_the_person_goes_into_the_same_file(station, clerk, reviewer, engine):
    engine(form(), form(title="入党志愿书", date="一九六三年五月一日"))
    first, second = in_review(station, clerk, 2).materials.all()
    services.confirm_material(first, decision(), version=1, acting_user=reviewer)
    person = Person.objects.get()
    again = decision(
        title="入党志愿书",
        category="6",
        person=person.pk,
        new_name="",
        values={"姓名": "林长河", "出生日期": "1936-04"},
        formed="1963-05-01",
    )
    services.confirm_material(second, again, version=1, acting_user=reviewer)
    case_file = CaseFile.objects.get()
    assert (case_file.item_count, case_file.page_count) == (2, 2)
    person.refresh_from_db()
    assert person.birth == "1938-04"  # the earliest record governs
    assert Fact.objects.filter(field="出生日期").count() == 2  # both stand


def test_a_class_is_proposed_and_filed_in_the_scheme_of_the_person_s_own_file(
    station, clerk, reviewer, engine
):
    """Audit stands in class 3 of 2012 and in class 5 of 2018."""
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    old = open_case_file(person, acting_user=clerk)
    CaseFile.objects.filter(pk=old.pk).update(scheme="2012")
    engine(form(title="经济责任审计结果报告"), form(title="经济责任审计结果报告", name="何海生"))
    first, second = in_review(station, clerk, 2).materials.all()
    assert [(m.person, m.category) for m in (first, second)] == [(person, "3"), (None, "5")]
    said = {"title": "经济责任审计结果报告", "values": {}, "new_name": ""}
    kept = decision(**said, category="3", person=person.pk)
    services.confirm_material(first, kept, version=1, acting_user=reviewer)
    # The desk listed the classes of 2018; the clerk says that it is his paper after all.
    moved = decision(**said, category="5", person=person.pk)
    services.confirm_material(second, moved, version=1, acting_user=reviewer)
    assert list(old.items.values_list("category", flat=True)) == ["3", "3"]


def test_a_sealed_file_is_opened_again_by_what_is_added(station, clerk, reviewer, engine):
    engine(form(), form(title="入党志愿书"))
    first, second = in_review(station, clerk, 2).materials.all()
    services.confirm_material(first, decision(), version=1, acting_user=reviewer)
    CaseFile.objects.update(state="sealed", version=1)
    again = decision(title="入党志愿书", category="6", person=Person.objects.get().pk, new_name="")
    services.confirm_material(second, again, version=1, acting_user=reviewer)
    assert CaseFile.objects.get().state == "open"
    assert Entry.objects.filter(event="casefile:reopen").count() == 1


def test_secret_pages_of_a_material_are_not_filed_and_the_note_says_so(material, reviewer):
    Scan.objects.filter(place__material=material, place__sequence=2).update(state="secret")
    services.confirm_material(material, decision(), version=1, acting_user=reviewer)
    item = Item.objects.get()
    assert item.page_count == 1 and "1 页涉密" in item.note


def test_filed_pages_can_be_found_by_their_text(material, reviewer):
    from rongdang.describe.access.predicate import KEEP
    from rongdang.provide.search.queries import search

    services.confirm_material(material, decision(), version=1, acting_user=reviewer)
    run_jobs()
    assert [p.name for p in search(reviewer, [KEEP], "林长河").people] == ["林长河"]
