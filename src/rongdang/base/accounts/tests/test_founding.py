"""The first officers of an installation, and a lost officer recovered by two people (N20)."""

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from rongdang.base.accounts import entry, factors, founding, proving
from rongdang.base.accounts.founding import Appointee
from rongdang.base.accounts.models import Refusal, RoleAssignment, User
from rongdang.base.accounts.services import close_account, create_user, identify, person_of
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
    assert code_of(lambda: recover(house, instead_of="audit-new")) == "not-the-lost"
    assert RoleAssignment.objects.filter(role="security").get().user == house["security"]
    assert RoleAssignment.objects.filter(role="audit").get().user == house["audit"]


def account(name, order, **fields):
    user = create_user(username=name, display_name=name, password=PASSWORD, acting_user=None)
    if order:
        identify(user, number(order=order), acting_user=None)
    User.objects.filter(pk=user.pk).update(**fields)
    return user


def test_an_account_that_is_there_is_the_appointee_s_own_and_open(house):
    account("wang", "008")
    assert code_of(lambda: recover(house)) == "other-person"
    account("shut", "")
    close_account(User.objects.get(username="shut"), acting_user=None)
    shut = somebody("security", "009", "shut")
    assert code_of(lambda: recover(house, appointee=shut)) == "account-closed"
    account("odd", "", password=make_password("known to the thief"))
    odd = somebody("security", "007", "odd")
    assert code_of(lambda: recover(house, appointee=odd)) == "role-forged"
    account("new", "")  # whose it is was not known, and is now
    user = recover(house, appointee=somebody("security", "009", "new"))
    assert user.person == person_of(number(order="009")) and entry.intact(user)


def test_an_officer_whose_account_was_changed_by_sql_can_be_replaced_and_stays_out(house):
    lost = house["security"]
    User.objects.filter(pk=lost.pk).update(password=make_password("known to the thief"))
    recover(house)
    lost = User.objects.get(pk=lost.pk)
    assert not lost.is_active and not lost.roles.exists() and not entry.intact(lost)


@pytest.fixture
def officers(house):
    """As after the first login of each: a password of his own and a second factor; answers the codes."""
    codes = {}
    for role, user in house.items():
        User.objects.filter(pk=user.pk).update(password_at=timezone.now())
        if role != "leader":
            codes[role] = factors.add_app(user, factors.new_secret())
    return codes


def test_who_confirms_at_the_console_proves_it_with_password_and_factor(house, officers):
    leader, audit = house["leader"].username, house["audit"].username
    assert proving.prove(leader, PASSWORD, "").username == leader  # of whom no factor is asked
    assert code_of(lambda: proving.prove(audit, PASSWORD, "")) == "not-proved"
    assert code_of(lambda: proving.prove(audit, PASSWORD, officers["system"][0])) == "not-proved"
    first, second = officers["audit"][:2]
    assert code_of(lambda: proving.prove(audit, "wrong", first)) == "not-proved"
    assert proving.prove(audit, PASSWORD, first).username == audit
    assert code_of(lambda: proving.prove(audit, PASSWORD, first)) == "not-proved"  # it counts once
    assert proving.prove(audit, PASSWORD, second).username == audit


def test_a_first_password_and_a_factor_that_is_owed_prove_nobody(house):
    """Whoever typed the first passwords of an installation would be all its officers at once."""
    assert code_of(lambda: proving.prove("leader-new", PASSWORD, "")) == "password-due"
    assert code_of(lambda: proving.prove("audit-new", PASSWORD, "")) == "no-factor"
    assert not Refusal.objects.exists()  # the right password is no guess


def test_wrong_proofs_at_the_console_shut_it_for_the_account(house, officers):
    audit = house["audit"].username
    said = [code_of(lambda: proving.prove(audit, "wrong", "")) for _ in range(5)]
    assert said == ["not-proved"] * 4 + ["locked"]
    right = officers["audit"][0]
    assert code_of(lambda: proving.prove(audit, PASSWORD, right)) == "locked"
    assert Alarm.objects.get(kind="login-locked").subject_id == str(house["audit"].pk)
    assert Entry.objects.filter(event="session:refuse").count() == 4
    Refusal.objects.all().delete()
    assert proving.prove(audit, PASSWORD, right).username == audit  # and was not spent meanwhile


def test_an_account_changed_by_sql_proves_nobody(house, officers):
    audit = house["audit"]
    User.objects.filter(pk=audit.pk).update(password=make_password("known to the thief"))
    right = officers["audit"][0]
    said = code_of(lambda: proving.prove(audit.username, "known to the thief", right))
    assert said == "not-proved"
