"""Who may break the glass: named by one officer, confirmed by another; stopped when nobody reviews."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import OFFICERS, Permission
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.columns.fields import sealed_for
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.describe.grants.models import EmergencyReader, EmergencyUse, GrantState, ReaderState
from rongdang.describe.grants.rules import limits


@transaction.atomic
def name_reader(*, user: User, unit: Unit, why: str, acting_user: User) -> EmergencyReader:
    """Propose one of the few; it holds when a third person has confirmed it."""
    require(acting_user, Permission.EMERGENCY_NAME, unit.path)
    if acting_user.is_same_person(user):
        raise _not_self()
    _check_words(why)
    if any(role in OFFICERS for role, _path in user.held) or not user.held:
        raise DomainError(
            "三员不看档案内容，没有岗位的人也不能指定。没有改动。",
            "The three officers read no files, and a person without a role is not named. Nothing changed.",
            hint_zh="请指定一位值班的业务人员。",
            hint_en="Name somebody on duty who holds a role.",
            code="officers-apart",
            status=409,
        )
    standing = EmergencyReader.objects.standing().filter(unit=unit)
    if standing.filter(user=user).exists():
        raise ConflictError(
            "这位同志已经指定或等批，没有改动。",
            "This person is named already, or waits to be; nothing changed.",
            code="named-already",
        )
    if standing.count() >= limits().emergency_readers:
        raise DomainError(
            f"一个机构最多 {limits().emergency_readers} 人，没有改动。",
            f"At most {limits().emergency_readers} people of a unit; nothing changed.",
            hint_zh="先撤下一位再指定。",
            hint_en="End another naming first.",
            code="too-many",
            status=409,
        )
    reader = EmergencyReader.objects.create(
        user=user, unit=unit, why=why.strip()[:400], named_by=acting_user
    )
    told = {"user": str(user.pk), "unit": str(unit.pk), "why": reader.why}
    record("emergency:name", actor=acting_user, subject=reader, detail=told)
    return reader


@transaction.atomic
def confirm_reader(reader: EmergencyReader, *, acting_user: User) -> EmergencyReader:
    """The second pair of eyes: neither the one who named nor the one who is named."""
    require(acting_user, Permission.EMERGENCY_CONFIRM, reader.unit.path)
    if acting_user.is_same_person(reader.user) or acting_user.is_same_person(reader.named_by):
        raise _not_self()
    waiting = EmergencyReader.objects.filter(pk=reader.pk, state=ReaderState.PROPOSED)
    if not waiting.update(
        state=ReaderState.NAMED, confirmed_by=acting_user, confirmed_at=timezone.now()
    ):
        raise _gone()
    reader.refresh_from_db()
    record("emergency:confirm", actor=acting_user, subject=reader)
    return reader


@transaction.atomic
def end_reader(reader: EmergencyReader, *, why: str, acting_user: User) -> EmergencyReader:
    """Take the naming back, or refuse it; one pair of eyes is enough to take away."""
    if not acting_user.may(Permission.EMERGENCY_CONFIRM, reader.unit.path):
        require(acting_user, Permission.EMERGENCY_NAME, reader.unit.path)
    _check_words(why)
    if not _end(reader, ReaderState.ENDED, why.strip()[:400]):
        raise _gone()
    record("emergency:end", actor=acting_user, subject=reader, detail={"why": why})
    return reader


@transaction.atomic
def review(use: EmergencyUse, *, justified: bool, finding: str, acting_user: User) -> EmergencyUse:
    """Another officer has looked into it. Unjustified, or too late: the naming stops."""
    require(acting_user, Permission.EMERGENCY_REVIEW, use.reader.unit.path)
    if acting_user.is_same_person(use.user):
        raise _not_self()
    _check_words(finding)
    stop_overdue(use.user)
    waiting = EmergencyUse.objects.unreviewed().filter(pk=use.pk)
    if not waiting.update(
        reviewed_by=acting_user,
        reviewed_at=timezone.now(),
        justified=justified,
        finding=sealed_for(use, "finding", finding.strip()[:400]),
    ):
        raise _gone()
    use.refresh_from_db()
    if not justified:
        _undo(use, acting_user)
    told = {"justified": justified, "finding": use.finding}
    record("emergency:review", actor=acting_user, subject=use, detail=told)
    return use


@transaction.atomic
def stop_overdue(user: User | None = None) -> int:
    """Stop every naming (of `user`, if given) with a use that nobody reviewed in time; how many.

    Safe to call at any time; the job at the end of each term calls it, and so does whoever would
    use or review meanwhile.
    """
    late = EmergencyUse.objects.overdue().filter(reader__state=ReaderState.NAMED)
    if user is not None:
        late = late.filter(user=user)
    stopped = 0
    for use in late.select_related("reader__unit", "user"):
        if not _end(use.reader, ReaderState.STOPPED, "紧急查阅逾期没有复核"):
            continue  # another use of the same person stopped it
        stopped += 1
        raise_alarm(kind="glass-overdue", about=use.user, scope=use.reader.unit.path, subject=use)
        record("emergency:stop", actor=None, subject=use.reader, detail={"use": str(use.pk)})
    return stopped


def _undo(use: EmergencyUse, acting_user: User) -> None:
    """What was not justified ends at once: the look, if it still lasts, and the naming."""
    _end(use.reader, ReaderState.STOPPED, use.finding)
    now = timezone.now()
    if use.grant.state == GrantState.GIVEN and use.grant.until > now:
        use.grant.state = GrantState.WITHDRAWN
        use.grant.withdrawn_by, use.grant.withdrawn_at = acting_user, now
        use.grant.withdrawn_why = use.finding
        use.grant.save()
    raise_alarm(kind="glass-disapproved", about=use.user, scope=use.reader.unit.path, subject=use)


def _end(reader: EmergencyReader, state: str, why: str) -> bool:
    standing = EmergencyReader.objects.standing().filter(pk=reader.pk)
    ended = standing.update(
        state=state, ended_at=timezone.now(), ended_why=sealed_for(reader, "ended_why", why)
    )
    reader.refresh_from_db()
    return bool(ended)


def _check_words(text: str) -> None:
    if not text.strip():
        raise DomainError(
            "没有写理由，没有改动。",
            "The reason is missing; nothing changed.",
            hint_zh="写明白，日后审计要看。",
            hint_en="Say it plainly; the audit reads it.",
            code="no-reason",
            status=422,
        )


def _not_self() -> NotPermittedError:
    return NotPermittedError(
        "指定、批准、使用、复核必须是不同的人，换账号也不行。没有改动。",
        "Naming, confirming, using and reviewing are done by different people. Nothing changed.",
        hint_zh="请另一位同志来办。",
        hint_en="Ask another officer.",
        code="not-self",
    )


def _gone() -> ConflictError:
    return ConflictError(
        "已经有人办过了，没有改动。",
        "Somebody has dealt with it already; nothing changed.",
        hint_zh="请刷新页面看结果。",
        hint_en="Reload the page.",
        code="emergency-decided",
    )
