"""Pages and rows in one form; for whom; in how many queries; what was known and what was so on a day."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rongdang.base.ids import uuid7
from rongdang.describe.access.predicate import KEEP, stated
from rongdang.describe.casefiles.withdrawing import withdraw_fact
from rongdang.describe.conflicts import services
from rongdang.describe.conflicts.models import Doubt, Ruling
from rongdang.describe.conflicts.rulebook import RuleBook
from rongdang.describe.conflicts.tests.conftest import (  # noqa: F401
    colleague,
    page,
    person,
    row,
    says,
)
from rongdang.describe.people.claims import claims_of, claims_seen
from rongdang.describe.people.history import stories
from rongdang.describe.people.models import Person
from rongdang.describe.people.projecting import project_fresh, project_many
from rongdang.describe.people.services import create_person
from rongdang.describe.statements.models import Source, Statement

pytestmark = pytest.mark.django_db


def told(claims):
    return {(one.field, one.value, one.origin) for one in claims}


def test_a_page_and_a_row_are_claims_of_one_form(person, says, row):
    says("出生日期", "1938-04")
    row({"出生日期": ["1938", "约38年", "approximate"], "民族": "汉族"})
    claims = claims_of([person.pk])[person.pk]
    assert told(claims) == {
        ("出生日期", "1938-04", "page"),
        ("出生日期", "1938", "row"),
        ("民族", "汉族", "row"),
    }
    about = next(one for one in claims if one.value == "1938")
    assert (about.original, about.certainty, about.title) == ("约38年", "approximate", "市局工资库")
    assert person.record == {"姓名": "林长河", "出生日期": "1938-04", "民族": "汉族"}


def test_a_field_hidden_from_a_role_is_not_there_at_all(person, says, row, clerk, person_in, city):
    says("籍贯", "江苏常熟")
    row({"籍贯": "江苏常熟", "现住址": "甲路1号", "健康状况": "良好"})
    leader = person_in("he", "leader", city)
    purpose = stated("inquiry")
    ours = claims_seen(clerk, KEEP, [person])[person.pk]
    theirs = claims_seen(leader, purpose, [person])[person.pk]
    assert {one.field for one in ours} == {"籍贯", "现住址", "健康状况"}
    assert {one.field for one in theirs} == {"籍贯"}


def test_a_stranger_sees_no_claim(person, says, row, stranger):
    says("籍贯", "江苏常熟")
    row({"籍贯": "江苏常熟"})
    assert claims_seen(stranger, KEEP, [person]) == {}


def test_many_people_take_as_many_queries_as_one(station, clerk):
    people = [create_person(unit=station, name=f"林{n}", acting_user=clerk) for n in range(12)]
    source = Source.objects.create(
        unit=station, scope=station.path, name="库", kind="table", made_by=clerk
    )
    for number, one in enumerate(people):
        Statement.objects.create(
            source=source,
            key=bytes([number]) * 16,
            digest=uuid7().bytes,
            person=one,
            scope=one.scope,
            row=number,
            says={"民族": ["汉族"], "公民身份号码": [f"9901011932050112{number:02}"]},
            run=uuid7(),
            recorded_at=timezone.now(),
        )

    def queries(some):
        with CaptureQueriesContext(connection) as captured:
            claims_seen(clerk, KEEP, some)
            project_many(some, clerk)
        return len(captured)

    few, many = queries(people[:2]), queries(people[2:])
    assert many <= few + 1  # one person alone may be saved without an upsert
    people[5].refresh_from_db()
    assert people[5].record["民族"] == "汉族" and people[5].known > 0


def test_people_known_from_a_row_alone_are_filled_in_before_they_are_saved(station, clerk):
    source = Source(unit=station, scope=station.path, name="库")
    numbers = ["11010519491231002X", "11010519491231002X", "440524188001010014"]
    rows = []
    for number in numbers:
        one = Person(unit=station, scope=station.path, name="")
        said = {"姓名": ["林長河"], "公民身份号码": [number], "出生日期": ["1949-12-31"]}
        rows.append(
            (
                one,
                Statement(
                    source=source,
                    key=b"1",
                    person=one,
                    row=1,
                    says=said,
                    recorded_at=timezone.now(),
                ),
            )
        )
    doubts = project_fresh(rows)
    assert [one.name for one, _row in rows] == ["林長河"] * 3
    assert rows[0][0].birth == "1949-12-31" and rows[0][0].name_keys.startswith("linchanghe")
    shared = [doubt.person for doubt in doubts if doubt.code == "number-of-another"]
    assert shared == [rows[0][0], rows[1][0]]
    assert [one.code for one in doubts if one.person == rows[2][0]] == ["id-birth"]


def at(person, user, *, known=None, valid=None):
    claims = claims_seen(user, KEEP, [person], past=True)[person.pk]
    found = stories(
        claims,
        Ruling.objects.filter(person=person),
        RuleBook.load().at(person.scope),
        known_at=known or timezone.now(),
        valid_on=valid,
    )
    return {one.field: one.held.value if one.held else None for one in found}


def test_what_was_known_on_a_day_withdrawn_and_replaced_since(person, says, row, clerk):
    before = timezone.now()
    wrong = says("籍贯", "江苏无锡")
    first = timezone.now()
    row({"联系电话": "1111"})
    withdraw_fact(wrong, reason="认错了字", acting_user=clerk)
    second = timezone.now()
    says("籍贯", "江苏常熟")
    row({"联系电话": "2222"})
    assert at(person, clerk, known=before) == {"籍贯": None, "联系电话": None}
    assert at(person, clerk, known=first) == {"籍贯": "江苏无锡", "联系电话": None}
    assert at(person, clerk, known=second) == {"籍贯": None, "联系电话": "1111"}
    assert at(person, clerk) == {"籍贯": "江苏常熟", "联系电话": "2222"}


def test_a_decision_counts_from_the_moment_it_was_made_and_agreed(person, says, clerk, colleague):
    says("出生日期", "1938-04", "1956")
    second = says("出生日期", "1936-04", "1979")
    choice = services.Choice(claim=str(second.pk))
    ruling = services.decide(person, "出生日期", choice, reason="有批复为证", acting_user=clerk)
    asked = timezone.now()
    services.agree(ruling, acting_user=colleague)
    assert at(person, clerk, known=asked) == {"出生日期": "1938-04"}
    assert at(person, clerk) == {"出生日期": "1936-04"}


def test_what_was_so_on_a_day(person, says, row, clerk):
    says("职务", "连长", "1962")
    says("职务", "团长", "1975-06")
    says("出生日期", "1938-04", "1979")
    assert at(person, clerk, valid=dt.date(1970, 1, 1)) == {"职务": "连长", "出生日期": "1938-04"}
    assert at(person, clerk, valid=dt.date(1950, 1, 1))["职务"] is None
    assert at(person, clerk)["职务"] == "团长"


def test_completeness_is_a_number_beside_the_person(person, says, row, clerk):
    from rongdang.capture.batches.tests.factories import run_jobs

    run_jobs()
    person.refresh_from_db()
    bare = person.score, person.known
    assert bare[0] == 0 and bare[1] < 10
    says("出生日期", "1938-04", title="干部履历表")
    run_jobs()
    person.refresh_from_db()
    assert person.score > bare[0] and person.known > bare[1]
    from django.db.models import Avg, Count

    [row_of_unit] = Person.objects.values("scope").annotate(Avg("score"), Avg("known"), Count("pk"))
    assert row_of_unit["score__avg"] == person.score


def test_two_birth_dates_call_for_the_approval_of_a_change(person, says):
    says("出生日期", "1938-04", "1956")
    score = Person.objects.get(pk=person.pk).score
    says("出生日期", "1936-04", "1979")
    assert Doubt.objects.get(code="sources:birth").severity == "wrong"
    assert Person.objects.get(pk=person.pk).score < score


def test_one_number_of_two_people_is_told_of_both_and_forgotten_of_both(
    person, says, station, clerk
):
    from rongdang.describe.people.services import FactValue, confirm_facts

    number = "11010519491231002X"
    says("公民身份号码", number)
    other = create_person(unit=station, name="何海生", acting_user=clerk)
    [fact] = confirm_facts(other, [FactValue("公民身份号码", number)], acting_user=clerk)
    listed = Doubt.objects.filter(code="number-of-another")
    assert {one.person for one in listed} == {person, other}
    withdraw_fact(fact, reason="抄错了人", acting_user=clerk)
    assert not listed.all().exists()


def test_father_of_his_father_is_a_circle_over_two_files(person, says, station, clerk):
    from rongdang.capture.batches.tests.factories import run_jobs
    from rongdang.describe.people.services import FactValue, confirm_facts

    other = create_person(unit=station, name="林大山", acting_user=clerk)
    confirm_facts(other, [FactValue("家庭成员", "父林长河")], acting_user=clerk)
    run_jobs()
    says("家庭成员", "父林大山")
    assert person.doubts.filter(code="kin-mutual").exists()
