"""Raising an alarm, and settling it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.kinds import kinds
from rongdang.base.alarms.models import Alarm
from rongdang.base.columns.fields import sealed_for
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.services import record


@transaction.atomic
def raise_alarm(
    *,
    kind: str,
    severity: str = "",
    about: User | None = None,
    scope: str = "",
    subject: models.Model | None = None,
    subject_kind: str = "",
    subject_id: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Alarm:
    """Put it before the officers, on the ledger in the same transaction; KeyError for no such kind.

    `about` is the person whose act it was, `scope` the path of the unit ("" = every officer).
    In a transaction it lives or dies with it: who refuses an act raises the alarm in a transaction
    of its own and the DomainError after it. The same thing again, while it waits, counts up.
    """
    row = kinds()[kind]
    if subject is not None:
        subject_kind, subject_id = subject._meta.label_lower, str(subject.pk)
    now = timezone.now()
    same = Alarm.objects.waiting().filter(
        kind=kind, about=about, subject_kind=subject_kind, subject_id=subject_id
    )
    alarm = Alarm(
        kind=kind,
        severity=severity or row.severity,
        about=about,
        scope=scope,
        subject_kind=subject_kind,
        subject_id=subject_id,
        detail=dict(detail or {}),
        raised_at=now,
        last_at=now,
    )
    if not _again(same, alarm):
        try:
            with transaction.atomic():
                alarm.save(force_insert=True)
        except IntegrityError:  # somebody else raised it in this moment
            _again(same, alarm)
    told = {"kind": kind, "about": str(about.pk) if about else "", **alarm.detail}
    held = same.get()
    record("alarm:raise", actor=None, subject=held, detail=told)
    return held


def _again(same: models.QuerySet[Alarm], alarm: Alarm) -> bool:
    """Count it up where it waits already; a graver word on it is kept."""
    held = same.only("pk", "severity").first()
    if held is None:
        return False
    graver = "urgent" if alarm.severity == "urgent" else held.severity
    seen = Alarm.objects.waiting().filter(pk=held.pk)
    return bool(
        seen.update(
            times=F("times") + 1,
            last_at=alarm.last_at,
            detail=sealed_for(held, "detail", alarm.detail),
            severity=graver,
        )
    )


@transaction.atomic
def settle_alarm(alarm: Alarm, *, note: str, acting_user: User) -> Alarm:
    """The security officer has looked into it; what was found stays beside it."""
    require(acting_user, Permission.ALARM_SETTLE, alarm.scope)
    note = note.strip()[:400]
    if not note:
        raise DomainError(
            "没有写查明的情况和处理结果，告警没有销。",
            "What was found and done is missing; the alarm still waits.",
            hint_zh="写明原因、涉及的人和处理结果。",
            hint_en="Say why it happened, whom it concerns and what was done.",
            code="no-note",
            status=422,
        )
    if alarm.about_id == acting_user.pk:
        raise NotPermittedError(
            "这条告警说的是您自己，不能由您销。告警没有变。",
            "This alarm is about you; another officer settles it. It still waits.",
            hint_zh="请另一位安全保密员查明，审计员也看得到。",
            hint_en="Ask another security officer; the audit officer sees it too.",
            code="own-alarm",
        )
    now = timezone.now()
    settled = Alarm.objects.waiting().filter(pk=alarm.pk)
    if not settled.update(
        settled_by=acting_user, settled_at=now, note=sealed_for(alarm, "note", note)
    ):
        raise ConflictError(
            "这条告警已经有人销了，没有改动。",
            "Somebody has settled this alarm already; nothing changed.",
            code="alarm-settled",
        )
    alarm.refresh_from_db()
    record("alarm:settle", actor=acting_user, subject=alarm, detail={"note": note})
    return alarm
