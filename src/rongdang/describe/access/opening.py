"""Opening a file with a purpose: stated once, on the ledger, good for a working time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.ledger.services import record
from rongdang.base.prepared import KEY, MOMENT, Prepared
from rongdang.base.vocab import masks
from rongdang.base.vocab.purposes import PurposeEntry, reasons
from rongdang.describe.access.avoiding import require_apart
from rongdang.describe.access.models import Opening
from rongdang.describe.access.predicate import (
    KEEP,
    REGISTER,
    RIGHTS,
    Purpose,
    apart,
    purpose_of,
    stated,
)
from rongdang.describe.access.sight import GRANTED_PURPOSES
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.grants.patterns import note_opening, watch_opening
from rongdang.describe.grants.queries import ends_at, purposes_of

LEAST_NOTE = 4  # characters: "其他" and its like say more than a sign


def reasons_for(user: User, case_file: CaseFile) -> list[PurposeEntry]:
    """The reasons this person may give for a file: by a role in its unit, or by a grant."""
    granted = purposes_of(user, case_file.pk)
    return [
        entry
        for entry in reasons().values()
        if user.may(RIGHTS[entry.kind], case_file.scope) or entry.code in granted
    ]


def open_file(case_file: CaseFile, *, code: str, note: str, acting_user: User) -> Opening:
    """State why one reads this file; raises DomainError for no lawful reason, own and kin's files.

    The same reason given again goes on with the same opening.
    """
    require_apart(acting_user, case_file.person_id, scope=case_file.scope)
    entry = _lawful(code, note, reasons_for(acting_user, case_file))
    running = current(acting_user, case_file)
    if running is not None and (running.purpose, running.note) == (entry.code, note.strip()):
        return running
    watch_opening(acting_user, case_file)
    return _open(acting_user, case_file, entry.code, note=note.strip())


def open_for_task(case_file: CaseFile, *, task: str, acting_user: User) -> Opening:
    """The work on one's desk is the reason: nobody is asked, the task stands in its place."""
    require_apart(acting_user, case_file.person_id, scope=case_file.scope)
    require(acting_user, KEEP.permission, case_file.scope)
    watch_opening(acting_user, case_file)
    return _open(acting_user, case_file, KEEP.code, task=task[:64])


def open_search(*, code: str, note: str, acting_user: User) -> Opening:
    """State why one searches across files: the words around a hit are shown, no page of a file."""
    require(acting_user, REGISTER.permission)
    consulting = [entry for entry in reasons().values() if entry.kind == "consult"]
    entry = _lawful(code, note, consulting)
    return _open(acting_user, None, entry.code, note=note.strip())


def current(user: User, case_file: CaseFile) -> Opening | None:
    """The opening one reads this file under now; None: it has to be opened first.

    None also once the file turns out to be one's own or a relative's.
    """
    mine = Opening.objects.visible_to(user).current().filter(case_file=case_file)
    mine = mine.filter(apart(user, "case_file__person"))
    return mine.order_by("-opened_at").first()


def required(user: User, case_file: CaseFile) -> Purpose:
    """The purpose one reads this file for now; raises DomainError when none is stated or it ended."""
    opening = current(user, case_file)
    if opening is None:
        raise NotPermittedError(
            "还没有说明查阅事由，或时间已到，没有打开。",
            "No reason was stated for this file, or its time is over; it was not opened.",
            hint_zh="请从人员档案打开这一卷，选定事由。",
            hint_en="Open the file from its page and choose the reason.",
            code="no-purpose",
        )
    return purpose_of(opening)


def search_ways(user: User) -> tuple[Purpose, ...]:
    """All that one may search for at this moment: keeping, the reason stated for searching, the
    reasons grants were given for (each in the files of its grants alone), and the register.
    """
    now = timezone.now()
    ways = [KEEP] if user.may(KEEP.permission) else []
    for pk, code in _STATED.rows(user.pk, now):
        ways.append(replace(stated(code), opening=pk))
    known = {way.code for way in ways}
    granted = {code for (code,) in GRANTED_PURPOSES.rows(user.pk, now)}
    ways += [stated(code, by_grant=True) for code in reasons() if code in granted - known]
    return (*ways, REGISTER)


