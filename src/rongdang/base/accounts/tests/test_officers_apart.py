"""N18: one person is never two officers, on whichever of six paths it is tried. N20: the last one stays."""

import json
import threading

import pytest
from django.core import serializers
from django.db import IntegrityError, connection, transaction

from rongdang.base.accounts import role_changes
from rongdang.base.accounts.models import RoleAssignment
from rongdang.base.accounts.services import (
    assign_role,
    close_account,
    create_user,
    identify,
)
from rongdang.base.errors import DomainError


def number(area="990101", birth="19491231", order="002"):
    from rongdang.base.vocab.ids import check_digit

    return area + birth + order + check_digit(area + birth + order)


@pytest.fixture
def two_accounts(person_in, city):
    """One person with a system officer's account and another that holds nothing."""
    officer = person_in("sun", "system", city)
    other = create_user(
        username="sun-b", display_name="孙", password="correct horse 42", acting_user=None
    )
    system = person_in("sun2", "system", city)
    for account in (officer, other):
        identify(account, number(), acting_user=system)
    return officer, other


def refused_by_database(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


@pytest.mark.parametrize("role", ["audit", "security", "clerk"])
def test_n18_an_officer_gets_no_second_role_by_service_orm_import_fixture_or_sql(
    two_accounts, city, role
):
    for account in two_accounts:
        with pytest.raises(DomainError) as refused:
            assign_role(user=account, role=role, unit=city, acting_user=None)
        assert refused.value.code == "officers-apart"
        row = RoleAssignment(user=account, role=role, unit=city)
        refused_by_database(row.save)
        refused_by_database(lambda: RoleAssignment.objects.bulk_create([row]))
        told = json.dumps(json.loads(serializers.serialize("json", [row])))
        refused_by_database(lambda: [one.save() for one in serializers.deserialize("json", told)])
        refused_by_database(lambda: by_sql(row))


def by_sql(row):
    fields = RoleAssignment._meta.fields
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    names = ", ".join(field.column for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO accounts_roleassignment ({names}) VALUES ({marks})", values)


def test_n18_a_role_is_not_moved_to_an_officer_nor_turned_into_an_officer_s(person_in, city):
    officer, clerk = person_in("sun", "system", city), person_in("zhou", "clerk", city)
    second = RoleAssignment.objects.filter(user=clerk)
    refused_by_database(lambda: second.update(user=officer))
    assign_role(user=clerk, role="reviewer", unit=city, acting_user=None)
    refused_by_database(lambda: second.filter(role="clerk").update(role="audit"))


def test_n18_two_officers_are_not_said_to_be_one_person_afterwards(person_in, city):
    system, audit = person_in("sun", "system", city), person_in("shen", "audit", city)
    identify(audit, number(), acting_user=system)
    other = person_in("sun2", "system", city)
    with pytest.raises(DomainError) as refused:
        identify(other, number(), acting_user=system)
    assert refused.value.code == "officers-apart"
    audit.refresh_from_db()
    other.person = audit.person
    refused_by_database(other.save)


def test_n18_there_is_no_group_and_no_delegation_to_come_by_a_role(person_in, city):
    officer = person_in("sun", "system", city)
    for name in ("groups", "user_permissions", "is_superuser", "is_staff"):
        assert not hasattr(officer, name)


def test_an_account_is_said_to_be_of_a_person_once_and_only_of_a_real_number(person_in, city):
    officer, clerk = person_in("sun", "system", city), person_in("zhou", "clerk", city)
    with pytest.raises(DomainError) as refused:
        identify(clerk, "110105194912310021", acting_user=officer)
    assert refused.value.code == "id-number"
    identify(clerk, number(), acting_user=officer)
    assert number() not in clerk.person and len(clerk.person) == 64
    with pytest.raises(DomainError) as refused:
        identify(clerk, number(order="004"), acting_user=officer)
    assert refused.value.code == "person-known"


def test_n20_the_last_officer_is_neither_removed_nor_closed(person_in, city):
    last, system = person_in("an", "security", city), person_in("sun", "system", city)
    with pytest.raises(DomainError) as refused:
        close_account(last, acting_user=system)
    assert refused.value.code == "last-officer" and "recover" in refused.value.hint_en
    second = person_in("an2", "security", city)
    leader = person_in("lu", "leader", city)
    change = role_changes.propose(
        act="withdraw", user=last, role="security", unit=city, reason="退休", acting_user=second
    )
    role_changes.approve(change, acting_user=leader)
    with pytest.raises(DomainError):
        close_account(second, acting_user=system)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="its test database is one connection")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["close", "withdraw"])
def test_n20_of_two_officers_removed_by_each_other_at_once_one_stays(person_in, city, way):
    pair = [person_in(name, "system", city) for name in ("sun", "sun2")]
    guard, leader = person_in("an", "security", city), person_in("lu", "leader", city)
    told = {"act": "withdraw", "role": "system", "unit": city, "reason": "轮岗"}
    changes = [role_changes.propose(**told, user=one, acting_user=guard) for one in pair]
    gate, outcomes = threading.Barrier(2), []

    def act(mine):
        try:
            gate.wait(60)
            if way == "close":
                close_account(pair[1 - mine], acting_user=pair[mine])
            else:
                role_changes.approve(changes[mine], acting_user=leader)
            outcomes.append("gone")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(mine,)) for mine in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["gone", "last-officer"]
    able = RoleAssignment.objects.filter(role="system", user__is_active=True)
    assert able.count() == 1


def test_a_closed_colleague_does_not_make_an_officer_removable(person_in, city):
    first, second = person_in("an", "security", city), person_in("an2", "security", city)
    system = person_in("sun", "system", city)
    close_account(first, acting_user=system)
    with pytest.raises(DomainError) as refused:
        close_account(second, acting_user=system)
    assert refused.value.code == "last-officer"
