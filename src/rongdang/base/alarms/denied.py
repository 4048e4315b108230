"""Access that was refused: who asked for what, on the ledger; asking again and again is an alarm.

What exists but is not for the asker and what does not exist are noted alike, with the same work, so
that neither the answer nor its time tells them apart (security.md, N09; ASVS 5.0 16.3.2).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.services import record

UNSEEN = "access:refuse"  # not there for him: what counts towards the alarm
FORBIDDEN = "right:refuse"  # known to him, but the act is not his
RULE = Path(__file__).parent / "data" / "denied.json"
LOOKED_BACK = 400  # a person's latest entries; more than he makes in the minutes of the rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """So many different things refused to one person in so many minutes is a pattern."""

    things: int
    minutes: int


@cache
def rule() -> Rule:
    body: dict[str, Any] = json.loads(RULE.read_text(encoding="utf-8"))
    return Rule(things=body["things"], minutes=body["minutes"])


@transaction.atomic
def note_forbidden(user: User, *, act: str, code: str) -> None:
    """An act that is not this person's; `act` is its address, `code` the refusal he was given."""
    record(
        FORBIDDEN, actor=user, subject_kind="web.act", subject_id=act[:64], detail={"code": code}
    )


@transaction.atomic
def note_unseen(user: User, *, kind: str, key: str) -> None:
    """Put one refusal on the ledger, and before the officers once there are too many.

    `kind` and `key` name what was asked for. Called outside the transaction of the act, which is
    undone by then.
    """
    record(UNSEEN, actor=user, subject_kind=kind[:64], subject_id=key[:64])
    since = timezone.now() - timedelta(minutes=rule().minutes)
    latest = Entry.objects.filter(actor=str(user.pk)).order_by("-seq")
    told = latest.values_list("event", "at", "subject_kind", "subject_id")[:LOOKED_BACK]
    things = {one[2:] for one in told if one[0] == UNSEEN and one[1] > since}
    if len(things) >= rule().things and not _waits(user):
        detail = {"things": len(things), "minutes": rule().minutes}
        raise_alarm(kind="denied-often", about=user, detail=detail)


def _waits(user: User) -> bool:
    """It is before them already; each further refusal is on the ledger, not one more alarm."""
    return Alarm.objects.waiting().filter(kind="denied-often", about=user).exists()
