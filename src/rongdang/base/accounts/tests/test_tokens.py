"""Access tokens: its owner's alone, shown once, ending, and worth nothing once anything does not fit."""

import datetime as dt

import pytest
from django.utils import timezone

from rongdang.base.accounts import factors, role_changes, services, tokens
from rongdang.base.accounts.models import AccessToken, Refusal, RoleAssignment, User
from rongdang.base.accounts.tokens import TokenError
from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import detail_of

pytestmark = pytest.mark.django_db
HERE = "192.0.2.7"


def made(user, *scopes, days=30):
    return tokens.make(user, name="日报", scopes=scopes or ("people",), days=days, acting_user=user)


def opens(shown):
    try:
        return tokens.owner_of(shown, address=HERE)[0]
    except TokenError:
        return None


def test_it_opens_for_its_owner_and_its_secret_is_kept_nowhere(clerk):
    token, shown = made(clerk)
    assert opens(shown) == clerk
    secret = shown.split("_", 2)[2]
    row = AccessToken.objects.filter(pk=token.pk).values().get()
    assert secret not in str(row) and len(row["digest"]) == 64
    told = Entry.objects.get(event="token:make")
    assert detail_of(told)["scopes"] == ["people"] and secret not in str(detail_of(told))


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [("", ["people"], 7), ("日报", [], 7), ("日报", ["everything"], 7), ("日报", ["people"], 0)],
)
def test_one_without_name_use_or_end_is_not_made(clerk, name, scopes, days):
    with pytest.raises(DomainError) as refused:
        tokens.make(clerk, name=name, scopes=scopes, days=days, acting_user=clerk)
    assert refused.value.code == "token-incomplete" and not AccessToken.objects.exists()


def test_it_has_an_end_within_the_year_and_ten_are_enough(clerk):
    with pytest.raises(DomainError):
        made(clerk, days=tokens.LONGEST_DAYS + 1)
    for _each in range(tokens.MOST):
        made(clerk)
    with pytest.raises(DomainError) as refused:
        made(clerk)
    assert refused.value.code == "too-many-tokens"


def test_nobody_makes_or_withdraws_another_s(clerk, reviewer):
    token, shown = made(clerk)
    with pytest.raises(DomainError):
        tokens.make(clerk, name="日报", scopes=["people"], days=1, acting_user=reviewer)
    with pytest.raises(DomainError):
        tokens.withdraw(token, acting_user=reviewer)
    assert opens(shown) == clerk


def test_a_name_that_bears_a_mark_of_state_secrets_is_stopped(clerk):
    with pytest.raises(DomainError) as refused:
        tokens.make(clerk, name="机密★三年", scopes=["people"], days=1, acting_user=clerk)
    assert refused.value.code == "secret-mark"


def test_withdrawn_it_opens_nothing_and_is_not_brought_back_by_hand(clerk):
    token, shown = made(clerk)
    tokens.withdraw(token, acting_user=clerk)
    assert opens(shown) is None
    AccessToken.objects.filter(pk=token.pk).update(withdrawn_at=None)
    assert opens(shown) is None
    assert Entry.objects.filter(event="token:withdraw").count() == 1


def test_at_the_very_second_of_its_end_it_is_over(clerk):
    token, shown = made(clerk)
    AccessToken.objects.filter(pk=token.pk).update(until=timezone.now())
    assert opens(shown) is None


@pytest.mark.parametrize("change", ["owner", "scopes", "end"])
def test_a_row_changed_in_the_database_fits_no_secret(clerk, reviewer, change):
    token, shown = made(clerk)
    altered = {
        "owner": {"user": reviewer},
        "scopes": {"scopes": ["files", "people"]},
        "end": {"until": token.until + dt.timedelta(days=300)},
    }
    AccessToken.objects.filter(pk=token.pk).update(**altered[change])
    assert opens(shown) is None


