"""Shutting the door after failures: of an account at an address, of an account, of an address.

Counted in the database, so that every answering process sees the same; known and unknown names are
counted alike (security.md, N06).
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from rongdang.base.accounts.models import Refusal
from rongdang.base.cipher.blind import blind_index

PAIR, ACCOUNT, ADDRESS = "pair", "account", "address"


def shut(username: str, address: str) -> str:
    """Which limit is reached ("" for none), before any password is looked at."""
    name, since = _index(username), _since()
    counts = Refusal.objects.filter(Q(name=name) | Q(address=address), at__gt=since).aggregate(
        pair=Count("pk", filter=Q(name=name, address=address)),
        account=Count("pk", filter=Q(name=name)),
        address=Count("pk", filter=Q(address=address)),
    )
    limits = {
        PAIR: settings.LOCK_PAIR,
        ACCOUNT: settings.LOCK_ACCOUNT,
        ADDRESS: settings.LOCK_ADDRESS,
    }
    return next((kind for kind, limit in limits.items() if counts[kind] >= limit), "")


def count(username: str, address: str) -> str:
    """One more failure; answers the limit it reached. Old rows go."""
    Refusal.objects.filter(at__lt=_since()).delete()
    Refusal.objects.create(name=_index(username), address=address[:64], at=timezone.now())
    return shut(username, address)


def forget(username: str, address: str) -> None:
    """The owner came in: his slips at this address count no more."""
    Refusal.objects.filter(name=_index(username), address=address).delete()


def _since() -> object:
    return timezone.now() - timedelta(minutes=settings.LOCK_MINUTES)


def _index(username: str) -> str:
    return blind_index(settings.KEYRING.secret("refusals"), "accounts.refusal.name", username)
