"""What changed since a place in the log: read from the ledger, so nothing that happened is missed.

A place is the number of an entry. Whoever was away a week goes on where he stopped; each change is told
by what the reader may see at the time he reads.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from rongdang.base.accounts.models import User
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import details_of, size
from rongdang.base.vocab import fields
from rongdang.describe.access.predicate import KEEP, REGISTER, apart, levels_at, levels_seen, listed
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.linkage.models import Joining
from rongdang.describe.people.models import LISTED, Fact, Person
from rongdang.describe.statements.models import Batch, Statement
from rongdang.provide.changes.kinds import Kind, kinds

LOOKED_AT = 20_000  # entries passed over in one reading, whatever stands in them


@dataclass(frozen=True, slots=True)
class Origin:
    """By which source: a material of the file, or a row of an old system."""

    kind: str  # material, source
    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed of one person; names of fields and sources, never a value."""

    seq: int
    at: dt.datetime
    kind: Kind
    person: uuid.UUID
    scope: str  # path of the unit
    subject: uuid.UUID
    fields: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Changes in the order they happened; `after` is where to go on, `more` if there is more now."""

    changes: tuple[Change, ...]
    after: int
    more: bool


def changes_since(user: User, after: int, *, most: int, look: int = LOOKED_AT) -> Told:
    """What changed behind entry `after` of what `user` may know: at most `most` entries' worth, and
    of the next `look` entries of the log.
    """
    end = size()
    until = min(after + look, end)
    told = kinds()
    found = Entry.objects.filter(seq__gt=after, seq__lte=until, event__in=told).order_by("seq")
    entries = list(found.defer("body", "leaf")[:most])
    reached = entries[-1].seq if len(entries) == most else max(until, after)
    return Told(tuple(_seen(user, entries)), reached, reached < end)


def _seen(user: User, entries: Sequence[Entry]) -> Iterator[Change]:
    """What the reader may know of these entries, in their order."""
    told = kinds()
    by_form: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_form[told[entry.event].of].append(entry)
    changes: dict[int, list[Change]] = defaultdict(list)
    for form, some in by_form.items():
        for change in READERS[form](user, some):
            changes[change.seq].append(change)
    for entry in entries:
        yield from changes[entry.seq]


def _subjects(entries: Iterable[Entry]) -> set[uuid.UUID]:
    return {uuid.UUID(entry.subject_id) for entry in entries}


def _change(entry: Entry, person: uuid.UUID, scope: str, **more: Any) -> Change:
    kind = kinds()[entry.event]
    return Change(entry.seq, entry.at, kind, person, scope, uuid.UUID(entry.subject_id), **more)


def _scopes(user: User, people: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Of these people, those the reader may follow, each with the unit: not himself nor his kin.

    Records that were closed are among them: that one was closed is what has to be told.
    """
    seen = Person.objects.filter(listed(user, REGISTER, LISTED), apart(user, "pk"), pk__in=people)
    return dict(seen.values_list("pk", "scope"))


def _of_people(user: User, entries: Sequence[Entry]) -> Iterator[Change]:
    scopes = _scopes(user, _subjects(entries))
    for entry in entries:
        person = uuid.UUID(entry.subject_id)
        if person in scopes:
            yield _change(entry, person, scopes[person])


def _of_files(user: User, entries: Sequence[Entry]) -> Iterator[Change]:
    seen = CaseFile.objects.visible_to(user, REGISTER).filter(
        apart(user, "person"), pk__in=_subjects(entries)
    )
    known = {pk: (person, scope) for pk, person, scope in seen.values_list("pk", "person", "scope")}
    for entry in entries:
        if (row := known.get(uuid.UUID(entry.subject_id))) is not None:
            yield _change(entry, *row)


def _of_materials(user: User, entries: Sequence[Entry]) -> Iterator[Change]:
    """That a material exists is content: told to those who keep the file, by its level."""
    seen = Item.objects.visible_to(user, KEEP).filter(pk__in=_subjects(entries))
    rows = seen.values_list("pk", "case_file__person", "case_file__scope", "title")
    known = {pk: (person, scope, title) for pk, person, scope, title in rows}
    for entry in entries:
        if (row := known.get(uuid.UUID(entry.subject_id))) is not None:
            person, scope, title = row
            origin = Origin("material", uuid.UUID(entry.subject_id), title)
            yield _change(entry, person, scope, origins=(origin,))