@pytest.mark.parametrize("what", ["password", "closed", "closed and opened"])
def test_a_new_password_or_a_closed_account_ends_them_for_good(
    clerk, city, person_in, reset_password, what
):
    _token, shown = made(clerk)
    officer = person_in("sun", "system", city)
    person_in("sun-2", "system", city)
    if what == "password":
        reset_password(clerk, "another horse 43", officer)
    else:
        services.close_account(clerk, acting_user=officer)
    if what == "closed and opened":
        services.reopen_account(User.objects.get(pk=clerk.pk), acting_user=officer)
    assert opens(shown) is None


@pytest.mark.parametrize("change", ["entry", "role"])
def test_an_account_changed_behind_the_system_opens_nothing_and_is_an_alarm(clerk, city, change):
    _token, shown = made(clerk)
    if change == "entry":
        User.objects.filter(pk=clerk.pk).update(person="x" * 64)
    else:
        RoleAssignment.objects.filter(user=clerk).update(unit=city)
    with pytest.raises(DomainError) as refused:
        opens(shown)
    assert refused.value.code == "role-forged"
    assert Alarm.objects.get().kind == "role-forged"


def test_a_second_factor_that_is_reset_ends_them(clerk, city, person_in):
    _token, shown = made(clerk)
    officer = person_in("wu", "security", city)
    factors.reset(clerk, actor=officer, how={"why": "丢了手机"})
    assert opens(shown) is None


def test_a_role_that_is_taken_away_ends_them_and_one_that_is_given_does_not(
    clerk, city, station, person_in
):
    assign = services.assign_role
    assign(user=clerk, role="reviewer", unit=station, acting_user=None)
    _token, shown = made(clerk)
    assign(user=clerk, role="clerk", unit=city, acting_user=None)
    assert opens(shown) == clerk
    change = role_changes.propose(
        act="withdraw",
        user=clerk,
        role="reviewer",
        unit=station,
        reason="调走",
        acting_user=person_in("an", "security", city),
    )
    assert opens(shown) == clerk  # asked for is not decided
    role_changes.approve(change, acting_user=person_in("lu", "leader", city))
    assert opens(shown) is None and clerk.held  # what is left of the roles makes no difference
    assert Entry.objects.filter(event="token:withdraw").count() == 1


def test_wrong_ones_shut_the_address_not_the_account(clerk, settings):
    settings.LOCK_ADDRESS = 4
    _token, shown = made(clerk)
    for number in range(4):
        assert opens(f"rdt_{number}") is None
    with pytest.raises(DomainError) as refused:
        tokens.owner_of(shown, address=HERE)
    assert refused.value.code == "locked" and refused.value.status == 429
    assert tokens.owner_of(shown, address="192.0.2.8")[0] == clerk
    assert "rdt_" not in "".join(Refusal.objects.values_list("name", flat=True))


def test_while_the_account_is_locked_its_tokens_wait(clerk, settings):
    from rongdang.base.accounts import sessions

    settings.LOCK_ACCOUNT = 3
    _token, shown = made(clerk)
    for number in range(3):
        sessions.refuse(clerk.username, address=f"192.0.2.{number + 20}")
    with pytest.raises(DomainError) as refused:
        opens(shown)
    assert refused.value.code == "locked"


def test_its_use_is_on_the_ledger_once_a_while_and_from_each_address(clerk):
    token, shown = made(clerk)
    uses = Entry.objects.filter(event="token:use", subject_id=str(token.pk))
    for _again in range(3):
        opens(shown)
    assert uses.count() == 1
    tokens.owner_of(shown, address="192.0.2.99")
    assert uses.count() == 2
    late = timezone.now() - dt.timedelta(minutes=tokens.NOTED_MINUTES + 1)
    AccessToken.objects.filter(pk=token.pk).update(used_at=late)
    tokens.owner_of(shown, address="192.0.2.99")
    assert uses.count() == 3
