"""Sealing how an account is opened: whoever changes password, factors, person or state calls it last."""

from __future__ import annotations

from rongdang.base.accounts import seals
from rongdang.base.accounts.models import User


def settle(user: User) -> None:
    """Seal what the account's row and its second factors say now."""
    now = User.objects.select_for_update().get(pk=user.pk)
    now.entry_seal = user.entry_seal = seals.seal_entry(now, now.factors())
    now.save(update_fields=["entry_seal"])


def intact(user: User) -> bool:
    """Is the account opened as the services left it?"""
    return seals.entry_holds(user, user.factors())
