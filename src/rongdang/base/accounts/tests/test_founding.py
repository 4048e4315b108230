"""The first officers of an installation, and a lost officer recovered by two people (N20)."""

import pytest

from rongdang.base.accounts import factors, founding
from rongdang.base.accounts.founding import Appointee
from rongdang.base.accounts.models import RoleAssignment, User
from rongdang.base.accounts.tests.test_officers_apart import number
from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry

PASSWORD = "correct horse 42"
pytestmark = pytest.mark.django_db


def somebody(role, order="002", username=""):
    return Appointee(
        role=role,
        username=username or f"{role}-new",
        display_name=role,
        password=PASSWORD,
        id_number=number(order=order),
    )


def four():
    roles = ("system", "security", "audit", "leader")
    return [somebody(role, f"00{n}") for n, role in enumerate(roles, 1)]


def code_of(act):
    with pytest.raises(DomainError) as refused:
        act()
    assert refused.value.zh and refused.value.en
    return refused.value.code


def test_an_installation_begins_with_four_people_and_only_once():
    made = founding.begin(code="9900", name="梧桐市军休中心", appointees=four())
    assert [user.held[0][0] for user in made] == ["system", "security", "audit", "leader"]
    assert all(user.person and user.password_at is None for user in made)
    entries = Entry.objects.filter(event="role:assign")
    assert entries.count() == 4 and all(b"founding" in bytes(one.side.body) for one in entries)
    again = lambda: founding.begin(code="9900", name="x", appointees=four())
    assert code_of(again) == "officers-exist"


def test_an_installation_does_not_begin_with_one_person_in_two_offices():
    rows = [somebody(role, "002") for role in ("system", "security", "audit", "leader")]
    assert code_of(lambda: founding.begin(code="9900", name="x", appointees=rows)) == (
        "officers-apart"
    )
    assert not User.objects.exists()
    assert code_of(lambda: founding.begin(code="9900", name="x", appointees=rows[:3])) == (
        "not-all-named"
    )


@pytest.fixture
def house(city):
    made = founding.begin(code="9900", name="梧桐市军休中心", appointees=four())
    return {user.held[0][0]: user for user in made}


def recover(house, first="system", second="leader", **more):
    told = {
        "appointee": somebody("security", "009", "wang"),
        "code": "9900",
        "first": house[first],
        "second": house[second],
        "instead_of": "security-new",
    }
    return founding.recover(**{**told, **more})


def test_n20_two_people_put_another_in_the_place_of_a_lost_officer(house):
    user = recover(house)
    assert user.held[0][0] == "security"
    lost = User.objects.get(username="security-new")
    assert not lost.is_active and not lost.roles.exists()
    assert Alarm.objects.get(kind="recovery-used").about == user
    told = bytes(Entry.objects.get(event="role:recover").side.body)
    assert str(house["system"].pk).encode() in told and str(house["leader"].pk).encode() in told


def test_n20_not_by_one_not_by_oneself_and_not_while_another_can_act(house, person_in, clerk):
    assert code_of(lambda: recover(house, second="system")) == "two-people"
    house["clerk"] = clerk
    assert code_of(lambda: recover(house, second="clerk")) == "two-people"
    own = somebody("security", "001", "system-b")  # another account of the system officer's
    assert code_of(lambda: recover(house, appointee=own)) in ("officers-apart", "two-people")
    assert code_of(lambda: recover(house, instead_of="")) == "officer-there"
    assert code_of(lambda: recover(house, first="security")) == "officer-there"
    assert code_of(lambda: recover(house, appointee=somebody("clerk"))) == "choose"
    assert RoleAssignment.objects.filter(role="security").get().user == house["security"]


def test_who_confirms_has_to_prove_it_with_password_and_factor(house):
    leader = house["leader"]
    assert founding.prove(leader.username, PASSWORD, "") == leader
    assert code_of(lambda: founding.prove(leader.username, "wrong", "")) == "not-proved"
    codes = factors.add_app(leader, factors.new_secret())
    assert code_of(lambda: founding.prove(leader.username, PASSWORD, "")) == "not-proved"
    assert founding.prove(leader.username, PASSWORD, codes[0]) == leader
    for _ in range(5):
        code_of(lambda: founding.prove(leader.username, "wrong", ""))
    assert code_of(lambda: founding.prove(leader.username, PASSWORD, codes[1])) == "not-proved"
