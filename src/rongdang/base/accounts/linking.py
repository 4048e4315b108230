"""Accounts whose password another service keeps: which one a proof from there opens.

An account with a password of its own is opened by nobody else's word, so that whoever runs the
directory or the provider cannot become an officer who has one. The provider's own lasting number of
the person is noted at the first login; from then on the number decides, not the name.
"""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record


@transaction.atomic
def account_of(provider: str, number: str, name: str) -> User:
    """The account this person opens; raises DomainError when there is none."""
    link = SocialAccount.objects.filter(provider=provider, uid=number).first()
    if link is not None:
        return _open(User.objects.filter(pk=link.user_id).first())
    user = _open(outside_account(name))
    if SocialAccount.objects.filter(provider=provider, user=user).exists():
        raise _refused()
    SocialAccount.objects.create(provider=provider, uid=number, user=user)
    record("user:link", actor=None, subject=user, detail={"provider": provider})
    return user


def outside_account(name: str) -> User | None:
    """The account of that name, if its password is kept elsewhere."""
    user = User.objects.filter(username=name, is_active=True).first() if name else None
    return None if user is None or user.has_usable_password() else user


def _open(user: User | None) -> User:
    if user is None or not user.is_active or user.has_usable_password():
        raise _refused()
    return user


def _refused() -> DomainError:
    return DomainError(
        "统一身份认证通过了，但本系统没有对应的账号，没有登录。",
        "The identity provider knows you, but there is no account here that belongs to you.",
        hint_zh="请本单位系统管理员按统一身份的用户名建账号（不设口令）。",
        hint_en="Ask the system officer to make an account of the same name without a password.",
        code="no-account",
        status=403,
    )
