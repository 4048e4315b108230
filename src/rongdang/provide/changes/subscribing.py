"""Making, pausing, resuming and ending a subscription: its owner's own acts."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.hosts import http
from rongdang.base.hosts.services import address_of
from rongdang.base.ledger.queries import size
from rongdang.base.ledger.services import record
from rongdang.provide.changes.models import Subscription, SubscriptionState

MOST = 10  # of one owner
LONGEST = 500  # characters of an address
PREFIX = "rds_"


@transaction.atomic
def subscribe(
    *, name: str, url: str, from_start: bool = False, acting_user: User
) -> tuple[Subscription, str]:
    """(the row, the secret its deliveries are signed with: shown this once).

    Told from now on, or with `from_start` all that ever happened. Raises DomainError for a missing
    name, an address that is none or not encrypted, a machine no officer has allowed, and beyond MOST.
    """
    require(acting_user, Permission.PERSON_EXPORT)
    name, url = name.strip()[:60], url.strip()
    if not name or len(url) > LONGEST:
        raise DomainError(
            f"名称要写，网址不超过 {LONGEST} 个字，没有订阅。",
            f"A name and an address of at most {LONGEST} characters are needed; nothing was subscribed.",
            code="subscription-incomplete",
            status=422,
        )
    refuse_marks(name, url, scope="", acting_user=acting_user, place="subscription")
    _must_be_reached(url)
    User.objects.select_for_update().get(pk=acting_user.pk)
    if Subscription.objects.visible_to(acting_user).count() >= MOST:
        raise ConflictError(
            f"已有 {MOST} 个订阅，没有再办。",
            f"There are {MOST} subscriptions already; no other was made.",
            hint_zh="先停掉不用的。",
            hint_en="End one that is not used first.",
            code="too-many-subscriptions",
        )
    secret = f"{PREFIX}{secrets.token_urlsafe(32)}"
    made = Subscription.objects.create(
        owner=acting_user, name=name, url=url, secret=secret, after=0 if from_start else size()
    )
    told = {"name": name, "host": http.parts(url)[0], "after": made.after}
    record("subscription:make", actor=acting_user, subject=made, detail=told)
    return made, secret


def _must_be_reached(url: str) -> None:
    host, port, _target, encrypted = http.parts(url)
    address = address_of(host, port)
    if not encrypted and not http.is_here(address):
        raise http.not_encrypted()


def pause(held: Subscription, *, acting_user: User) -> Subscription:
    """Nothing is sent until it is resumed; its place is kept."""
    return _move(held, SubscriptionState.ACTIVE, SubscriptionState.PAUSED, "pause", acting_user)


def resume(held: Subscription, *, acting_user: User) -> Subscription:
    """Goes on where it stopped, at once."""
    return _move(held, SubscriptionState.PAUSED, SubscriptionState.ACTIVE, "resume", acting_user)


@transaction.atomic
def end(held: Subscription, *, acting_user: User) -> Subscription:
    """Nothing is sent any more, and its secret is gone."""
    held = _own(held, acting_user)
    held.state, held.secret = SubscriptionState.ENDED, ""
    held.save(update_fields=["state", "secret"])
    record("subscription:end", actor=acting_user, subject=held)
    return held


@transaction.atomic
def _move(
    held: Subscription, before: str, now: SubscriptionState, act: str, acting_user: User
) -> Subscription:
    held = _own(held, acting_user)
    if held.state != before:
        raise ConflictError(
            "这个订阅已经是这样，没有改动。", "The subscription is so already; nothing changed."
        )
    held.state, held.next_at, held.lease_until = now, timezone.now(), None
    held.save(update_fields=["state", "next_at", "lease_until"])
    record(f"subscription:{act}", actor=acting_user, subject=held)
    return held


def _own(held: Subscription, acting_user: User) -> Subscription:
    rows = Subscription.objects.visible_to(acting_user).select_for_update(of=("self",))
    found = rows.filter(pk=held.pk).first()
    if found is None:
        raise DomainError(
            "没有这个订阅，没有改动。",
            "There is no such subscription; nothing changed.",
            code="no-subscription",
            status=404,
        )
    return found
