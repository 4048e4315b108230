"""A person's access diary: who opened what of his, when and why; read from the ledger.

The audit officer reads it to answer a question, the person to know. It holds no content: what was
looked at stands as material and number of pages.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.ledger.models import Detail, Entry, opened_detail
from rongdang.describe.access.models import Opening
from rongdang.describe.casefiles.models import CaseFile, Item, Page

# Events by which somebody comes to know what stands in a file.
LOOKS = (
    "casefile:see",
    "casefile:print",
    "casefile:export",
    "fact:unmask",
    "page:see",
    "page:see-original",
    "page:see-text",
)
ENOUGH = 400  # ids in one condition


@dataclass(slots=True)
class Look:
    """One person at one material (None: the file itself) on one day for one reason."""

    at: dt.datetime  # of the first look
    actor: str  # id of the account
    name: str
    event: str
    purpose: str  # code of the closed list; "" where none was stated
    note: str  # in the reader's own words
    opening: str  # id of the opening that bound the purpose
    item: uuid.UUID | None
    pages: set[str]

    @property
    def key(self) -> tuple[object, ...]:
        day = timezone.localdate(self.at)
        return (self.actor, self.event, self.purpose, self.item, day)


def diary_of(
    case_file: CaseFile, *, since: dt.datetime | None = None, until: dt.datetime | None = None
) -> list[Look]:
    """Newest first; pages of one material seen by one person on a day are one look."""
    items = dict(Page.objects.filter(item__case_file=case_file).values_list("pk", "item"))
    found: dict[tuple[object, ...], Look] = {}
    for entry, detail in _entries(case_file, since, until):
        look = _look(entry, detail, items)
        held = found.setdefault(look.key, look)
        held.pages |= look.pages
        held.at = min(held.at, look.at)
    looks = sorted(found.values(), key=lambda look: look.at, reverse=True)
    names = dict(User.objects.values_list("pk", "display_name"))
    by_text = {str(pk): name for pk, name in names.items()}
    stated = Opening.objects.filter(case_file=case_file).exclude(note="")
    notes = {str(one.pk): one.note for one in stated.only("note")}
    for look in looks:
        look.name = by_text.get(look.actor, "")
        look.note = look.note or notes.get(look.opening, "")
    return looks


def subjects_of(case_file: CaseFile) -> Q:
    """The entries that speak of a file, its person, its materials or its pages."""
    items = Item.objects.filter(case_file=case_file).values_list("pk", flat=True)
    pages = Page.objects.filter(item__case_file=case_file).values_list("pk", flat=True)
    found = Q(subject_kind="casefiles.casefile", subject_id=str(case_file.pk))
    found |= Q(subject_kind="people.person", subject_id=str(case_file.person_id))
    for kind, keys in (("casefiles.item", items), ("casefiles.page", pages)):
        for part in parts(keys):
            found |= Q(subject_kind=kind, subject_id__in=part)
    return found


def _entries(
    case_file: CaseFile, since: dt.datetime | None, until: dt.datetime | None
) -> Iterator[tuple[Entry, dict[str, Any]]]:
    rows = Entry.objects.filter(subjects_of(case_file), event__in=LOOKS, actor__isnull=False)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    entries = list(rows.defer("body", "leaf").order_by("seq"))
    details: dict[int, dict[str, Any]] = {}
    for part in parts(entry.seq for entry in entries):
        sides = Detail.objects.filter(pk__in=map(int, part)).values_list("pk", "body")
        details |= {pk: json.loads(opened_detail(pk, body)) for pk, body in sides}
    for entry in entries:
        yield entry, details.get(entry.seq, {})


def _look(entry: Entry, detail: dict[str, Any], items: dict[uuid.UUID, uuid.UUID]) -> Look:
    page = entry.subject_id if entry.subject_kind == "casefiles.page" else ""
    item = items.get(uuid.UUID(page)) if page else None
    if entry.subject_kind == "casefiles.item":
        item = uuid.UUID(entry.subject_id)
    return Look(
        at=entry.at,
        actor=entry.actor or "",
        name="",
        event=entry.event,
        purpose=str(detail.get("purpose", "")),
        note=str(detail.get("reason", "")),
        opening=str(detail.get("opening", "")),
        item=item,
        pages={page} if page else set(),
    )


def parts(keys: Iterable[object]) -> Iterator[list[str]]:
    """Ids as text, so many at a time as one condition holds."""
    held = [str(key) for key in keys]
    for start in range(0, len(held), ENOUGH):
        yield held[start : start + ENOUGH]
