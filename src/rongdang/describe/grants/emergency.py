"""Break-glass: a named few open one file at once, and answer for it within three days."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import OFFICERS
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import within
from rongdang.base.vocab.purposes import ALL_LEVELS
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.grants.models import (
    EmergencyReader,
    EmergencyUse,
    Grant,
    GrantState,
    ReaderState,
)
from rongdang.describe.grants.readers import stop_overdue
from rongdang.describe.grants.rules import limits
from rongdang.describe.grants.services import allow, cover

PURPOSE = "emergency"
LEAST_REASON = 6  # characters: who is in what distress


def reader_of(user: User) -> EmergencyReader | None:
    """The naming by which this person may break the glass now; None while a use waits too long, and
    for whoever holds no role any more or has become one of the three officers.
    """
    if {role for role, _path in user.held} <= set(OFFICERS):
        return None
    named = EmergencyReader.objects.filter(user=user, state=ReaderState.NAMED)
    if EmergencyUse.objects.filter(user=user).overdue().exists():
        return None
    return named.select_related("unit").order_by("unit__path").first()


def break_glass(*, sought: str, reason: str, acting_user: User) -> EmergencyUse:
    """Open one file, number or full name, for an hour: to be seen, not printed or exported.

    The caller has just asked for the second factor. The alarm goes up in the same moment.
    """
    stop_overdue(acting_user)
    return _break(sought.strip(), reason.strip()[:400], acting_user)


@transaction.atomic
def _break(sought: str, reason: str, user: User) -> EmergencyUse:
    reader = reader_of(user)
    if reader is None:
        raise NotPermittedError(
            "您没有紧急查阅资格，或上次紧急查阅逾期未复核、资格已停。没有打开。",
            "You are not named for emergencies, or a use was not reviewed in time. Nothing was opened.",
            hint_zh="请联系安全保密员。",
            hint_en="Ask the security officer.",
            code="no-emergency",
        )
    if len(reason) < LEAST_REASON:
        raise DomainError(
            "紧急事由没有写清，没有打开。",
            "The reason for the emergency is not told; nothing was opened.",
            hint_zh=f"写明谁、出了什么事、要查什么，至少 {LEAST_REASON} 个字。",
            hint_en=f"Say who, what happened and what is needed, in at least {LEAST_REASON} characters.",
            code="no-reason",
            status=422,
        )
    case_file = _sought(sought, reader)
    refuse_avoided(user, case_file.person_id)
    now = timezone.now()
    until = now + dt.timedelta(minutes=limits().emergency_minutes)
    grant = Grant.objects.create(
        user=user,
        emergency=True,
        purpose=PURPOSE,
        reason=reason,
        numbers=[case_file.number],
        levels=list(ALL_LEVELS),
        scope=case_file.scope,
        state=GrantState.GIVEN,
        asked_until=until,
        until=until,
    )
    allow(grant)
    cover(grant, [case_file], ALL_LEVELS)
    use = EmergencyUse.objects.create(
        reader=reader,
        user=user,
        grant=grant,
        due_at=now + dt.timedelta(days=limits().review_days),
    )
    told = {"number": case_file.number, "reason": reason, "until": until.isoformat()}
    raise_alarm(kind="glass-broken", about=user, scope=reader.unit.path, subject=use, detail=told)
    record("emergency:break", actor=user, subject=use, detail=told)
    return use


def _sought(sought: str, reader: EmergencyReader) -> CaseFile:
    """The one file of the reader's units with this number or this person's full name."""
    files = CaseFile.objects.filter(within("scope", [reader.unit.path]))
    found = list(files.filter(number=sought)[:1]) or list(files.filter(person__name=sought)[:2])
    if len(found) != 1 or not sought:
        raise DomainError(
            "没有找到这一卷，没有打开。" if not found else "同名的不止一位，没有打开。",
            "There is no such file; nothing was opened."
            if not found
            else "More than one person has this name; nothing was opened.",
            hint_zh="写档号，或一字不差的姓名；只限您被指定的机构。",
            hint_en="Give the file number, or the full name, within the units you are named for.",
            code="no-case-file",
            status=404 if not found else 409,
        )
    return found[0]
