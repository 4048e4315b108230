"""Making two records one; and undoing that, or a split, exactly, with everything that hung on them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.services import recount
from rongdang.describe.casefiles.states import CaseFileState
from rongdang.describe.linkage import hanging, journal
from rongdang.describe.linkage.files import join_files
from rongdang.describe.linkage.models import Joining, JoiningKind, Pair, Verdict
from rongdang.describe.people.models import Person
from rongdang.describe.people.projecting import locked, project_many
from rongdang.describe.statements.models import Statement

LEAST_REASON = 4


@transaction.atomic
def merge(kept: Person, other: Person, *, reason: str, acting_user: User | None) -> Joining:
    """All that is known of `other` is known of `kept`, whose record stays; `other` is closed.

    Needs the right in both units, and neither record one's own or a relative's. Raises DomainError
    for two that somebody said are different, and for files that cannot be put together.
    """
    kept, other = _two(kept, other, acting_user)
    reason = reasoned(reason, acting_user, kept)
    _must_not_be_different(kept, other)
    people = [kept.pk, other.pk]

    def act() -> None:
        join_files(other, kept, acting_user)
        hanging.hang(other.pk, kept.pk)
        Statement.objects.filter(person=kept).update(scope=kept.scope)
        Person.objects.filter(pk=other.pk).update(closed_at=timezone.now())
        project_many(locked([kept.pk]), acting_user)

    made = Joining.objects.create(
        kind=JoiningKind.MERGE,
        kept=kept,
        other=other,
        reason=reason,
        journal=journalled(people, act),
        done_by=acting_user,
    )
    record("person:merge", actor=acting_user, subject=made, detail=told(made))
    return made


@transaction.atomic
def undo(made: Joining, *, reason: str, acting_user: User) -> Joining:
    """As it was, to the byte, wherever nothing was done since; what was done since stays as done.

    What came to the record after a merge stays with it; what came to the new record of a split
    comes back too. Raises ConflictError for one that is undone, or that a later one builds on.
    """
    made = Joining.objects.select_for_update(of=("self",)).get(pk=made.pk)
    kept, other = made.kept, made.other
    for one in (kept, other):
        require(acting_user, Permission.PERSON_EDIT, one.scope)
        refuse_avoided(acting_user, one.pk)
    reason = reasoned(reason, acting_user, kept)
    _must_be_undoable(made)
    locked([kept.pk, other.pk])
    if made.kind == JoiningKind.SPLIT:
        hanging.hang(other.pk, kept.pk)
        Person.objects.filter(pk=other.pk).update(closed_at=timezone.now())
    journal.put_back(_to_put_back(made))
    alive = [kept.pk] if made.kind == JoiningKind.SPLIT else [kept.pk, other.pk]
    for case_file in CaseFile.objects.select_for_update(of=("self",)).filter(person__in=alive):
        _recount(case_file)
    project_many(locked(alive), acting_user)
    made.undone_by, made.undone_at, made.undone_why = acting_user, timezone.now(), reason
    made.save(update_fields=["undone_by", "undone_at", "undone_why"])
    _remember_different(made, acting_user, reason)
    event = "person:unmerge" if made.kind == JoiningKind.MERGE else "person:unsplit"
    record(event, actor=acting_user, subject=made, detail=told(made))
    return made


def _to_put_back(made: Joining) -> list[journal.Change]:
    """Without the file a split opened: its number is spent, it stays as joined to the other."""
    opened = [one for one in journal.unpacked(made.journal) if _is_new_file(one)]
    for one in opened:
        CaseFile.objects.filter(pk=one.key).update(
            state=CaseFileState.JOINED, item_count=0, page_count=0
        )
    return [one for one in journal.unpacked(made.journal) if not _is_new_file(one)]


def _is_new_file(change: journal.Change) -> bool:
    return change.model == CaseFile._meta.label_lower and change.before is None


def now_known_as(person: uuid.UUID) -> uuid.UUID:
    """The record that this one was made part of, over as many merges as there were; itself if none."""
    while True:
        found = Joining.objects.in_force().filter(kind=JoiningKind.MERGE, other=person).first()
        if found is None:
            return person
        person = found.kept_id


def merged_into(person: uuid.UUID) -> set[uuid.UUID]:
    """The record and all that were made part of it."""
    found, fresh = {person}, {person}
    while fresh:
        merges = Joining.objects.in_force().filter(kind=JoiningKind.MERGE, kept__in=fresh)
        fresh = set(merges.values_list("other", flat=True)) - found
        found |= fresh
    return found


def journalled(people: Sequence[uuid.UUID], act: Callable[[], None]) -> bytes:
    """Do the act; what it changed of all that hangs on these people."""
    before = journal.image(hanging.rows_of(people))
    act()
    after = journal.image(hanging.rows_of(people))
    return journal.packed(journal.changes(before, after))


def _two(kept: Person, other: Person, acting_user: User | None) -> tuple[Person, Person]:
    if kept.pk == other.pk:
        raise DomainError(
            "两边是同一个人的档案记录，没有合并。",
            "Both are the same record; nothing was merged.",
            code="same-record",
            status=422,
        )
    held = {one.pk: one for one in held_open([kept, other], acting_user)}
    return held[kept.pk], held[other.pk]


def held_open(people: Sequence[Person], acting_user: User | None) -> list[Person]:
    """The rows for this transaction, checked for right, avoidance, and for being open."""
    found = locked([one.pk for one in people])
    for one in found:
        require(acting_user, Permission.PERSON_EDIT, one.scope)
        refuse_avoided(acting_user, one.pk)
        if one.closed_at is not None:
            raise ConflictError(
                f"“{one.name}”的这条记录已经并入别人或者已经关闭，没有改动。",
                f"This record of {one.name} was merged into another or closed; nothing changed.",
                hint_zh="刷新页面，看看是不是已经有人办过。",
                hint_en="Reload the page: somebody may have done it already.",
                code="record-closed",
            )
    return found


def reasoned(reason: str, acting_user: User | None, person: Person) -> str:
    reason = reason.strip()[:400]
    if len(reason) < LEAST_REASON:
        raise DomainError(
            f"要写明理由（至少 {LEAST_REASON} 个字），没有改动。",
            f"A reason of {LEAST_REASON} characters or more is needed; nothing changed.",
            code="no-reason",
            status=422,
        )
    refuse_marks(reason, scope=person.scope, acting_user=acting_user, place="reason")
    return reason


def _must_not_be_different(kept: Person, other: Person) -> None:
    """Somebody said of these, or of records that are part of them, that they are two people."""
    ours, theirs = merged_into(kept.pk), merged_into(other.pk)
    different = Pair.objects.filter(verdict=Verdict.DIFFERENT)
    if (
        different.filter(first__in=ours, second__in=theirs).exists()
        or different.filter(first__in=theirs, second__in=ours).exists()
    ):
        raise ConflictError(
            f"“{kept.name}”和“{other.name}”已经有人定过不是同一人，没有合并。",
            f"Somebody decided that {kept.name} and {other.name} are two people; nothing was merged.",
            hint_zh="确是同一人的，先撤回那个决定，再合并。",
            hint_en="If they are one, take that decision back first.",
            code="said-different",
        )


def _must_be_undoable(made: Joining) -> None:
    if made.undone_at is not None:
        raise ConflictError(
            "已经撤回过，没有再改。", "It is undone already; nothing changed.", code="undone"
        )
    later = Joining.objects.in_force().filter(done_at__gt=made.done_at)
    if (
        later.filter(kept__in=(made.kept_id, made.other_id)).exists()
        or later.filter(other__in=(made.kept_id, made.other_id)).exists()
    ):
        raise ConflictError(
            "这之后又有合并或拆分用到这两条记录，没有撤回。",
            "A later merge or split builds on these records; nothing was undone.",
            hint_zh="从最后一次起，倒着撤回。",
            hint_en="Undo them from the last one backwards.",
            code="undo-later-first",
        )


def _recount(case_file: CaseFile) -> None:
    """Only where the journal could not put the numbers back, because more was filed since."""
    before = (case_file.item_count, case_file.page_count, case_file.changed_at)
    recount(case_file)
    if (case_file.item_count, case_file.page_count) == before[:2]:
        CaseFile.objects.filter(pk=case_file.pk).update(changed_at=before[2])


def _remember_different(made: Joining, acting_user: User, reason: str) -> None:
    """Two that were taken apart again are two people, and are not put forward again."""
    if made.kind != JoiningKind.MERGE:
        return
    first, second = sorted((made.kept_id, made.other_id))
    said = {
        "verdict": Verdict.DIFFERENT,
        "said_by": acting_user,
        "said_at": timezone.now(),
        "why": reason,
    }
    fresh = {**said, "scope": made.kept.scope, "probability": 0.0}
    Pair.objects.update_or_create(
        first_id=first, second_id=second, defaults=said, create_defaults=fresh
    )


def told(made: Joining) -> dict[str, str]:
    return {"kept": str(made.kept_id), "other": str(made.other_id)}
