"""Accounts whose password another service keeps: does that service still know the person?

A login asks it anyway. A token of the API goes on without a login, so it is asked for here: closing
the account there ends the token here. A directory is asked each time (whom its filter finds, it
knows); a provider cannot be asked behind the person's back, so its word at a login lasts some hours.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import detail_of


def is_gone(user: User) -> bool:
    """Does every service that could open this account say no? Never, of one with its own password.

    Raises DomainError when no service says no, but none can be asked: nothing is opened meanwhile.
    """
    if user.has_usable_password():
        return False
    if settings.LDAP:
        from rongdang.base.accounts import directory

        if directory.holds(user.username):
            return False
    if not settings.OIDC:
        return True
    if not _came_by_provider(user):
        raise DomainError(
            f"本人 {settings.PROVIDER_HOURS} 小时内没有用统一身份登录过，令牌先不能用，什么都没有办。",
            f"Its owner has not come in by the identity provider for {settings.PROVIDER_HOURS} hours; "
            "the token opens nothing meanwhile, and nothing was done.",
            hint_zh="请本人用统一身份登录一次；那边停用了的，令牌就此作废。",
            hint_en="Its owner signs in once by the provider; where that account is closed, the token is over.",
            code="owner-not-vouched",
            status=401,
        )
    return False


def _came_by_provider(user: User) -> bool:
    since = timezone.now() - dt.timedelta(hours=settings.PROVIDER_HOURS)
    entries = Entry.objects.filter(
        subject_kind=User._meta.label_lower,
        subject_id=str(user.pk),
        event="session:open",
        at__gt=since,
    )
    return any("provider" in detail_of(entry).get("by", ()) for entry in entries)
