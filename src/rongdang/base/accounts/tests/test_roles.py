import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from rongdang.base.accounts.models import RoleAssignment, User
from rongdang.base.accounts.roles import LEVELS, OFFICERS, TABLE, Permission
from rongdang.base.accounts.services import (
    assign_role,
    close_account,
    create_user,
    reopen_account,
    set_password,
)
from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry


def test_a_right_reaches_the_unit_and_all_below_but_not_beside(person_in, city, station, elsewhere):
    head = person_in("head", "clerk", city)
    assert head.may(Permission.BATCH_UPLOAD, station.path)
    clerk = person_in("zhou", "clerk", station)
    assert clerk.may(Permission.BATCH_UPLOAD, station.path)
    assert not clerk.may(Permission.BATCH_UPLOAD, elsewhere.path)
    assert not clerk.may(Permission.BATCH_UPLOAD, city.path)


def test_the_three_officers_hold_no_right_over_content():
    content = {
        Permission.CASEFILE_SEE,
        Permission.BATCH_SEE,
        Permission.MATERIAL_REVIEW,
        Permission.PERSON_EXPORT,
    }
    for role in OFFICERS:
        assert not TABLE[role] & content and role not in LEVELS


def test_one_officer_cannot_hold_another_role(person_in, city):
    officer = person_in("sun", "system", city)
    with pytest.raises(DomainError) as refused:
        assign_role(user=officer, role="clerk", unit=city, acting_user=None)
    assert (
        refused.value.code == "officers-apart"
        and "三个人" in refused.value.zh
        and "three people" in refused.value.en
    )


def test_the_database_itself_refuses_a_second_officer_role(person_in, city):
    officer = person_in("sun", "system", city)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.create(user=officer, role="audit", unit=city)


def test_a_clerk_makes_no_account(clerk):
    with pytest.raises(NotPermittedError):
        create_user(username="x", display_name="x", password="correct horse 42", acting_user=clerk)


def test_a_closed_account_holds_nothing(clerk, station):
    clerk.is_active = False
    clerk.__dict__.pop("held", None)
    assert not clerk.may(Permission.CASEFILE_SEE, station.path)


def test_every_role_given_is_on_the_ledger(clerk):
    assert Entry.objects.filter(event="role:assign", subject_id=str(clerk.pk)).count() == 1


def test_no_single_person_gives_a_role(person_in, station, clerk):
    officer = person_in("an", "security", station)
    with pytest.raises(DomainError) as refused:
        assign_role(user=clerk, role="reviewer", unit=station, acting_user=officer)
    assert refused.value.code == "needs-two"


def test_a_role_of_the_installation_itself_says_so_on_the_ledger(clerk):
    entry = Entry.objects.get(event="role:assign", subject_id=str(clerk.pk))
    assert entry.actor is None and b'"founding"' in bytes(entry.side.body)


def test_nobody_is_made_a_superuser(db):
    with pytest.raises(DomainError) as refused:
        call_command("createsuperuser", username="root", interactive=False)
    assert refused.value.code == "no-superuser" and not User.objects.exists()


@pytest.mark.parametrize("password", ["short", "password1234"])
def test_a_weak_password_is_refused_in_words(person_in, city, clerk, reset_password, password):
    officer = person_in("sun", "system", city)
    with pytest.raises(DomainError) as refused:
        reset_password(clerk, password, officer)
    assert refused.value.code == "weak-password" and refused.value.hint_zh and refused.value.hint_en
    clerk.refresh_from_db()
    assert clerk.check_password("correct horse 42")


def test_one_changes_one_s_own_password_and_no_other(clerk, reviewer):
    set_password(user=clerk, password="a quite new one 7", acting_user=clerk)
    with pytest.raises(NotPermittedError):
        set_password(user=reviewer, password="a quite new one 7", acting_user=clerk)
    assert Entry.objects.filter(event="user:set-password").count() == 1


def test_an_account_is_closed_and_opened_by_the_system_officer_and_not_by_its_owner(
    person_in, city, clerk
):
    officer = person_in("sun", "system", city)
    person_in("sun2", "system", city)
    close_account(clerk, acting_user=officer)
    clerk.refresh_from_db()
    assert not clerk.is_active
    reopen_account(clerk, acting_user=officer)
    assert Entry.objects.filter(event__in=["user:close", "user:reopen"]).count() == 2
    with pytest.raises(DomainError):
        close_account(officer, acting_user=officer)
    with pytest.raises(NotPermittedError):
        close_account(officer, acting_user=clerk)


@pytest.mark.parametrize("names", [("", "周敏"), ("zhou2", " ")])
def test_an_account_needs_both_names(person_in, city, names):
    officer = person_in("sun", "system", city)
    with pytest.raises(DomainError) as refused:
        create_user(
            username=names[0],
            display_name=names[1],
            password="correct horse 42",
            acting_user=officer,
        )
    assert refused.value.status == 422
