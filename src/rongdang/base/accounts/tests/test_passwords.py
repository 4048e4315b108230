"""Two policies of passwords, and when one is due."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone

from rongdang.base.accounts import passwords
from rongdang.base.accounts.services import create_user, set_password
from rongdang.base.errors import DomainError


def accepted(user, password):
    try:
        set_password(user=user, password=password, acting_user=user)
    except DomainError as error:
        assert error.code == "weak-password" and error.hint_zh and error.hint_en
        return False
    return True


def test_800_63b_asks_for_length_and_nothing_common(clerk, settings):
    settings.PASSWORD_POLICY = "800-63b"
    assert accepted(clerk, "waterfall by night")
    assert not accepted(clerk, "short one")
    assert not accepted(clerk, "password1234")
    clerk.password_at = timezone.now() - timedelta(days=5000)
    assert not passwords.is_due(clerk)


def test_gbt22239_asks_for_a_mixture_and_a_change_every_ninety_days(clerk, settings):
    settings.PASSWORD_POLICY = "gbt22239"
    assert not accepted(clerk, "waterfallbynight")
    assert not accepted(clerk, "waterfallbynight7")
    assert accepted(clerk, "Waterfall by night")
    assert not passwords.is_due(clerk)
    clerk.password_at = timezone.now() - timedelta(days=91)
    assert passwords.is_due(clerk)


def test_gbt22239_refuses_the_last_five(clerk, settings):
    settings.PASSWORD_POLICY = "gbt22239"
    first = "Waterfall by night 1"
    assert accepted(clerk, first)
    for number in range(2, 6):
        assert not accepted(clerk, first)
        assert accepted(clerk, f"Waterfall by night {number}")
    assert accepted(clerk, "Waterfall by night 6") and accepted(clerk, first)


def test_an_installation_keeps_passwords_by_argon2id():
    """Tests use a quick hash; what an installation uses is what its settings say."""
    from rongdang.config import settings as installed

    assert installed.PASSWORD_HASHERS[0].endswith(".Argon2PasswordHasher")
    kept = Argon2PasswordHasher().encode("waterfall by night", "a salt of some length")
    assert kept.startswith("argon2$argon2id$") and "waterfall" not in kept


def test_a_password_somebody_else_has_set_is_due(clerk, person_in, city, reset_password):
    officer = person_in("sun", "system", city)
    reset_password(clerk, "waterfall by night", officer)
    assert passwords.is_due(clerk)
    set_password(user=clerk, password="another fall by night", acting_user=clerk)
    assert not passwords.is_due(clerk)
    made = create_user(
        username="new", display_name="新", password="waterfall by night", acting_user=officer
    )
    assert passwords.is_due(made)


def test_an_account_without_password_only_where_another_service_keeps_it(person_in, city, settings):
    officer = person_in("sun", "system", city)

    def make():
        return create_user(username="new", display_name="新", password=None, acting_user=officer)

    with pytest.raises(DomainError) as refused:
        make()
    assert refused.value.code == "no-password"
    settings.SIGN_IN_ELSEWHERE = True
    made = make()
    assert not made.has_usable_password() and not passwords.is_due(made)
