"""N28: a role that was not given by the services opens nothing and is found at login."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import connection

from rongdang.base.accounts import factors, role_changes, sessions
from rongdang.base.accounts.models import RoleAssignment, User
from rongdang.base.accounts.roles import Permission
from rongdang.base.accounts.services import (
    assign_role,
    close_account,
    create_user,
    identify,
    reopen_account,
    set_password,
)
from rongdang.base.accounts.tests.test_officers_apart import number
from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry


def fresh(user):
    return User.objects.get(pk=user.pk)


def comes_in(user):
    try:
        sessions.open_session(fresh(user), address="10.0.0.7", by=["password"])
    except DomainError as error:
        assert error.code == "role-forged" and error.hint_zh and error.hint_en
        return False
    return True


def test_what_the_services_wrote_holds(clerk):
    assert fresh(clerk).may(Permission.CASEFILE_SEE) and comes_in(clerk)


def test_n28_a_role_changed_in_sql_opens_nothing_and_raises_an_alarm(clerk):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_roleassignment SET role = 'reviewer'")
    assert fresh(clerk).permissions == frozenset()
    assert not comes_in(clerk)
    alarm = Alarm.objects.get(kind="role-forged")
    assert alarm.about == clerk and Entry.objects.filter(event="session:refuse").exists()


def test_n28_a_role_added_or_removed_in_sql_is_found(clerk, station):
    RoleAssignment.objects.create(user=clerk, role="reviewer", unit=station)
    assert fresh(clerk).permissions == frozenset() and not comes_in(clerk)
    RoleAssignment.objects.all().delete()
    assert not comes_in(clerk)


def test_n28_a_first_role_for_an_account_without_any(db, station):
    nobody = create_user(
        username="nobody", display_name="n", password="correct horse 42", acting_user=None
    )
    RoleAssignment.objects.create(user=nobody, role="clerk", unit=station)
    assert fresh(nobody).permissions == frozenset() and not comes_in(nobody)


def test_n28_a_role_brought_back_with_its_old_seal_is_found_at_login(clerk, station, person_in):
    old = User.objects.values("roles_seal", "roles_serial").get(pk=clerk.pk)
    assign_role(user=clerk, role="reviewer", unit=station, acting_user=None)
    RoleAssignment.objects.filter(role="reviewer").delete()
    User.objects.filter(pk=clerk.pk).update(**old)
    assert fresh(clerk).permissions  # the seal is a true one, of an earlier day
    assert not comes_in(clerk)


@pytest.mark.parametrize("seal", ["", "9.roles.x.00", "1.none.00", "1..", "x"])
def test_n28_a_seal_of_one_s_own_making_holds_nothing(clerk, seal):
    User.objects.filter(pk=clerk.pk).update(roles_seal=seal)
    assert fresh(clerk).permissions == frozenset()


def test_another_person_s_seal_does_not_fit(clerk, person_in, station):
    other = person_in("mei", "clerk", station)
    told = User.objects.values("roles_seal", "roles_serial").get(pk=other.pk)
    User.objects.filter(pk=clerk.pk).update(**told)
    assert fresh(clerk).permissions == frozenset()


def test_a_password_put_in_by_sql_opens_nothing_though_it_is_the_right_one(clerk):
    other = make_password("known to the thief")
    User.objects.filter(pk=clerk.pk).update(password=other)
    assert fresh(clerk).check_password("known to the thief") and not comes_in(clerk)


def test_n28_a_password_put_in_by_sql_is_not_sealed_by_renewing_its_hash(clerk, settings):
    """An older kind of hash is renewed at the right password; what was put there by SQL stays unsealed."""
    older = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, older]
    forged = make_password("known to the thief", hasher="pbkdf2_sha256")
    User.objects.filter(pk=clerk.pk).update(password=forged)
    assert fresh(clerk).check_password("known to the thief") and not comes_in(clerk)
    assert fresh(clerk).password == forged


def refused(act):
    with pytest.raises(DomainError) as error:
        act()
    return error.value.code


def test_n28_no_later_change_seals_what_was_written_by_sql(clerk, person_in, city, station):
    system = person_in("sun", "system", city)
    User.objects.filter(pk=clerk.pk).update(password=make_password("known to the thief"))
    for act in (
        lambda: set_password(user=fresh(clerk), password="a quite new one 7", acting_user=clerk),
        lambda: factors.add_app(fresh(clerk), factors.new_secret()),
        lambda: factors.reset(fresh(clerk), actor=system, how={}),
        lambda: identify(fresh(clerk), number(), acting_user=system),
        lambda: reopen_account(fresh(clerk), acting_user=system),
    ):
        assert refused(act) == "role-forged"
        assert not comes_in(clerk)
    close_account(fresh(clerk), acting_user=system)  # it can be shut, and stays so
    assert refused(lambda: reopen_account(fresh(clerk), acting_user=system)) == "role-forged"
    assert Alarm.objects.filter(kind="role-forged", about=clerk).exists()


def test_n28_no_later_change_of_roles_seals_one_that_was_written_by_sql(
    clerk, person_in, city, station
):
    RoleAssignment.objects.create(user=clerk, role="reviewer", unit=station)
    give = {"user": fresh(clerk), "role": "leader", "unit": station, "acting_user": None}
    assert refused(lambda: assign_role(**give)) == "role-forged"
    change = role_changes.propose(
        act="withdraw",
        user=fresh(clerk),
        role="clerk",
        unit=station,
        reason="查明",
        acting_user=person_in("an", "security", city),
    )
    leader = person_in("lu", "leader", city)
    assert refused(lambda: role_changes.approve(change, acting_user=leader)) == "role-forged"
    assert fresh(clerk).permissions == frozenset() and not comes_in(clerk)


def test_a_second_factor_removed_or_added_by_sql_is_found(clerk):
    factors.add_app(clerk, factors.new_secret())
    assert comes_in(clerk)
    Authenticator.objects.filter(user=clerk).delete()
    assert not comes_in(clerk)


def test_a_closed_account_opened_by_sql_stays_shut(clerk, person_in, city):
    close_account(clerk, acting_user=person_in("sun", "system", city))
    User.objects.filter(pk=clerk.pk).update(is_active=True)
    assert not comes_in(clerk)


def test_every_change_by_the_services_keeps_the_account_open(clerk, person_in, city, settings):
    system = person_in("sun", "system", city)
    set_password(user=clerk, password="a quite new one 7", acting_user=clerk)
    factors.add_app(clerk, factors.new_secret())
    factors.renew_codes(clerk)
    close_account(clerk, acting_user=system)
    reopen_account(clerk, acting_user=system)
    identify(clerk, number(), acting_user=system)
    assert comes_in(clerk)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    before = fresh(clerk).password
    assert fresh(clerk).check_password("a quite new one 7")
    assert fresh(clerk).password != before and comes_in(clerk)
