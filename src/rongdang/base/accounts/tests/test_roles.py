import pytest
from django.db import IntegrityError, transaction

from rongdang.base.accounts.models import RoleAssignment
from rongdang.base.accounts.roles import LEVELS, OFFICERS, TABLE, Permission
from rongdang.base.accounts.services import assign_role, create_user
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


def test_nobody_gives_himself_a_role(person_in, city):
    officer = person_in("an", "security", city)
    with pytest.raises(DomainError) as refused:
        assign_role(user=officer, role="clerk", unit=city, acting_user=officer)
    assert refused.value.code == "own-role"


def test_a_clerk_makes_no_account(clerk):
    with pytest.raises(NotPermittedError):
        create_user(username="x", display_name="x", password="correct horse 42", acting_user=clerk)


def test_a_closed_account_holds_nothing(clerk, station):
    clerk.is_active = False
    clerk.__dict__.pop("held", None)
    assert not clerk.may(Permission.CASEFILE_SEE, station.path)


def test_every_role_given_is_on_the_ledger(clerk):
    assert Entry.objects.filter(event="role:assign", subject_id=str(clerk.pk)).count() == 1
