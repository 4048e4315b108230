"""Rules of passwords, by one of two policies of the settings (RONGDANG_PASSWORDS).

`800-63b` (NIST SP 800-63B-4, 3.1.1.2): length and a list of common ones, no mixture, no date on
which a password is over. `gbt22239` (GB/T 22239-2019, 8.1.4.1 as assessed at level 3): a mixture of
characters, a change every 90 days, none of the last five again.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext

from rongdang.base.accounts.models import FormerPassword, User
from rongdang.base.errors import DomainError

KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a password must be, and how long it lasts (0: for good)."""

    least: int
    kinds: int  # of lower case, upper case, digits, others
    days: int
    former: int


POLICIES = {"800-63b": Policy(12, 0, 0, 0), "gbt22239": Policy(12, 3, 90, 5)}


def policy() -> Policy:
    return POLICIES[settings.PASSWORD_POLICY]


def choose(user: User, password: str) -> None:
    """Put the hash into `user` (not saved); raises DomainError naming what is wrong."""
    try:
        validate_password(password, user)
        _check_mixture(password)
        _check_former(user, password)
    except ValidationError as error:
        said = " ".join(str(message) for message in error.messages)
        raise DomainError(
            f"口令不合要求：{said} 没有改动。",
            f"The password does not fit the rules: {said} Nothing changed.",
            hint_zh="至少 12 个字符，不用常见的词，不含账号名。",
            hint_en="At least 12 characters, no common words, not like the account name.",
            code="weak-password",
            status=422,
        ) from error
    if policy().former and user.password and not user._state.adding:  # noqa: SLF001  # documented
        FormerPassword.objects.create(user=user, password=user.password, at=timezone.now())
    user.set_password(password)


def is_due(user: User) -> bool:
    """Must the owner choose another before he goes on? Yes for one that somebody else has set."""
    if not user.has_usable_password():
        return False
    if user.password_at is None:
        return True
    days = policy().days
    return bool(days) and user.password_at < timezone.now() - timedelta(days=days)


def _check_mixture(password: str) -> None:
    used = sum(any(one in kind for one in password) for kind in KINDS)
    used += any(one not in "".join(KINDS) for one in password)
    if used < policy().kinds:
        raise ValidationError(gettext("大写、小写、数字、其他字符里至少要有三种。"))


def _check_former(user: User, password: str) -> None:
    """The present one and the last few do not come again."""
    count = policy().former
    if not count or user._state.adding:  # noqa: SLF001
        return
    rows = FormerPassword.objects.filter(user=user).order_by("-at")
    former = [user.password, *rows.values_list("password", flat=True)[: count - 1]]
    if any(check_password(password, one) for one in former):
        raise ValidationError(gettext("最近用过的口令不能再用。"))
