"""Logging in and out, on the ledger: who, from where, and every refusal."""

from __future__ import annotations

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.ledger.services import record


@transaction.atomic
def note_login(user: User, *, address: str) -> None:
    """An account was opened with its password."""
    record("session:open", actor=user, subject=user, detail={"address": address})


@transaction.atomic
def note_logout(user: User) -> None:
    record("session:close", actor=user, subject=user)


@transaction.atomic
def note_refusal(username: str, *, address: str, locked: bool) -> None:
    """A wrong name or password, or a locked account.

    What was typed is kept only when it names an account of ours: it may have been a password.
    """
    record(
        "session:lock" if locked else "session:refuse",
        actor=None,
        subject=User.objects.filter(username=username).first(),
        subject_kind="accounts.user",
        detail={"address": address},
    )
