"""What waits for a person, as rows: check, review, scan again, hand in; and what the machine reads."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.capture.batches.models import Batch, Scan, Upload
from rongdang.capture.batches.queries import reject_list
from rongdang.capture.batches.states import BatchState, ScanState
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import OPEN, MaterialState

KINDS = {
    "": _("全部"),
    "review": _("核对"),
    "check": _("复核"),
    "rescan": _("重扫"),
    "receiving": _("收件"),
    "reading": _("识读"),
}
TONES = {"review": "read", "check": "ok", "rescan": "warn", "receiving": "", "reading": ""}
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Todo:
    """One row of the worklist; `mine` = it waits for a person, not for the machine."""

    kind: str
    what: str
    who: str
    batch: Batch
    verb: str
    address: str
    mine: bool = True

    @property
    def word(self) -> str:
        return str(KINDS[self.kind])

    @property
    def tone(self) -> str:
        return TONES[self.kind]


def todo_of(user: User) -> list[Todo]:
    """Everything that waits, most urgent first: check, review, scan again, hand in, watch."""
    rows = (
        Batch.objects.visible_to(user)
        .exclude(state=BatchState.DONE)
        .select_related("unit", "declared_by")
        .order_by("created_at")
    )
    batches: dict[str, list[Batch]] = {state: [] for state in BatchState.values}
    for batch in rows[:200]:
        batches[batch.state].append(batch)
    review, receiving = batches[BatchState.REVIEW], batches[BatchState.RECEIVING]
    reading = batches[BatchState.READING]
    waiting = _per_batch(Material.objects.filter(batch__in=review, state__in=OPEN))
    files = _per_batch(Upload.objects.filter(batch__in=receiving))
    unread = _per_batch(Scan.objects.filter(batch__in=reading, state=ScanState.WAITING))
    found = [*_checks(user)]
    found += [_review(one, waiting[one.pk]) for one in review if one.pk in waiting]
    found += _rescans(user)
    found += [_receiving(one, files.get(one.pk, 0)) for one in receiving]
    found += [_reading(one, unread.get(one.pk, 0)) for one in reading]
    may = {
        "review": user.may(Permission.MATERIAL_REVIEW),
        "rescan": user.may(Permission.BATCH_UPLOAD),
        "receiving": user.may(Permission.BATCH_UPLOAD),
        "check": True,
        "reading": True,
    }
    return [one if may[one.kind] else _watched(one) for one in found]


def _per_batch(rows: QuerySet[Any]) -> dict[uuid.UUID, int]:
    return dict(rows.values_list("batch").annotate(Count("pk")).order_by())


def _watched(one: Todo) -> Todo:
    """The same row for somebody who may look but not act."""
    address = reverse("batches:detail", args=[one.batch.pk])
    return Todo(one.kind, one.what, one.who, one.batch, gettext("看进度"), address, mine=False)


def _checks(user: User) -> list[Todo]:
    if not user.may(Permission.MATERIAL_CHECK):
        return []
    rows = (
        Material.objects.visible_to(user)
        .filter(state=MaterialState.CHECK)
        .exclude(decided_by=user)
        .select_related("batch__unit", "person", "decided_by")
        .order_by("decided_at")[:SHOWN]
    )
    return [
        Todo(
            "check",
            f"{one.person_name} · {one.title}",
            one.decided_by.display_name if one.decided_by else "",
            one.batch,
            gettext("去复核"),
            reverse("review:desk", args=[one.pk]),
        )
        for one in rows
    ]


def _review(batch: Batch, count: int) -> Todo:
    what = ngettext("%(count)s 份材料等核对", "%(count)s 份材料等核对", count) % {"count": count}
    address = f"{reverse('review:next')}?batch={batch.number}"
    return Todo("review", what, batch.note, batch, gettext("去核对"), address)


def _rescans(user: User) -> list[Todo]:
    counts: dict[Batch, int] = {}
    for scan in reject_list(user)[:500]:
        counts[scan.batch] = counts.get(scan.batch, 0) + 1
    return [
        Todo(
            "rescan",
            ngettext("%(count)s 页请重扫", "%(count)s 页请重扫", count) % {"count": count},
            batch.note,
            batch,
            gettext("去重扫"),
            reverse("batches:detail", args=[batch.pk]) + "#rescans",
        )
        for batch, count in counts.items()
    ]


def _receiving(batch: Batch, count: int) -> Todo:
    what = ngettext("还没交完，已收 %(count)s 个文件", "还没交完，已收 %(count)s 个文件", count) % {
        "count": count
    }
    who = batch.declared_by.display_name
    address = reverse("batches:detail", args=[batch.pk])
    return Todo("receiving", what, who, batch, gettext("接着收"), address)


def _reading(batch: Batch, count: int) -> Todo:
    if not count:  # its files are still being taken apart
        what, address = gettext("机器在拆文件、取页面"), reverse("batches:detail", args=[batch.pk])
        return Todo("reading", what, batch.note, batch, gettext("看进度"), address, mine=False)
    what = ngettext("机器在读，还剩 %(count)s 页", "机器在读，还剩 %(count)s 页", count) % {
        "count": count
    }
    address = reverse("batches:detail", args=[batch.pk])
    return Todo("reading", what, batch.note, batch, gettext("看进度"), address, mine=False)


def tabs_of(todo: list[Todo]) -> list[dict[str, object]]:
    tabs = []
    for kind, word in KINDS.items():
        count = sum(kind in ("", one.kind) for one in todo)
        if count or not kind:
            tabs.append({"kind": kind, "word": word, "count": count})
    return tabs