def told_of(ways: Sequence[Purpose]) -> dict[str, object]:
    """What an entry of the ledger says of a search by all these ways."""
    first, *rest = ways
    also = [way.code for way in rest if way.kind != "register"]
    opening = next((str(way.opening) for way in ways if way.opening), "")
    said = {"purpose": first.code, "also": also, "opening": opening}
    return {name: value for name, value in said.items() if value}


_STATED = Prepared(
    lambda pk, at: (
        Opening.objects.filter(user=pk, until__gt=at, case_file=None)
        .order_by("-opened_at")
        .values_list("pk", "purpose")[:1]
    ),
    *(KEY, MOMENT),
)


@transaction.atomic
def unmask(case_file: CaseFile, *, field: str, reason: str, acting_user: User) -> Opening:
    """See a masked field whole until the opening ends; who, which and why is on the ledger."""
    purpose = required(acting_user, case_file)
    if field not in masks.masked_fields():
        raise DomainError(
            "这一栏没有遮挡。", "That field is not masked.", code="not-masked", status=422
        )
    if len(reason.strip()) < LEAST_NOTE:
        raise _no_note()
    opening = Opening.objects.select_for_update(of=("self",)).get(pk=str(purpose.opening))
    opening.unmasked = sorted({*opening.unmasked, field})
    opening.save(update_fields=["unmasked"])
    record(
        "fact:unmask",
        actor=acting_user,
        subject=case_file,
        detail={**purpose.told, "field": field, "reason": reason.strip()[:200]},
    )
    return opening


def _lawful(code: str, note: str, allowed: list[PurposeEntry]) -> PurposeEntry:
    entry = reasons().get(code)
    if entry is None or entry not in allowed:
        raise DomainError(
            "没有选查阅事由，或这条事由不归您的岗位，没有打开。",
            "No reason was chosen, or it is not one of your role; nothing was opened.",
            hint_zh="从列出的事由里选一条。",
            hint_en="Choose one of the reasons listed.",
            code="no-purpose",
            status=422,
        )
    if entry.note and len(note.strip()) < LEAST_NOTE:
        raise _no_note()
    return entry


def _no_note() -> DomainError:
    return DomainError(
        "这条事由要写明办什么事，没有打开。",
        "This reason needs words beside it; nothing was opened.",
        hint_zh="写清任务、文号或申请人，至少四个字。",
        hint_en="Name the task, the document or who asked, in at least four characters.",
        code="no-note",
        status=422,
    )


def _open(
    user: User, case_file: CaseFile | None, code: str, *, note: str = "", task: str = ""
) -> Opening:
    opening = _record(user, case_file, code, note=note, task=task)
    if case_file is not None:
        note_opening(user, case_file)
    return opening


def _end(user: User, case_file: CaseFile | None, code: str) -> dt.datetime:
    """A working time from now; where only a grant gives the reason, not longer than the grant."""
    end = timezone.now() + dt.timedelta(hours=settings.OPENING_HOURS)
    if case_file is None or user.may(RIGHTS[reasons()[code].kind], case_file.scope):
        return end
    granted = ends_at(user, case_file.pk, purpose=code)
    return min(end, granted) if granted else end


@transaction.atomic
def _record(user: User, case_file: CaseFile | None, code: str, *, note: str, task: str) -> Opening:
    opening = Opening.objects.create(
        user=user,
        case_file=case_file,
        purpose=code,
        note=note[:200],
        task=task,
        until=_end(user, case_file, code),
    )
    told = {"opening": str(opening.pk), "purpose": code, "note": opening.note, "task": task}
    record(
        "casefile:state-purpose" if case_file else "search:state-purpose",
        actor=user,
        subject=case_file,
        detail={key: value for key, value in told.items() if value},
    )
    return opening
