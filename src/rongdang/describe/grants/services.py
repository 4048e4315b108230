"""Asking for a grant, giving or refusing it, taking it back: never both ends by one person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import takewhile

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.columns.fields import sealed_for
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import within
from rongdang.base.vocab import purposes
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.grants.models import Allowance, Covered, Grant, GrantState
from rongdang.describe.grants.rules import EXPORT, PRINT, SEE, limits
from rongdang.describe.grants.terms import Terms, narrowed

KINDS = ("consult",)  # arranging files and handing them over is work of a role
LONGEST = 400


@transaction.atomic
def ask(
    *,
    numbers: Sequence[str],
    levels: Sequence[str],
    purpose: str,
    reason: str,
    until: dt.datetime,
    acting_user: User,
    prints: int = 0,
    exports: int = 0,
) -> Grant:
    """Ask for what one's role does not give. Whether a number exists is not told here."""
    require(acting_user, Permission.GRANT_ASK)
    wanted = _numbers(numbers)
    _check_need(purpose, levels, reason)
    refuse_marks(reason, scope="", acting_user=acting_user, place="grant")
    _check_counts(prints, exports)
    _check_end(until)
    grant = Grant.objects.create(
        user=acting_user,
        purpose=purpose,
        reason=reason.strip()[:LONGEST],
        numbers=wanted,
        levels=[level for level in purposes.ALL_LEVELS if level in levels],
        scope=_scope(wanted, acting_user),
        asked_until=until,
        until=until,
    )
    allow(grant, prints=prints, exports=exports)
    told = {"purpose": purpose, "files": len(wanted), **grant.asked.told}
    record("grant:ask", actor=acting_user, subject=grant, detail=told)
    return grant


def allow(grant: Grant, *, prints: int = 0, exports: int = 0) -> None:
    """Write how often each thing may be done; what is not asked for has no row."""
    counts: list[tuple[str, int | None]] = [(SEE, None)]
    counts += [(action, most) for action, most in ((PRINT, prints), (EXPORT, exports)) if most]
    Allowance.objects.bulk_create(
        Allowance(grant=grant, action=action, asked=most, allowed=most) for action, most in counts
    )


@transaction.atomic
def give(grant: Grant, *, terms: Terms | None = None, note: str = "", acting_user: User) -> Grant:
    """Say yes, to all that was asked for (`terms` None) or to a part of it: from now until its end
    the grant opens that. What was asked for stays beside it. Raises DomainError for more than that.
    """
    _check_decides(grant, acting_user)
    asked = grant.asked
    given = narrowed(asked, terms or asked)
    _check_end(given.until)
    found = _files(given.numbers, acting_user)
    _decide(grant, GrantState.GIVEN, note, acting_user, until=given.until)
    for action, most in ((PRINT, given.prints), (EXPORT, given.exports)):
        grant.allowances.filter(action=action).update(allowed=most)
    cover(grant, found, given.levels)
    told = {"to": str(grant.user_id), "files": [str(one.pk) for one in found], **given.told}
    less = {} if given == asked else {"asked": asked.told}
    record("grant:give", actor=acting_user, subject=grant, detail=told | less)
    return grant


def _files(numbers: Sequence[str], acting_user: User) -> list[CaseFile]:
    """Those of the deciding person's units; raises DomainError when one is not among them."""
    files = within("scope", acting_user.scopes(Permission.GRANT_APPROVE))
    found = list(CaseFile.objects.filter(files, number__in=numbers))
    unknown = sorted(set(numbers) - {one.number for one in found})
    if unknown:
        raise DomainError(
            f"您管的机构里没有这些档号：{'、'.join(unknown)}。没有批。",
            f"There are no such files in your units: {', '.join(unknown)}. Nothing was given.",
            hint_zh="去掉这些档号再批，或退回申请人改正；跨机构的请上级批。",
            hint_en="Give it without them, or refuse it with a word on the numbers; across units the "
            "one above decides.",
            code="no-case-file",
        )
    return found


def cover(grant: Grant, files: Sequence[CaseFile], levels: Sequence[str]) -> None:
    """Write what the grant opens."""
    Covered.objects.bulk_create(
        Covered(grant=grant, case_file=one, level=level) for one in files for level in levels
    )


@transaction.atomic
def refuse(grant: Grant, *, note: str, acting_user: User) -> Grant:
    """Say no, and why."""
    _check_decides(grant, acting_user)
    _check_words(note, "没有写不批的理由，没有改动。", "The reason for refusing is missing.")
    _decide(grant, GrantState.REFUSED, note, acting_user)
    record("grant:refuse", actor=acting_user, subject=grant, detail={"note": note})
    return grant


