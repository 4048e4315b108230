"""Nobody reads his own file or a relative's; who that is, is found from both sides."""

from importlib import import_module

import pytest
from django.apps import apps

from rongdang.base.accounts.models import User
from rongdang.base.accounts.services import person_of
from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError
from rongdang.base.jobs import worker
from rongdang.base.jobs.models import Job
from rongdang.base.ledger.models import Entry
from rongdang.capture.review.models import Material
from rongdang.describe.access import avoiding, finding, opening
from rongdang.describe.access.kinship import relatives
from rongdang.describe.access.models import Avoidance, NamedKin
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.people.models import Fact
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

pytestmark = pytest.mark.django_db
OWN_NUMBER = "990101193804120038"


@pytest.fixture
def officer(person_in, city):
    return person_in("anbao", "security", city)


@pytest.fixture
def lin(person_in, station):
    """A clerk called 林小河, like somebody a file names as a son."""
    user = person_in("linxiaohe", "clerk", station)
    User.objects.filter(pk=user.pk).update(display_name="林小河")
    return User.objects.get(pk=user.pk)


def file_of(name, clerk, unit, **facts):
    person = create_person(unit=unit, name=name, acting_user=clerk)
    case_file = open_case_file(person, acting_user=clerk)
    filed(case_file, clerk, title=f"{name}的履历表", texts=(f"{name}一九五三年入伍",))
    if facts:
        confirm_facts(person, [FactValue(*pair) for pair in facts.items()], acting_user=clerk)
    case_file.person.refresh_from_db()
    return case_file


def run_jobs():
    while worker.run_one():
        pass


def seen(user):
    return {
        "items": set(Item.objects.visible_to(user, KEEP).values_list("title", flat=True)),
        "pages": Page.objects.visible_to(user, KEEP).count(),
        "facts": Fact.objects.visible_to(user, KEEP).count(),
    }


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        (
            "家庭成员",
            "妻赵小兰1934年群众；子林小河1958年团员",
            [("妻", "赵小兰", "1934"), ("子", "林小河", "1958")],
        ),
        ("家庭成员", "父林大山60农民", [("父", "林大山", "")]),
        ("家庭成员", "长女 林 小红 1961", [("长女", "林小红", "1961")]),
        ("家庭成员", "女儿：欧阳小梅", [("女儿", "欧阳小梅", "")]),
        ("家庭成员", "妻赵小兰工人", [("妻", "赵小兰", "")]),
        ("配偶", "赵小兰", [("配偶", "赵小兰", "")]),
        ("家庭成员", "无", []),
        ("家庭成员", "1934年 群众", []),
        ("奖励", "子林小河", []),
    ],
)
def test_relatives_are_read_out_of_what_a_file_says(field, value, found):
    said = relatives(field, value)
    assert len(said) == len(found)
    for one, (relation, name, birth) in zip(said, found, strict=True):
        assert (one.relation, one.birth) == (relation, birth) and name in one.names


def test_a_file_that_names_the_reader_as_a_relative_is_shut_to_him(lin, clerk, station, stranger):
    case_file = file_of("林长河", clerk, station, 家庭成员="妻赵小兰1934年；子林小河1958年")
    other = file_of("高崎远", clerk, station, 家庭成员="子高小山1960年")
    assert len(seen(lin)["items"]) == 2
    run_jobs()
    held = Avoidance.objects.get(user=lin)
    assert (held.person_id, held.ground, held.relation) == (case_file.person_id, "likely", "子")
    assert seen(lin)["items"] == {"高崎远的履历表"} and seen(lin)["pages"] == 1
    assert seen(clerk)["pages"] == 2
    # That it exists he knows, as a son does; it is opened to him by no reason.
    assert CaseFile.objects.visible_to(lin).count() == 2
    with pytest.raises(DomainError) as refused:
        opening.open_file(case_file, code="keep", note="", acting_user=lin)
    assert refused.value.code == "recused" and refused.value.status == 403
    assert Alarm.objects.get(kind="recused").about == lin
    assert Entry.objects.get(event="casefile:recuse").actor == str(lin.pk)
    opening.open_file(other, code="keep", note="", acting_user=lin)


