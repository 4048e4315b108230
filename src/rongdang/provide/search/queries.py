"""Asking: one box, only what the user may see, in hits, counts and suggestions alike."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from rongdang.base.accounts.models import User
from rongdang.base.textlayer import Box, TextLayer
from rongdang.base.vocab import names
from rongdang.base.vocab.masks import masked_text
from rongdang.describe.access.predicate import Purpose
from rongdang.describe.access.sight import Sight, sight_of
from rongdang.describe.grants.queries import opened_levels
from rongdang.provide.search import layout, matching
from rongdang.provide.search.bigrams import START, phrases
from rongdang.provide.search.matching import Found, FoundPerson, Question, fetch, tally
from rongdang.provide.search.ports import PEOPLE

PAGE_SIZE = 10  # each hit shows its place on the page: an image to decrypt
PEOPLE_SHOWN = 12
PEOPLE_COUNTED = 200
COUNTED = 20_000  # counting stops here; the page says so
BOXES_DRAWN = 12
FACETS = ("scope", "category", "year")  # columns of Document


@dataclass(frozen=True, slots=True)
class Filters:
    """What the facets were set to; "" is not set."""

    unit: str = ""  # path of a unit
    category: str = ""
    year: str = ""

    @classmethod
    def of(cls, *, unit: str, category: str, year: str) -> Self:
        """From an address; what is no path, class or year is left aside."""
        return cls(
            unit=unit if re.fullmatch(r"\d{4}(\.\d{4})*", unit) else "",
            category=category if re.fullmatch(r"\d{1,2}(-\d)?", category) else "",
            year=year if re.fullmatch(r"\d{4}", year) else "",
        )


@dataclass(slots=True)
class Hit:
    """One found page or title, with the words around the place and the boxes to draw on the page."""

    found: Found
    purpose: Purpose  # that opens it
    before: str
    match: str
    after: str
    boxes: list[Box]


@dataclass(slots=True)
class Results:
    """What one question found."""

    query: str
    people: list[FoundPerson]
    hits: list[Hit]
    total: int  # exact up to COUNTED
    facets: dict[str, list[tuple[str, str, int]]]  # facet → (value, label, count)
    after: int | None  # goes on behind this row; None = all shown
    people_total: int = 0  # exact below PEOPLE_COUNTED

    @property
    def counted_out(self) -> bool:
        """Did counting stop before the end? Then every number means "at least"."""
        return self.total >= COUNTED


def search(
    user: User,
    ways: Sequence[Purpose],
    query: str,
    filters: Filters = Filters(),
    *,
    before: int | None = None,
) -> Results:
    """People and pages that hold every part of the query, as far as one of the `ways` opens them.

    The register finds people only: what stands on a page is content.
    """
    parts = phrases(query)
    if not parts:
        return Results(query, [], [], 0, {}, None)
    sight = sight_of(user, *ways)
    people, people_total = _people(sight, query, parts, filters.unit, PEOPLE_SHOWN)
    if not sight.sees_pages:
        return Results(query, people, [], 0, {}, None, people_total)
    asked = Question(parts, sight, filters.unit, filters.category, filters.year)
    total, counts, rows = tally(asked, FACETS, limit=COUNTED, newest=PAGE_SIZE + 1, before=before)
    return Results(
        query=query,
        people=people,
        hits=_hits(user, sight, rows[:PAGE_SIZE], parts),
        total=total,
        facets=_facets(counts),
        after=rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None,
        people_total=people_total,
    )


def suggestions(user: User, ways: Sequence[Purpose], query: str) -> list[FoundPerson]:
    """Up to eight people whose name, pinyin or number holds the query."""
    return _people(sight_of(user, *ways), query, phrases(query), "", 8)[0]


def boxes_of(layer: TextLayer, parts: Sequence[str]) -> list[Box]:
    """Where the parts stand on a page, by the rules of the index."""
    return layout.boxes(layout.lay_out(layer), parts)


def spelled(parts: Sequence[str]) -> list[str]:
    """Parts as asked of names: Latin letters are pinyin or initials, from their first letter on."""
    asked: list[str] = []
    for part in parts:
        latin = part.replace("ü", "v")
        if not (latin.isascii() and latin.isalpha()):
            asked.append(part)
        elif asked and asked[-1].startswith(START):
            asked[-1] += latin  # "lin changhe" is one name
        else:
            asked.append(START + latin)
    return asked


def _people(
    sight: Sight, query: str, parts: Sequence[str], unit: str, most: int
) -> tuple[list[FoundPerson], int]:
    """The people found, whose name is the query before the others; and how many there are."""
    asked = Question(spelled(parts), sight, unit, index=PEOPLE)
    found = matching.people(asked, limit=PEOPLE_COUNTED)
    name = names.normalise_name(query)

    def place(person: FoundPerson) -> tuple[bool, bool, str, uuid.UUID]:
        return person.name != name, not person.name.startswith(name), person.name_keys, person.pk

    return sorted(found, key=place)[:most], len(found)


def _hits(user: User, sight: Sight, rows: Sequence[int], parts: Sequence[str]) -> list[Hit]:
    """What the index still holds but the rules no longer show is left out."""
    hits = []
    for found, purpose in _opened(user, sight, fetch(rows, sight)):
        laid = layout.Layout(found.words, found.places)
        drawn = layout.boxes(laid, parts)[:BOXES_DRAWN] if found.page_id else []
        shown = layout.Layout(masked_text(found.words), found.places) if purpose.masks else laid
        hits.append(Hit(found, purpose, *layout.around(shown, parts), drawn))
    return hits


def _opened(user: User, sight: Sight, rows: Sequence[Found]) -> Iterator[tuple[Found, Purpose]]:
    """Each with the purpose that opens it: by a role, or by a grant that still holds."""
    by_role = [sight.opened_by_role(found.scope, found.level) for found in rows]
    rest = {found.person_id for found, purpose in zip(rows, by_role, strict=True) if not purpose}
    granted = opened_levels(user, rest) if rest else set()
    for found, purpose in zip(rows, by_role, strict=True):
        ways = [
            way for way, _seen in sight.ways if (found.person_id, found.level, way.code) in granted
        ]
        if purpose or ways:
            yield found, purpose or ways[0]


def _facets(counts: dict[str, dict[str, int]]) -> dict[str, list[tuple[str, str, int]]]:
    units = sorted(counts["scope"].items(), key=lambda pair: (-pair[1], pair[0]))[:12]
    labels = matching.unit_names([path for path, _n in units])
    return {
        "unit": [(path, labels.get(path, path), count) for path, count in units],
        "category": [
            (code, code, count)
            for code, count in sorted(counts["category"].items(), key=_by_number)
            if code
        ],
        "year": [(year, year, count) for year, count in sorted(counts["year"].items()) if year],
    }


def _by_number(counted: tuple[str, int]) -> list[int]:
    return [int(part) for part in counted[0].split("-") if part]
