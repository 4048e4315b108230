"""The mark that a reader's page bears: his name, the moment, the reason he is bound to."""

from __future__ import annotations

from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.pagemark import Mark
from rongdang.base.vocab.purposes import reasons
from rongdang.describe.access.predicate import Purpose


def mark_for(user: User, purpose: Purpose) -> Mark:
    """Who looks or takes away, now, and for what."""
    who = f"{user.display_name} {user.username}".strip()
    return Mark(who, timezone.localtime(), words_of(purpose))


def words_of(purpose: Purpose) -> str:
    """The reason in the words of the closed list."""
    entry = reasons().get(purpose.code)
    return entry.name if entry else {"register": "检索"}.get(purpose.code, purpose.code)
