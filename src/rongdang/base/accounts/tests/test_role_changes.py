"""A change of roles is asked by one person and decided by another, neither of them the one concerned."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from rongdang.base.accounts import factors, role_changes
from rongdang.base.accounts.models import RoleChange
from rongdang.base.accounts.roles import Permission
from rongdang.base.accounts.services import create_user, identify
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


def asked(security, user, unit, role="reviewer", act="assign"):
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
    twin = create_user(
        username="an-b", display_name="安", password="correct horse 42", acting_user=None
    )
    for account in (security, twin):
        identify(account, number(), acting_user=system)
    assert twin.is_same_person(security)
    # The fence lets no second role come about for a twin, so the right itself is lent for this test.
    twin.may = lambda *_args: True
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
    assert code_of(lambda: asked(security, newcomer, city, role="audit")) == "person-unknown"
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
