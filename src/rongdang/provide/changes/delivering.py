"""Sending what changed to those who subscribed: signed, in order, again and again until it is taken.

A delivery that was taken but whose answer was lost comes twice: `seq` tells that it is the same.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
import uuid

from django.db import transaction
from django.utils import timezone

from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import DomainError
from rongdang.base.hosts import http
from rongdang.base.ledger.queries import size
from rongdang.base.ledger.services import record
from rongdang.provide.changes.models import Subscription, SubscriptionState
from rongdang.provide.changes.reading import Told, changes_since
from rongdang.provide.changes.telling import as_told

TOGETHER = 100  # entries in one delivery
AT_ONCE = 50  # deliveries to one subscriber before the next has its turn
LEASE = dt.timedelta(minutes=5)  # a killed sender's subscriber is taken up by another after this
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=30), dt.timedelta(hours=1)
ALARM_AFTER = dt.timedelta(hours=24)
SIGNATURE = "Rongdang-Signature"


def send_due(together: int = TOGETHER) -> int:
    """Send to every subscriber who is behind, so many entries in one delivery; how many were taken."""
    end = size()
    waiting = Subscription.objects.due().filter(after__lt=end).values_list("pk", flat=True)
    return sum(_send_all(pk, together) for pk in list(waiting))


def signature(secret: str, moment: int, body: bytes) -> str:
    """What stands in the header: when, and HMAC-SHA256 of "when.body" under the secret."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, "sha256").hexdigest()
    return f"t={moment},v1={digest}"


def _send_all(pk: uuid.UUID, together: int) -> int:
    """Deliveries taken by this subscriber; 0 when another sender has him in hand."""
    until = timezone.now() + LEASE
    if not Subscription.objects.due().filter(pk=pk).update(lease_until=until):
        return 0
    held = Subscription.objects.select_related("owner").get(pk=pk)
    taken = 0
    try:
        while taken < AT_ONCE and _send_next(held, together):
            taken += 1
    finally:
        Subscription.objects.filter(pk=pk, lease_until=until).update(lease_until=None)
    return taken


def _send_next(held: Subscription, together: int) -> bool:
    """One delivery; False when nothing is left, it was not taken, or the owner may not go on."""
    if not held.owner.is_active:
        _stop(held)
        return False
    told = changes_since(held.owner, held.after, most=together)
    while not told.changes and told.more:
        told = changes_since(held.owner, told.after, most=together)
    if not told.changes:
        Subscription.objects.filter(pk=held.pk).update(after=told.after)
        return False
    trouble = _post(held, told)
    if trouble:
        _failed(held, trouble)
        return False
    _taken(held, told)
    return True


def _post(held: Subscription, told: Told) -> str:
    """Why it was not taken; "" when it was."""
    content = {"subscription": str(held.pk), **as_told(told)}
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        SIGNATURE: signature(held.secret, int(timezone.now().timestamp()), body),
    }
    try:
        answer = http.send("POST", held.url, body=body, headers=headers)
    except DomainError as error:
        return error.zh
    return "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"


@transaction.atomic
def _taken(held: Subscription, told: Told) -> None:
    held.after, held.sent_at, held.tries = told.after, timezone.now(), 0
    held.failing_since, held.trouble = None, ""
    held.save(update_fields=["after", "sent_at", "tries", "failing_since", "trouble"])
    detail = {"changes": len(told.changes), "after": told.after}
    record("subscription:send", actor=held.owner, subject=held, detail=detail)


@transaction.atomic
def _failed(held: Subscription, trouble: str) -> None:
    """Its place stays; each pause is twice as long, and after a day the officers are told."""
    now = timezone.now()
    held.tries += 1
    held.trouble, held.failing_since = trouble[:200], held.failing_since or now
    held.next_at = now + min(FIRST_PAUSE * 2 ** min(held.tries - 1, 12), LONGEST_PAUSE)
    held.save(update_fields=["tries", "trouble", "failing_since", "next_at"])
    if held.tries == 1:
        record("subscription:fail", actor=None, subject=held, detail={"why": held.trouble})
    if now - held.failing_since >= ALARM_AFTER:
        raise_alarm(kind="subscriber-silent", about=held.owner, subject=held)


@transaction.atomic
def _stop(held: Subscription) -> None:
    """The account was closed: nothing more is sent in its name; the place is kept."""
    held.state = SubscriptionState.PAUSED
    held.save(update_fields=["state"])
    record("subscription:pause", actor=None, subject=held)