@transaction.atomic
def withdraw(grant: Grant, *, why: str, acting_user: User) -> Grant:
    """End it before its time: by whoever watches over grants there, or by its holder himself."""
    if grant.user_id != acting_user.pk:
        require(acting_user, Permission.GRANT_WATCH, grant.scope)
    _check_words(why, "没有写收回的理由，没有改动。", "The reason for taking it back is missing.")
    now = timezone.now()
    held = Grant.objects.filter(pk=grant.pk, state__in=[GrantState.ASKED, GrantState.GIVEN])
    if not held.update(
        state=GrantState.WITHDRAWN,
        withdrawn_by=acting_user,
        withdrawn_at=now,
        withdrawn_why=sealed_for(grant, "withdrawn_why", why.strip()[:LONGEST]),
    ):
        raise _decided_already()
    grant.refresh_from_db()
    record("grant:withdraw", actor=acting_user, subject=grant, detail={"why": why})
    return grant


def _decide(
    grant: Grant, state: str, note: str, acting_user: User, *, until: dt.datetime | None = None
) -> None:
    """One decision counts: of two that come together the second finds nothing to decide."""
    refuse_marks(note, scope=grant.scope, acting_user=acting_user, place="grant")
    waiting = Grant.objects.filter(pk=grant.pk, state=GrantState.ASKED)
    if not waiting.update(
        state=state,
        until=until or grant.asked_until,
        decided_by=acting_user,
        decided_at=timezone.now(),
        note=sealed_for(grant, "note", note.strip()[:LONGEST]),
    ):
        raise _decided_already()
    grant.refresh_from_db()


def _decided_already() -> ConflictError:
    return ConflictError(
        "这份申请已经有人办过了，没有改动。",
        "Somebody has dealt with this already; nothing changed.",
        hint_zh="请刷新页面看结果。",
        hint_en="Reload the page to see what was decided.",
        code="grant-decided",
    )


def _check_decides(grant: Grant, acting_user: User) -> None:
    require(acting_user, Permission.GRANT_APPROVE, grant.scope)
    if acting_user.is_same_person(grant.user):
        raise NotPermittedError(
            "不能批自己的申请，换一个账号也不行。没有改动。",
            "Nobody decides on his own asking, with another account either. Nothing changed.",
            hint_zh="请另一位领导来批。",
            hint_en="Ask another leader.",
            code="own-grant",
        )


def _numbers(numbers: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(one.strip()[:64] for one in numbers if one.strip()))
    most = limits().files
    if not 0 < len(wanted) <= most:
        raise DomainError(
            f"档号要写一个到 {most} 个，没有提交。",
            f"Name one to {most} files; nothing was asked for.",
            hint_zh="一行一个档号；更多的请分开申请，各写事由。",
            hint_en="One number a line; ask for more separately, each with its reason.",
            code="numbers",
            status=422,
        )
    return wanted


def _check_need(purpose: str, levels: Sequence[str], reason: str) -> None:
    """A lawful reason, in words, and no level that it does not need."""
    entry = purposes.reasons().get(purpose)
    if entry is None or entry.kind not in KINDS:
        raise DomainError(
            "请从查阅事由里选一条，没有提交。",
            "Choose one of the lawful reasons; nothing was asked for.",
            code="no-purpose",
            status=422,
        )
    _check_words(reason, "没有写具体事由，没有提交。", "The reason is missing.")
    beyond = [level for level in levels if level not in entry.levels]
    if beyond or not levels:
        raise DomainError(
            f"“{entry.name}”只需要{'、'.join(entry.levels)}类，没有提交。",
            f"“{entry.english}” needs only {', '.join(entry.levels)}; nothing was asked for.",
            hint_zh="只选办这件事用得着的类别。",
            hint_en="Choose only what the matter needs.",
            code="levels",
            status=422,
        )


def _check_words(text: str, zh: str, en: str) -> None:
    if not text.strip():
        raise DomainError(
            zh,
            f"{en} Nothing changed.",
            hint_zh="写明白，日后审计要看。",
            hint_en="Say it plainly; the audit reads it.",
            code="no-reason",
            status=422,
        )


def _check_counts(prints: int, exports: int) -> None:
    for action, wanted in ((PRINT, prints), (EXPORT, exports)):
        if not 0 <= wanted <= limits().most(action):
            raise DomainError(
                f"打印最多 {limits().prints} 次，导出最多 {limits().exports} 次，没有提交。",
                f"At most {limits().prints} prints and {limits().exports} exports; nothing was asked for.",
                code="counts",
                status=422,
            )


def _check_end(until: dt.datetime) -> None:
    now = timezone.now()
    if not now < until <= now + dt.timedelta(days=limits().days):
        raise DomainError(
            f"截止时间要在今后 {limits().days} 天以内，没有办。",
            f"The end must lie within the next {limits().days} days; nothing was done.",
            hint_zh="过了期的申请请重新提。",
            hint_en="What has passed its end is asked for again.",
            code="grant-end",
            status=422,
        )


def _scope(numbers: Sequence[str], user: User) -> str:
    """The lowest unit above all the files; with none that exists, the asker's own."""
    paths = set(CaseFile.objects.filter(number__in=numbers).values_list("scope", flat=True))
    paths = paths or set(user.scopes(Permission.GRANT_ASK))
    parts = zip(*(path.split(".") for path in paths), strict=False)
    return ".".join(
        segments[0] for segments in takewhile(lambda segments: len(set(segments)) == 1, parts)
    )
