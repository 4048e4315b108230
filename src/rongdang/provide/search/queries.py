"""Asking: one box, only what the user may see, in hits, counts and suggestions alike."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rongdang.base.accounts.models import User
from rongdang.base.orgs.models import Unit
from rongdang.base.textlayer import TextLayer
from rongdang.describe.casefiles.models import Page
from rongdang.describe.people.models import Person
from rongdang.provide.search.bigrams import (
    category_token,
    fold,
    level_token,
    phrase_tokens,
    phrases,
    unit_token,
)
from rongdang.provide.search.models import Document
from rongdang.provide.search.ports import engine

PAGE_SIZE = 20
COUNTED = 1001  # counting stops here; the page says 1000+


@dataclass(frozen=True, slots=True)
class Filters:
    """What the facets were set to; "" is not set."""

    unit: str = ""  # path of a unit
    category: str = ""
    year: str = ""


@dataclass(slots=True)
class Hit:
    """One found page or title, with the words around the place and the boxes to draw."""

    document: Document
    before: str
    match: str
    after: str
    page: Page | None = None
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)


@dataclass(slots=True)
class Results:
    """What one question found."""

    query: str
    people: list[Person]
    hits: list[Hit]
    total: int  # at most COUNTED
    facets: dict[str, list[tuple[str, str, int]]]  # facet → (value, label, count)
    after: int | None  # goes on behind this row; None = all shown


def search(
    user: User, query: str, filters: Filters = Filters(), *, before: int | None = None
) -> Results:
    """People and pages that hold every part of the query, as far as `user` may know of them."""
    parts = phrases(query)
    if not parts:
        return Results(query, [], [], 0, {}, None)
    asked = [phrase_tokens(part) for part in parts]
    people_rows = engine().match(
        asked, scopes_of(user, Filters(unit=filters.unit), ["kn"]), limit=12
    )
    people = list(
        Person.objects.visible_to(user)
        .filter(pk__in=Document.objects.filter(pk__in=people_rows).values("person_id"))
        .select_related("unit", "case_file")
    )
    scopes = scopes_of(user, filters, ["kp", "ki"])
    rows = engine().match(asked, scopes, limit=COUNTED)
    shown = [row for row in rows if before is None or row < before][:PAGE_SIZE]
    if before is not None and len(shown) < PAGE_SIZE and len(rows) == COUNTED:
        shown = engine().match(asked, scopes, limit=PAGE_SIZE, before=before)
    documents = Document.objects.filter(pk__in=shown).select_related("person", "item__case_file")
    hits = [_hit(document, parts) for document in sorted(documents, key=lambda d: -d.pk)]
    _draw(user, hits, parts)
    more = bool(shown) and shown[-1] != rows[-1] if rows else False
    return Results(query, people, hits, len(rows), _facets(rows), shown[-1] if more else None)


def suggestions(user: User, query: str) -> list[Person]:
    """Up to eight people whose name, pinyin or number holds the query."""
    parts = phrases(query)
    if not parts:
        return []
    rows = engine().match(
        [phrase_tokens(p) for p in parts], scopes_of(user, Filters(), ["kn"]), limit=8
    )
    people = Document.objects.filter(pk__in=rows).values("person_id")
    return list(Person.objects.visible_to(user).filter(pk__in=people).select_related("unit"))


def scopes_of(user: User, filters: Filters, kinds: Sequence[str]) -> list[list[list[str]]]:
    """The predicate of `visible_to` in tokens: for each unit held, its subtree and its levels."""
    scopes = []
    for path, levels in user.levels().items():
        if not levels:
            continue
        groups = [[unit_token(path)], [level_token(level) for level in levels], list(kinds)]
        if filters.unit:
            groups.append([unit_token(filters.unit)])
        if filters.category:
            groups.append([category_token(filters.category)])
        if filters.year:
            groups.append([f"y{filters.year}"])
        scopes.append(groups)
    return scopes


def boxes_of(layer: TextLayer, parts: Sequence[str]) -> list[tuple[float, float, float, float]]:
    """Where the parts stand on the page: one box for each place, from the characters' own boxes."""
    found = []
    for line in layer.lines:
        characters = [
            (folded, char.box)
            for char in line.chars
            for folded in fold(char.text)
            if not folded.isspace()
        ]
        text = "".join(character for character, _box in characters) or fold(line.text).replace(
            " ", ""
        )
        for part in parts:
            start = text.find(part)
            while start >= 0:
                covered = [box for _c, box in characters[start : start + len(part)]] or [line.box]
                found.append(
                    (
                        min(box[0] for box in covered),
                        min(box[1] for box in covered),
                        max(box[2] for box in covered),
                        max(box[3] for box in covered),
                    )
                )
                start = text.find(part, start + 1)
    return found


def _hit(document: Document, parts: Sequence[str]) -> Hit:
    text = " ".join(document.body.split())
    folded = fold(text)
    start = folded.find(parts[0]) if len(folded) == len(text) else -1
    if start < 0:
        return Hit(document, text[:40], "", "")
    end = start + len(parts[0])
    return Hit(document, text[max(0, start - 18) : start], text[start:end], text[end : end + 30])


def _draw(user: User, hits: Sequence[Hit], parts: Sequence[str]) -> None:
    refs = [hit.document.ref for hit in hits if hit.document.kind == "p"]
    pages = Page.objects.visible_to(user).filter(pk__in=refs).in_bulk()
    for hit in hits:
        hit.page = pages.get(hit.document.ref)
        if hit.page is not None and hit.page.layer:
            layer = TextLayer.from_json(zlib.decompress(bytes(hit.page.layer)).decode())
            hit.boxes = boxes_of(layer, parts)[:12]


def _facets(rows: Sequence[int]) -> dict[str, list[tuple[str, str, int]]]:
    found = list(Document.objects.filter(pk__in=rows).values_list("scope", "category", "year"))
    units = Counter(scope for scope, _category, _year in found)
    labels = dict(Unit.objects.filter(path__in=units).values_list("path", "name"))
    categories = Counter(category for _scope, category, _year in found if category)
    years = Counter(year for _scope, _category, year in found if year)
    return {
        "unit": [(path, labels.get(path, path), count) for path, count in units.most_common(12)],
        "category": [(code, code, count) for code, count in sorted(categories.items())],
        "year": [(year, year, count) for year, count in sorted(years.items())],
    }
