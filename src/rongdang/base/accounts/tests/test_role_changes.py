"""A change of roles is asked by one person and decided by another, neither of them the one concerned."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from rongdang.base.accounts import factors, passwords, role_changes
from rongdang.base.accounts.models import RoleChange, User
from rongdang.base.accounts.roles import Permission
from rongdang.base.accounts.services import (
    close_account,
    create_user,
    identify,
    reopen_account,
    set_password,
)
from rongdang.base.accounts.tests.test_officers_apart import number
from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry


@pytest.fixture
def security(person_in, city):
    return person_in("an", "security", city)


@pytest.fixture
def leader(person_in, city):
    return person_in("lu", "leader", city)


NUMBERS = itertools.count(100)


def asked(security, user, unit, role="reviewer", act="assign"):
    if not user.person and not user.is_same_person(security):
        identify(user, number(order=f"{next(NUMBERS)}"), acting_user=None)
    return role_changes.propose(
        act=act, user=user, role=role, unit=unit, reason="新来的审核员", acting_user=security
    )


def code_of(act):
    with pytest.raises(DomainError) as refused:
        act()
    assert refused.value.zh and refused.value.en
    return refused.value.code


def test_a_role_is_asked_by_one_approved_by_another_and_then_holds(
    security, leader, clerk, station
):
    change = asked(security, clerk, station)
    assert not clerk.may(Permission.MATERIAL_CHECK)
    role_changes.approve(change, acting_user=leader)
    assert clerk.may(Permission.MATERIAL_CHECK, station.path)
    entry = Entry.objects.filter(event="role:assign", subject_id=str(clerk.pk)).last()
    assert entry.actor == str(leader.pk) and str(security.pk).encode() in bytes(entry.side.body)


def test_n17_nobody_approves_what_he_proposed_nor_what_concerns_him(
    security, person_in, clerk, station, city
):
    change = asked(security, clerk, station)
    assert code_of(lambda: role_changes.approve(change, acting_user=security)) == "own-proposal"
    with pytest.raises(NotPermittedError):
        role_changes.approve(change, acting_user=clerk)
    assert code_of(lambda: asked(security, security, station)) == "own-role"
    assert Alarm.objects.get(kind="own-scope-change").about == security
    boss = person_in("boss", "leader", city)
    about_boss = asked(security, boss, station, role="clerk")
    assert code_of(lambda: role_changes.approve(about_boss, acting_user=boss)) == "own-role"


def test_n17_a_second_account_of_the_proposer_does_not_approve(person_in, security, clerk, city):
    system = person_in("sun", "system", city)
    change = asked(security, clerk, city)
    twin = person_in("an-b", "leader", city)
    identify(security, number(), acting_user=system)
    # The fence lets nobody with a role become an officer's twin: it is pulled down for this one.
    place = " ON accounts_user" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER officers_apart_person{place}")
    security.refresh_from_db()
    User.objects.filter(pk=twin.pk).update(person=security.person)
    twin.refresh_from_db()
    assert twin.is_same_person(security) and twin.may(Permission.ROLE_APPROVE)
    change.refresh_from_db()
    assert code_of(lambda: role_changes.approve(change, acting_user=twin)) == "own-proposal"


def test_the_database_itself_wants_two(security, clerk, station):
    change = asked(security, clerk, station)
    for fields in (
        {"state": "approved", "decided_by": security},
        {"state": "approved", "decided_by": clerk},
        {"state": "approved", "decided_by": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleChange.objects.filter(pk=change.pk).update(**fields)


def test_what_can_never_be_approved_is_not_proposed(security, person_in, clerk, station, city):
    assert code_of(lambda: asked(security, clerk, station, role="king")) == "no-such-role"
    assert code_of(lambda: asked(security, clerk, station, act="crown")) == "no-act"
    assert code_of(lambda: asked(security, clerk, station, act="withdraw")) == "role-not-held"
    assert code_of(lambda: asked(security, clerk, city, role="audit")) == "officers-apart"
    newcomer = create_user(
        username="new", display_name="新", password="correct horse 42", acting_user=None
    )
    for role in ("audit", "clerk"):  # whose account it is must be known: it may be an officer's
        nobody_s = {"act": "assign", "user": newcomer, "role": role, "unit": city, "reason": "x"}
        refused = code_of(lambda told=nobody_s: role_changes.propose(**told, acting_user=security))
        assert refused == "person-unknown"
    second = person_in("an2", "security", city)
    assert (
        code_of(
            lambda: role_changes.propose(
                act="assign", user=newcomer, role="clerk", unit=city, reason=" ", acting_user=second
            )
        )
        == "no-reason"
    )
    asked(security, clerk, station)
    assert code_of(lambda: asked(second, clerk, station)) == "change-waits"


def test_only_where_one_is_officer_or_leader(person_in, clerk, station, elsewhere):
    local = person_in("an-local", "security", station)
    with pytest.raises(NotPermittedError):
        asked(local, clerk, elsewhere)
    change = asked(local, clerk, station)
    other = person_in("lu-else", "leader", elsewhere)
    with pytest.raises(NotPermittedError):
        role_changes.approve(change, acting_user=other)
    assert not RoleChange.objects.visible_to(other).exists()
    assert RoleChange.objects.visible_to(local).get() == change
    assert not RoleChange.objects.visible_to(clerk).exists()


def test_a_change_is_refused_or_taken_back_and_decided_once(security, leader, clerk, station):
    change = asked(security, clerk, station)
    assert code_of(lambda: role_changes.take_back(change, acting_user=leader)) == "not-proposer"
    role_changes.refuse(change, acting_user=leader)
    assert code_of(lambda: role_changes.approve(change, acting_user=leader)) == "change-decided"
    again = asked(security, clerk, station)
    role_changes.take_back(again, acting_user=security)
    assert code_of(lambda: role_changes.approve(again, acting_user=leader)) == "change-decided"
    assert not clerk.may(Permission.MATERIAL_CHECK)


def test_a_role_is_taken_away_by_two(security, leader, clerk, station):
    change = asked(security, clerk, station, role="clerk", act="withdraw")
    role_changes.approve(change, acting_user=leader)
    assert not clerk.may(Permission.CASEFILE_SEE)
    assert Entry.objects.get(event="role:withdraw").actor == str(leader.pk)


def test_a_second_factor_is_reset_by_two(security, leader, clerk, station, person_in, city):
    system = person_in("sun", "system", city)

    def reset(user):
        return role_changes.propose(
            act="reset", user=user, unit=station, reason="手机丢了", acting_user=system
        )

    assert code_of(lambda: reset(clerk)) == "no-factor"
    factors.add_app(clerk, factors.new_secret())
    before = clerk.epoch
    change = reset(clerk)
    assert factors.has_one(clerk)
    role_changes.approve(change, acting_user=leader)
    clerk.refresh_from_db()
    assert not factors.has_one(clerk) and clerk.epoch > before
    with pytest.raises(NotPermittedError):
        role_changes.propose(
            act="reset", user=clerk, unit=station, reason="x", acting_user=security
        )


def test_what_opens_an_account_is_reset_by_those_above_all_its_roles(
    person_in, clerk, station, city
):
    """The officers of one station do not come by the account of the city's security officer."""
    guard = person_in("an", "security", city)
    factors.add_app(guard, factors.new_secret())
    local = person_in("sun-local", "system", station)
    for act in ("reset", "password"):
        told = {"act": act, "user": guard, "unit": station, "reason": "说是丢了手机"}
        assert code_of(lambda told=told: role_changes.propose(**told, acting_user=local)) == (
            "unit-too-low"
        )
        with pytest.raises(NotPermittedError):
            role_changes.propose(**told | {"unit": city}, acting_user=local)
    for act in (
        lambda: set_password(user=guard, password="a quite new one 7", acting_user=local),
        lambda: close_account(guard, acting_user=local),
        lambda: reopen_account(guard, acting_user=local),
        lambda: identify(guard, number(), acting_user=local),
    ):
        with pytest.raises(NotPermittedError):
            act()
    assert factors.has_one(guard) and guard.check_password("correct horse 42")
    close_account(clerk, acting_user=local)  # his own station's is his to close


