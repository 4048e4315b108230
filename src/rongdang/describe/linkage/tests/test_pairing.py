"""Records that may be one person are found as they come; nothing is merged unless a rule says so."""

import pytest

from rongdang.base.errors import ConflictError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.services import set_rule
from rongdang.describe.access.avoiding import declare_relative
from rongdang.describe.linkage import deciding, pairing, stock
from rongdang.describe.linkage.joining import undo
from rongdang.describe.linkage.models import Joining, Key, Pair, Verdict
from rongdang.describe.linkage.records import prepare
from rongdang.describe.people.models import Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

pytestmark = pytest.mark.django_db
LIN = {
    "出生日期": "1938-04-07",
    "性别": "男",
    "入伍日期": "1956-03",
    "籍贯": "山东莱阳",
    "公民身份号码": "990101193804070018",
}
WHY = "身份证号和出生年月都一致"


@pytest.fixture
def known(station, clerk):
    def make(name, unit=station, **facts):
        person = create_person(unit=unit, name=name, acting_user=clerk)
        values = [FactValue(field, value) for field, value in facts.items() if value]
        if values:
            confirm_facts(person, values, acting_user=clerk)
        person.refresh_from_db()
        return person

    return make


@pytest.fixture
def strangers(known):
    """People who are nobody else, so that a name says something."""
    return [
        known(name, 出生日期=born, 性别="男", 入伍日期=f"{int(born[:4]) + 18}", 籍贯="四川阆中")
        for name, born in (("高崎远", "1929-01-03"), ("柳国安", "1941-11"), ("何海生", "1935"))
    ]


@pytest.fixture
def alike(known, strangers):
    """林长河 twice: the second time without a number, the name with another character."""
    first = known("林长河", **LIN)
    second = known("林常河", **(LIN | {"公民身份号码": "", "入伍日期": "1956"}))
    return first, second


def the_pair():
    return Pair.objects.select_related("first", "second").get()


def test_somebody_who_comes_is_compared_with_all_who_share_a_key(alike, strangers):
    first, second = alike
    pairing.compare_people([person.pk for person in strangers])
    pairing.compare_people([first.pk])
    assert not Pair.objects.exists()  # the second has no keys yet: nobody to share one with
    assert pairing.compare_people([second.pk]) == 1
    pair = the_pair()
    assert (pair.first_id, pair.second_id) == (first.pk, second.pk)
    assert 0.5 <= pair.probability <= 1 and "birth:" in pair.reasons
    assert pairing.compare_people([first.pk, second.pk]) == 0  # nothing new
    assert Entry.objects.filter(event="linkage:find").count() == 1


def test_the_whole_stock_finds_the_same(alike):
    assert pairing.compare_all() == 1
    assert {the_pair().first_id, the_pair().second_id} == {person.pk for person in alike}
    assert Key.objects.values("person").distinct().count() == Person.objects.count()


def test_what_keys_stand_for_is_read_by_nobody(alike):
    first, _second = alike
    pairing.compare_people([first.pk])
    kept = set(Key.objects.values_list("key", flat=True))
    assert len(kept) > 5 and all(isinstance(key, int) for key in kept)
    assert stock.near(prepare(stock.record_of_person(first))) == set()


def test_nothing_is_merged_by_itself_while_the_unit_has_no_such_rule(known, strangers):
    known("林长河", **LIN)
    known("林长河", **LIN)
    assert pairing.compare_all() == 1
    assert the_pair().verdict == Verdict.WAITING and not Joining.objects.exists()


def test_by_the_rule_of_the_unit_what_is_certain_is_merged_and_can_be_undone(
    known, strangers, person_in, station, clerk
):
    leader = person_in("liu", "leader", station)
    set_rule(station, "merge_certain", allowed=True, acting_user=leader)
    first, second = known("林长河", **LIN), known("林长河", **LIN)
    pairing.compare_all()
    made = Joining.objects.get()
    assert (made.kept_id, made.other_id, made.done_by) == (first.pk, second.pk, None)
    assert the_pair().verdict == Verdict.SAME
    undo(made, reason="两个人，号码录错了", acting_user=clerk)
    assert pairing.compare_all() == 0 and Joining.objects.in_force().count() == 0
    assert the_pair().verdict == Verdict.DIFFERENT


def test_twins_and_father_and_son_are_never_merged_by_themselves(
    known, strangers, person_in, station
):
    leader = person_in("liu", "leader", station)
    set_rule(station, "merge_certain", allowed=True, acting_user=leader)
    twin = LIN | {"公民身份号码": "990101193804070034"}
    son = LIN | {"出生日期": "1960-04-07", "入伍日期": "1978-03", "公民身份号码": ""}
    known("林长河", **LIN)
    known("林长江", **twin)
    known("林长河", **son)
    pairing.compare_all()
    assert not Joining.objects.exists()


def test_what_somebody_said_is_never_asked_again(alike, clerk):
    pairing.compare_all()
    deciding.say_different(
        the_pair(), reason="照片不是一个人", version=Verdict.WAITING, acting_user=clerk
    )
    assert pairing.compare_all() == 0
    pair = the_pair()
    assert (pair.verdict, pair.said_by, pair.why) == ("different", clerk, "照片不是一个人")
    deciding.ask_again(pair, reason="找到了新证明", acting_user=clerk)
    assert the_pair().verdict == Verdict.WAITING
    with pytest.raises(ConflictError):
        deciding.ask_again(the_pair(), reason="找到了新证明", acting_user=clerk)


def test_of_two_who_decide_the_second_is_told(alike, clerk, reviewer):
    pairing.compare_all()
    pair = the_pair()
    deciding.put_off(pair, version=Verdict.WAITING, acting_user=clerk)
    first, _second = alike
    with pytest.raises(ConflictError) as refused:
        deciding.say_same(
            pair, kept=first, reason=WHY, version=Verdict.WAITING, acting_user=reviewer
        )
    assert refused.value.code == "pair-decided" and not Joining.objects.exists()
    deciding.say_same(pair, kept=first, reason=WHY, version=Verdict.LATER, acting_user=reviewer)
    assert Joining.objects.get().kept == first and the_pair().verdict == Verdict.SAME


def test_one_s_own_kin_are_not_decided_on(alike, clerk, person_in, city):
    pairing.compare_all()
    _first, second = alike
    declare_relative(clerk, second, relation="叔", acting_user=person_in("sec-1", "security", city))
    for act in (deciding.say_different, deciding.say_same):
        more = {"kept": second} if act is deciding.say_same else {}
        with pytest.raises(NotPermittedError):
            act(the_pair(), reason=WHY, version=Verdict.WAITING, acting_user=clerk, **more)


def test_a_pair_is_seen_only_by_whoever_may_know_of_both(
    known, strangers, elsewhere, person_in, city, clerk, stranger
):
    known("林长河", **LIN)
    far = person_in("far-2", "clerk", city)
    beyond = create_person(unit=elsewhere, name="林长河", acting_user=far)
    confirm_facts(
        beyond, [FactValue(field, value) for field, value in LIN.items()], acting_user=far
    )
    pairing.compare_all()
    assert Pair.objects.visible_to(far).count() == 1
    assert not Pair.objects.visible_to(clerk).exists()
    assert not Pair.objects.visible_to(stranger).exists()