def _of_facts(user: User, entries: Sequence[Entry]) -> Iterator[Change]:
    """Whoever may know of the person learns that facts changed; which ones, only who may see them."""
    scopes = _scopes(user, _subjects(entries))
    details = details_of(entry.seq for entry in entries)
    named = {entry.seq: _facts_named(details.get(entry.seq, {})) for entry in entries}
    facts = _facts(user, {pk for pks in named.values() for pk in pks})
    for entry in entries:
        person = uuid.UUID(entry.subject_id)
        if person not in scopes:
            continue
        seen = [facts[pk] for pk in named[entry.seq] if pk in facts]
        whole = bool(seen) and len(seen) == len(named[entry.seq])
        yield _change(
            entry,
            person,
            scopes[person],
            fields=tuple(dict.fromkeys(field for field, _origin in seen)),
            origins=tuple(dict.fromkeys(origin for _field, origin in seen if origin)),
            why=str(details.get(entry.seq, {}).get("reason", "")) if whole else "",
        )


def _facts_named(detail: Mapping[str, Any]) -> list[uuid.UUID]:
    named = detail.get("facts") or [one for one in [detail.get("fact")] if one]
    return [uuid.UUID(one) for one in named]


def _facts(user: User, pks: set[uuid.UUID]) -> dict[uuid.UUID, tuple[str, Origin | None]]:
    """Fact → its field, and the material that says it where the reader may see that."""
    rows = Fact.objects.visible_to(user, KEEP).filter(pk__in=pks)
    found = list(rows.values_list("pk", "field", "page__item"))
    items = Item.objects.visible_to(user, KEEP).filter(pk__in={item for *_, item in found if item})
    titles = dict(items.values_list("pk", "title"))
    origin = partial(_material, titles)
    return {pk: (field, origin(item)) for pk, field, item in found}


def _material(titles: Mapping[uuid.UUID, str], item: uuid.UUID | None) -> Origin | None:
    return Origin("material", item, titles[item]) if item and item in titles else None


def _of_rulings(user: User, entries: Sequence[Entry]) -> Iterator[Change]:
    """Which field was decided and why, to those who may see it."""
    scopes = _scopes(user, _subjects(entries))
    details = details_of(entry.seq for entry in entries)
    by_unit = levels_seen(user, KEEP)
    for entry in entries:
        person, told = uuid.UUID(entry.subject_id), details.get(entry.seq, {})
        if person in scopes:
            is_shown = told.get("field") in _shown(by_unit, scopes[person])
            more = {"fields": (told["field"],), "why": told.get("reason", "")} if is_shown else {}
            yield _change(entry, person, scopes[person], **more)


def _shown(by_unit: dict[str, tuple[str, ...]], scope: str) -> tuple[str, ...]:
    """Fields whose level the reader sees in that unit."""
    return fields.of_levels(tuple(sorted(levels_at(by_unit, scope))))


def _of_joinings(user: User, entries: Sequence[Entry]) -> Iterator[Change]:
    """The record that stayed; `subject` is the other, for whoever may know of it too."""
    rows = Joining.objects.filter(pk__in=_subjects(entries)).values_list("pk", "kept", "other")
    pairs = {pk: (kept, other) for pk, kept, other in rows}
    scopes = _scopes(user, {one for pair in pairs.values() for one in pair})
    for entry in entries:
        kept, other = pairs[uuid.UUID(entry.subject_id)]
        if kept in scopes and other in scopes:
            yield replace(_change(entry, kept, scopes[kept]), subject=other)


def _of_rows(user: User, entries: Sequence[Entry]) -> Iterator[Change]:
    """Each person that the rows of a batch say something new of, by which source."""
    batches = Batch.objects.select_related("source").in_bulk(list(_subjects(entries)))
    for entry in entries:
        batch = batches[uuid.UUID(entry.subject_id)]
        scopes = _scopes(user, batch.people_ids)
        said = {} if batch.taken_back else _said_in(user, batch, scopes)
        origin = Origin("source", batch.source_id, batch.source.name)
        for person in batch.people_ids:
            if person in scopes:
                told = said.get(person, ())
                yield _change(entry, person, scopes[person], fields=told, origins=(origin,))


def _said_in(
    user: User, batch: Batch, scopes: Mapping[uuid.UUID, str]
) -> dict[uuid.UUID, tuple[str, ...]]:
    """Person → fields that the rows of this batch give him, those the reader may see."""
    by_unit = levels_seen(user, KEEP)
    rows = Statement.objects.filter(run=batch.run, row__gte=batch.first, row__lte=batch.last)
    found: dict[uuid.UUID, tuple[str, ...]] = {}
    for row in rows.filter(person__in=scopes):
        shown = _shown(by_unit, scopes[row.person_id])
        found[row.person_id] = tuple(name for name in row.sayings if name in shown)
    return found


READERS = {
    "ruling": _of_rulings,
    "joining": _of_joinings,
    "rows": _of_rows,
    "person": _of_people,
    "facts": _of_facts,
    "file": _of_files,
    "material": _of_materials,
}
