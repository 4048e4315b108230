"""How many wait behind an item of the menu: asked on every page, so kept for a moment."""

from __future__ import annotations

import time
import uuid

from django.http import HttpResponseBase

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.models import Alarm
from rongdang.capture.batches.queries import reject_list, secret_stops
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import OPEN
from rongdang.describe.grants.models import EmergencyUse, Grant

KEPT_SECONDS = 2.0
MOST_KEPT = 1000
ACTED = "acted"  # cookie: when this person last did something; either process may answer next
_kept: dict[uuid.UUID, tuple[float, dict[str, int]]] = {}


def counts_of(user: User, acted: str = "") -> dict[str, int]:
    """Name of an address → how many wait there for `user`; the machine's own work may be 2 s late.

    What was counted before the moment `acted` (as `note_act` wrote it) is counted anew.
    """
    counted, counts = _kept.get(user.pk, (0.0, {}))
    now = time.time()
    if now - KEPT_SECONDS < counted <= now and f"{counted:.6f}" > acted:
        return counts
    if len(_kept) > MOST_KEPT:
        _kept.clear()
    counts = _count(user)
    _kept[user.pk] = (now, counts)
    return counts


def note_act(answer: HttpResponseBase) -> None:
    """Somebody did something: what he sees next is counted anew."""
    moment = f"{time.time():.6f}"
    answer.set_cookie(ACTED, moment, max_age=60, httponly=True, samesite="Lax")


def _count(user: User) -> dict[str, int]:
    counts = {}
    if user.may(Permission.MATERIAL_REVIEW):
        waiting = Material.objects.visible_to(user).filter(state__in=OPEN)
        counts["review:next"] = waiting.count()
    if user.may(Permission.BATCH_UPLOAD):
        counts["batches:rescans"] = reject_list(user).count()
    if user.may(Permission.SECRET_SETTLE):
        counts["officers:secrets"] = secret_stops(user).filter(settled_by=None).count()
    if user.may(Permission.GRANT_APPROVE):
        counts["grants:desk"] = Grant.objects.to_decide(user).count()
    if user.may(Permission.EMERGENCY_REVIEW):
        counts["emergency:office"] = EmergencyUse.objects.visible_to(user).unreviewed().count()
    if user.may(Permission.ALARM_SEE):
        counts["officers:alarms"] = Alarm.objects.visible_to(user).waiting().count()
    return counts