def test_facts_confirmed_before_anybody_looked_for_kin_are_looked_into_by_the_upgrade(
    lin, clerk, station, stranger
):
    file_of("林长河", clerk, station, 家庭成员="妻赵小兰1934年；子林小河1958年")
    file_of("高崎远", clerk, station)
    Job.objects.all().delete()  # as it was confirmed by a house that had no such job
    upgrade = import_module("rongdang.describe.access.migrations.0002_kin_of_earlier_facts")
    upgrade.look_for_kin(apps, None)
    assert Job.objects.filter(path__endswith="find_relatives").count() == 1
    run_jobs()
    assert seen(lin)["items"] == {"高崎远的履历表"}
    Job.objects.all().delete()
    upgrade.look_for_kin(apps, None)
    assert not Job.objects.filter(path__endswith="find_relatives").exists()


def test_the_year_of_birth_tells_a_relative_from_a_namesake(lin, clerk, station, officer):
    case_file = file_of("林长河", clerk, station, 家庭成员="子林小河1958年")
    run_jobs()
    avoiding.set_identity(lin, birth="1971-02", person=None, acting_user=officer)
    assert not Avoidance.objects.filter(user=lin).exists()
    avoiding.set_identity(lin, birth="1958", person=None, acting_user=officer)
    assert Avoidance.objects.get(user=lin).ground == "kin"
    assert avoiding.is_avoided(lin, case_file.person_id)


def test_one_s_own_file_is_found_by_number_by_name_with_birth_and_by_the_officer_s_word(
    person_in, clerk, station, officer
):
    own = file_of("林长河", clerk, station, 出生日期="1938-04-12", 公民身份号码=OWN_NUMBER)
    readers = {name: person_in(name, "clerk", station) for name in ("number", "birth", "word")}
    User.objects.filter(username__in=("number", "birth")).update(display_name="林长河")
    User.objects.filter(username="number").update(person=person_of(OWN_NUMBER))
    number, birth, word = (User.objects.get(username=name) for name in readers)
    avoiding.set_identity(birth, birth="1938-04", person=None, acting_user=officer)
    avoiding.set_identity(word, birth="", person=own.person, acting_user=officer)
    finding.find_for_user(number)
    for user in (number, birth, word):
        assert Avoidance.objects.get(user=user).ground == "own", user.username
        assert not seen(user)["items"] and not seen(user)["facts"]


def test_a_file_confirmed_later_is_found_too(person_in, clerk, station, officer):
    reader = person_in("reader", "clerk", station)
    User.objects.filter(pk=reader.pk).update(display_name="林长河")
    avoiding.set_identity(
        User.objects.get(pk=reader.pk), birth="1938-04", person=None, acting_user=officer
    )
    file_of("林长河", clerk, station, 出生日期="1938-04-12")
    run_jobs()
    assert Avoidance.objects.get(user=reader).ground == "own"


def test_whom_one_s_own_file_names_is_found_as_well(lin, clerk, station, officer):
    own = file_of("林小河", clerk, station, 家庭成员="兄林大河1936年")
    brother = file_of("林大河", clerk, station, 出生日期="1936-05")
    run_jobs()
    avoiding.set_identity(lin, birth="", person=own.person, acting_user=officer)
    grounds = dict(Avoidance.objects.filter(user=lin).values_list("person_id", "ground"))
    assert grounds == {own.person_id: "own", brother.person_id: "kin"}
    # And when the brother's file comes later.
    Avoidance.objects.filter(person=brother.person_id).delete()
    finding.person_changed(brother.person_id)
    assert avoiding.is_avoided(lin, brother.person_id)


def test_what_a_withdrawn_fact_said_is_forgotten_by_the_index(clerk, station):
    from rongdang.describe.casefiles.withdrawing import withdraw_fact

    case_file = file_of("林长河", clerk, station, 家庭成员="子林小河1958年")
    run_jobs()
    assert NamedKin.objects.exists()
    fact = Fact.objects.get(person=case_file.person, field="家庭成员")
    withdraw_fact(fact, reason="认错了字", acting_user=clerk)
    run_jobs()
    assert not NamedKin.objects.exists()


def test_names_of_relatives_stand_nowhere_in_the_index(clerk, station):
    file_of("林长河", clerk, station, 家庭成员="子林小河1958年")
    run_jobs()
    assert all("林" not in row.name_index for row in NamedKin.objects.all())


