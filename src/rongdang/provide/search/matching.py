"""One question to one index: what it narrows inside the index, what beside it, and the answers.

The index finds the words and narrows to a unit, class or year. Who may see a row stands in
`Document` alone: the level of content is looked up only for rows whose words fit.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from rongdang.base.columns.fields import encrypted
from rongdang.base.orgs.models import Unit
from rongdang.describe.access.predicate import BASIC
from rongdang.describe.access.sight import Sight
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.people.models import Person
from rongdang.provide.search.bigrams import category_token, unit_token, year_token
from rongdang.provide.search.models import Document, DocumentText
from rongdang.provide.search.ports import PAGES, PEOPLE, engine

FETCH = f"""
SELECT d.id, d.kind, d.person_id, n.name, i.id, i.title, i.category, i.formed, f.number, t.words, t.places,
    p.id, p.sequence, p.width, p.height, f.scope, i.level
FROM {Document._meta.db_table} d
JOIN {DocumentText._meta.db_table} t ON t.document_id = d.id
JOIN {Person._meta.db_table} n ON n.id = d.person_id
JOIN {Item._meta.db_table} i ON i.id = d.item_id
JOIN {CaseFile._meta.db_table} f ON f.id = i.case_file_id
LEFT JOIN {Page._meta.db_table} p ON p.id = d.ref AND d.kind = 'p'
WHERE d.id IN ({{wanted}}) AND {{visible}}
ORDER BY d.id DESC
"""
PERSON = f"""
JOIN {Person._meta.db_table} n ON n.id = d.person_id AND {{cared_for}}
JOIN {Unit._meta.db_table} u ON u.id = n.unit_id
LEFT JOIN {CaseFile._meta.db_table} f ON f.person_id = n.id
"""
NARROWING = 12  # units of one group of tokens
KEYS = frozenset((2, 4, 11))  # columns of FETCH
SEALED = {9: "words", 10: "places"}


@dataclass(frozen=True, slots=True)
class Question:
    """Canonical phrases, and whose eyes they are asked for; "" narrows nothing."""

    phrases: Sequence[str]
    sight: Sight
    unit: str = ""
    category: str = ""
    year: str = ""
    index: str = PAGES

    def finds_nothing(self) -> bool:
        return not self.phrases or self.sight.sees_nothing()

    def narrow(self) -> list[list[str]]:
        """Groups of tokens, one of each of which a row must have.

        A unit at the top narrows nothing that is worth the walk through its long list, nor do many.
        """
        sight = self.sight
        listed = sight.listed if self.index == PEOPLE else ()
        groups = [list(dict.fromkeys((*sight.seen, *listed, *sight.granted_units))), [self.unit]]
        units = [
            [unit_token(path) for path in group]
            for group in groups
            if len(group) <= NARROWING and all("." in path for path in group)
        ]
        classes = [[category_token(self.category)]] if self.category else []
        years = [[year_token(self.year)]] if self.year else []
        return units + classes + years


def match(asked: Question, *, limit: int, before: int | None = None) -> list[int]:
    """Rows that answer, newest first, at most `limit`; `before` goes on behind a row shown."""
    if asked.finds_nothing():
        return []
    joined, values = _joined(asked)
    if before is not None:
        joined += " AND hit < %s"
        values.append(before)
    with connection.cursor() as cursor:
        cursor.execute(f"{joined} ORDER BY hit DESC LIMIT %s", [*values, limit])
        return [row[0] for row in cursor.fetchall()]


class FoundUnit(NamedTuple):
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody found by name or number, with what a list shows of him."""

    pk: uuid.UUID
    name: str
    name_keys: str
    birth: str
    number: str | None  # of the file, if there is one
    unit: FoundUnit


def people(asked: Question, *, limit: int) -> list[FoundPerson]:
    """Whose rows answer, each person once, looking at the newest `limit` rows."""
    if asked.finds_nothing():
        return []
    columns = "n.id, n.name, n.name_keys, n.birth, f.number, u.name, u.name_en"
    sight = asked.sight
    units = dict.fromkeys((*sight.seen, *sight.listed))
    cared_for, paths = _either(_scoped(units, "n.scope"), _named(sight, "n.id"))
    joined, values = _joined(asked, columns, joins=(PERSON.format(cared_for=cared_for), paths))
    with connection.cursor() as cursor:
        cursor.execute(f"{joined} ORDER BY hit DESC LIMIT %s", [*values, limit])
        found = [
            FoundPerson(_key(pk), name, keys, birth, number, FoundUnit(unit, unit_en))
            for _hit, pk, name, keys, birth, number, unit, unit_en in cursor.fetchall()
        ]
    return list({person.pk: person for person in found}.values())


class Tally(NamedTuple):
    """What answers a question, counted."""

    total: int
    counts: dict[str, dict[str, int]]  # column → value → how many
    newest: list[int]  # rows, newest first


def tally(
    asked: Question,
    columns: Sequence[str],
    *,
    limit: int,
    newest: int = 0,
    before: int | None = None,
) -> Tally:
    """How many rows answer, counting to `limit`, and how many of each value of `columns`; with them,
    in the same pass over the index, the `newest` rows (behind `before`), as `match` gives them.
    """
    counts: dict[str, dict[str, int]] = {column: {} for column in columns}
    if asked.finds_nothing():
        return Tally(0, counts, [])
    joined, values = _joined(asked, ", ".join(f"d.{column}" for column in columns))
    shown = "" if before is None else "WHERE hit < %s "
    parts = [
        f"WITH kept AS MATERIALIZED ({joined} LIMIT %s) SELECT '', '', count(*) FROM kept",
        *(f"SELECT '{name}', {name}, count(*) FROM kept GROUP BY {name}" for name in columns),
        f"SELECT * FROM (SELECT 'hit', '', hit FROM kept {shown}ORDER BY hit DESC LIMIT %s) AS shown",
    ]
    values += [limit, *([] if before is None else [before]), newest]
    total, rows = 0, []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for column, value, count in cursor.fetchall():
            if column == "hit":
                rows.append(count)
            elif column:
                counts[column][value] = count
            else:
                total = count
    if total >= limit and newest:  # counting stopped, perhaps before the newest
        rows = match(asked, limit=newest, before=before)
    return Tally(total, counts, rows)