def test_another_s_password_is_set_by_two_once_and_within_a_day(
    security, leader, clerk, station, person_in, city
):
    """Whoever could do it alone would come in as a clerk and see what an officer must not."""
    system, other = person_in("sun", "system", city), person_in("sun2", "system", city)

    def set_by(officer):
        set_password(user=clerk, password="a quite new one 7", acting_user=officer)

    def agreed():
        change = role_changes.propose(
            act="password", user=clerk, unit=station, reason="忘了口令", acting_user=system
        )
        assert code_of(lambda: set_by(system)) == "needs-two"
        assert code_of(lambda: role_changes.approve(change, acting_user=clerk)) == "not-permitted"
        role_changes.approve(change, acting_user=leader)
        return change

    assert code_of(lambda: set_by(system)) == "needs-two"
    change = agreed()
    assert code_of(lambda: set_by(other)) == "needs-two"  # it was given to the one who asked
    set_by(system)
    assert clerk.check_password("a quite new one 7") and passwords.is_due(clerk)
    change.refresh_from_db()
    assert change.state == "used" and code_of(lambda: set_by(system)) == "needs-two"
    late = agreed()
    RoleChange.objects.filter(pk=late.pk).update(decided_at=timezone.now() - timedelta(hours=25))
    assert code_of(lambda: set_by(system)) == "needs-two"
    allowed = Entry.objects.filter(event="user:allow-password", subject_id=str(clerk.pk))
    assert [entry.actor for entry in allowed] == [str(leader.pk)] * 2


@pytest.mark.skipif(connection.vendor == "sqlite", reason="its test database is one connection")
@pytest.mark.django_db(transaction=True)
def test_n19_of_many_approvals_at_once_one_counts(security, person_in, clerk, station, city):
    leaders = [person_in(f"lu{n}", "leader", city) for n in range(8)]
    change = asked(security, clerk, station)
    outcomes = []

    def decide(leader):
        try:
            role_changes.approve(RoleChange.objects.get(pk=change.pk), acting_user=leader)
            outcomes.append("approved")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(leader,)) for leader in leaders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", *["change-decided"] * 7]
    assert Entry.objects.filter(event="role:assign", subject_id=str(clerk.pk)).count() == 2