def test_a_likely_relative_is_cleared_by_the_officer_with_a_reason_and_stays_cleared(
    lin, clerk, station, officer, person_in, city
):
    case_file = file_of("林长河", clerk, station, 家庭成员="子林小河1958年")
    run_jobs()
    held = Avoidance.objects.get(user=lin)
    for user, why in ((clerk, "不是"), (lin, "不是"), (officer, " ")):
        with pytest.raises(DomainError):
            avoiding.clear_avoidance(held, why=why, acting_user=user)
    avoiding.clear_avoidance(held, why="户口簿核对，不是一家", acting_user=officer)
    with pytest.raises(DomainError):
        avoiding.clear_avoidance(held, why="再来一次", acting_user=officer)
    assert seen(lin)["items"]
    finding.person_changed(case_file.person_id)
    assert not avoiding.is_avoided(lin, case_file.person_id)
    # What is declared holds again, and one's own file is never cleared.
    avoiding.declare_relative(lin, case_file.person, relation="叔父", acting_user=officer)
    assert avoiding.is_avoided(lin, case_file.person_id)
    avoiding.set_identity(lin, birth="", person=case_file.person, acting_user=officer)
    own = Avoidance.objects.get(user=lin)
    assert own.ground == "own"
    with pytest.raises(DomainError) as refused:
        avoiding.clear_avoidance(own, why="算了", acting_user=officer)
    assert refused.value.code == "own-file"


def test_nobody_says_himself_who_he_is(officer, clerk, lin):
    for user in (officer, clerk):
        with pytest.raises(DomainError):
            avoiding.set_identity(officer, birth="1970", person=None, acting_user=user)
    with pytest.raises(DomainError) as refused:
        avoiding.set_identity(lin, birth="昨天", person=None, acting_user=officer)
    assert refused.value.code == "no-date"


def test_nobody_works_on_a_file_he_must_not_read(lin, clerk, station, officer):
    from rongdang.describe.casefiles import services
    from rongdang.describe.casefiles.exporting import build
    from rongdang.describe.casefiles.sealing_requests import ask_to_seal
    from rongdang.describe.casefiles.withdrawing import withdraw_fact

    case_file = file_of("林长河", clerk, station, 出生日期="1938-04")
    avoiding.declare_relative(lin, case_file.person, relation="子", acting_user=officer)
    item = case_file.items.get()
    described = services.ItemDescription("改过的题名", "1")
    before = Entry.objects.count()
    for act in (
        lambda: filed(case_file, lin, title="添一份"),
        lambda: services.describe_item(item, described, acting_user=lin),
        lambda: services.list_paper_item(
            case_file, described, pages=1, sequence=9, acting_user=lin
        ),
        lambda: services.place_paper(
            case_file, room="1", rack="1", layer="1", box="1", acting_user=lin
        ),
        lambda: confirm_facts(case_file.person, [FactValue("奖励", "一等功")], acting_user=lin),
        lambda: withdraw_fact(Fact.objects.first(), reason="不要", acting_user=lin),
        lambda: opening.open_for_task(case_file, task="1", acting_user=lin),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.code == "recused"
    assert (
        not Entry.objects.filter(seq__gt=before, actor=str(lin.pk))
        .exclude(event="casefile:recuse")
        .exists()
    )
    for act in (
        lambda: ask_to_seal(case_file, acting_user=lin),
        lambda: build(case_file, form="pdf", password="", acting_user=lin, purpose=KEEP),
    ):
        with pytest.raises(DomainError):  # not a clerk's right in the first place
            act()


def test_papers_on_their_way_into_a_relative_s_file_are_not_on_his_desk(
    lin, clerk, station, officer
):
    from rongdang.capture.batches.models import Batch

    case_file = file_of("林长河", clerk, station)
    batch = Batch.objects.create(
        number="20261125-001", unit=station, scope=station.path, source="t", declared_by=clerk
    )
    Material.objects.create(batch=batch, scope=station.path, sequence=1, person=case_file.person)
    Material.objects.create(batch=batch, scope=station.path, sequence=2)
    assert Material.objects.visible_to(lin).count() == 2
    avoiding.declare_relative(lin, case_file.person, relation="父", acting_user=officer)
    assert Material.objects.visible_to(lin).count() == 1
    assert Material.objects.visible_to(clerk).count() == 2


def test_an_opening_from_before_is_of_no_use_once_the_relative_is_known(
    lin, clerk, station, officer
):
    from rongdang.describe.access.predicate import purpose_of

    case_file = file_of("林长河", clerk, station)
    purpose = purpose_of(opening.open_file(case_file, code="keep", note="", acting_user=lin))
    assert Item.objects.visible_to(lin, purpose).exists()
    avoiding.declare_relative(lin, case_file.person, relation="父", acting_user=officer)
    assert not Item.objects.visible_to(lin, purpose).exists()