def unit_names(paths: Sequence[str]) -> dict[str, str]:
    """Path of a unit → its name."""
    if not paths:
        return {}
    wanted = ", ".join("%s" for _path in paths)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT path, name FROM {Unit._meta.db_table} WHERE path IN ({wanted})", paths
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Found:
    """A row of the index with its material, and with its page where it is one."""

    row: int
    kind: str
    person_id: uuid.UUID
    person: str
    item_id: uuid.UUID
    title: str
    category: str
    formed: str
    number: str  # of the file
    words: str
    places: bytes
    page_id: uuid.UUID | None
    sequence: int
    width: int
    height: int
    scope: str
    level: str


def fetch(rows: Sequence[int], sight: Sight) -> list[Found]:
    """The rows of which the material itself, not only its index, may be seen; newest first."""
    if not rows or sight.sees_nothing():
        return []
    visible, values = _visible(sight, "f.scope", "i.level", "f.person_id")
    wanted = ", ".join("%s" for _row in rows)
    with connection.cursor() as cursor:
        cursor.execute(FETCH.format(wanted=wanted, visible=visible), [*rows, *values])
        return [Found(*_as_python(row)) for row in cursor.fetchall()]


def _as_python(row: Sequence[Any]) -> Iterator[Any]:
    """Keys as UUIDs, bytes as bytes, whichever database answered; sealed columns opened."""
    for place, value in enumerate(row):
        if place in SEALED:
            yield encrypted(DocumentText, SEALED[place]).read(value, row[0])
        elif value is not None and place in KEYS:
            yield _key(value)
        else:
            yield bytes(value) if isinstance(value, memoryview) else value


def _key(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def _visible(
    sight: Sight, scope: str, level: str, person: str, *, index: str = PAGES
) -> tuple[str, list[Any]]:
    """(Scope ∧ level ∨ grant) ∧ not one's own or a relative's, as `access.predicate.content` has it;
    of names also what the register lists.
    """
    opened, of_grants = sight.granted
    allowed = [
        _scoped(sight.seen, scope, level),
        (f"({person}, {level}) IN ({opened})" if opened else "", list(of_grants)),
    ]
    named, of_names = _named(sight, person)
    if index == PEOPLE and named:
        allowed.append((f"({level} = %s AND {named})", [BASIC, *of_names]))
    clause, values = _either(*allowed)
    left_out, of_user = sight.left_out
    if left_out:
        clause += f" AND {person} NOT IN ({left_out})"
        values += of_user
    if index != PEOPLE or not sight.listed:
        return clause, values
    listed, of_units = _either(_scoped(dict.fromkeys(sight.listed), scope), (named, of_names))
    return _either((clause, values), (f"{level} = %s AND {listed}", [BASIC, *of_units]))


def _named(sight: Sight, person: str) -> tuple[str, list[Any]]:
    """People whose files a grant opens, for whatever purpose."""
    sql, values = sight.granted_names
    return (f"{person} IN ({sql})" if sql else ""), list(values)


def _either(*clauses: tuple[str, list[Any]]) -> tuple[str, list[Any]]:
    """One of the clauses; those that are "" are left out with their values."""
    told = [(sql, values) for sql, values in clauses if sql]
    joined = " OR ".join(sql for sql, _values in told)
    return f"({joined or '1 = 0'})", [value for _sql, values in told for value in values]


def _scoped(
    units: Mapping[str, tuple[str, ...] | None], scope: str, level: str = ""
) -> tuple[str, list[Any]]:
    """Rows of these units; with `level`, of the levels named beside each."""
    clauses: list[str] = []
    values: list[Any] = []
    for path, levels in units.items():
        clause = f"{scope} >= %s AND {scope} < %s"
        values += [path, f"{path}/"]
        if level and levels:
            clause += f" AND {level} IN ({', '.join('%s' for _level in levels)})"
            values += levels
        clauses.append(f"({clause})")
    return " OR ".join(clauses), values


def _joined(
    asked: Question, columns: str = "", *, joins: tuple[str, Sequence[Any]] = ("", ())
) -> tuple[str, list[Any]]:
    """SELECT of hit and columns of the documents `d` that answer and may be seen, always the index first.

    `joins` are further tables, as SQL with its values.
    """
    found, values = engine().where(asked.index, asked.phrases, asked.narrow())
    further, of_joins = joins
    values += of_joins
    narrowed, of_user = _visible(
        asked.sight, "d.scope", "d.level", "d.person_id", index=asked.index
    )
    values += of_user
    if asked.unit:
        narrowed += " AND d.scope >= %s AND d.scope < %s"
        values += [asked.unit, f"{asked.unit}/"]
    document = Document._meta.db_table
    selected = f"hit, {columns}" if columns else "hit"
    if connection.vendor == "postgresql":
        # Else it may walk the whole table in order of number.
        head = f"WITH found AS MATERIALIZED ({found}) SELECT {selected} FROM found JOIN {document}"
    else:
        head = f"SELECT {selected} FROM ({found}) AS found CROSS JOIN {document}"
    return f"{head} d ON d.id = hit {further} WHERE {narrowed}", values
