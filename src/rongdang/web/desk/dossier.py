"""What the page of one person shows: materials by class, facts with evidence, pages, what is missing."""

from __future__ import annotations

import uuid
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import ALL_LEVELS
from rongdang.base.textlayer import TextLayer
from rongdang.base.vocab import categories, required
from rongdang.capture.reading.contradictions import contradictions
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.people.services import governing
from rongdang.provide.search import layout
from rongdang.provide.search.bigrams import phrases
from rongdang.provide.search.models import DocumentText
from rongdang.provide.search.queries import boxes_of


def in_order(items: Iterable[Item]) -> list[Item]:
    """By class and sub-class, then by time of formation; undated ones last."""

    def place(item: Item) -> tuple[int, str, str, int]:
        top = item.category.partition("-")[0]
        return int(top), item.category, item.formed or "9999", item.sequence

    return sorted(items, key=place)


def found_in(user: User, person: Person, query: str) -> dict[uuid.UUID, int]:
    """Material → places on its pages where the words stand; the whole file is searched."""
    sought = phrases(query)
    if not sought:
        return {}
    rows = DocumentText.objects.filter(
        document__person=person,
        document__kind="p",
        document__item__in=Item.objects.visible_to(user),
    )
    counts: dict[uuid.UUID, int] = {}
    for item, words, places in rows.values_list("document__item", "words", "places"):
        found = len(layout.boxes(layout.Layout(words, bytes(places)), sought))
        if found:
            counts[item] = counts.get(item, 0) + found
    return counts


def chosen_of(
    items: Sequence[Item], wanted: str, found: Mapping[uuid.UUID, int], before: str
) -> Item | None:
    """The material asked for by id; else where the words sought stand (the one looked at `before`
    if they stand there); else the first that has pages, else the first.
    """
    holding = [item for item in items if item.pk in found]
    if holding and not wanted:
        return next((item for item in holding if str(item.pk) == before), holding[0])
    wanted = wanted or before
    digitised = next((item for item in items if not item.paper_only), items[0] if items else None)
    return next((item for item in items if str(item.pk) == wanted), digitised)


KEPT_FOR_SCRIPT = ("id", "number", "width", "height", "lines", "hits")


def viewer_of(user: User, item: Item | None, asked: Mapping[str, str]) -> dict[str, object]:
    """Pages of the material in view, the words sought in them, and the boxes to draw.

    `asked` is the query of the address: q, the words; page, the page to start with.
    """
    if item is None:
        return {"pages": [], "viewer": [], "start": 0}
    sought = phrases(asked.get("q", ""))
    pages = Page.objects.visible_to(user).filter(item=item).order_by("sequence")
    shown = [_shown(page, sought) for page in pages]
    wanted = asked.get("page", "")
    start = next((n for n, page in enumerate(shown) if page["id"] == wanted), 0)
    if sought and not wanted:
        start = next((n for n, page in enumerate(shown) if page["hits"]), 0)
    return {
        "pages": shown,
        "viewer": [{key: page[key] for key in KEPT_FOR_SCRIPT} for page in shown],
        "start": start,
    }


def _shown(page: Page, sought: Sequence[str]) -> dict[str, Any]:
    layer = text_layer(page)
    lines = layer.lines if layer else ()
    return {
        "id": str(page.pk),
        "number": page.sequence,
        "width": page.width,
        "height": page.height,
        "lines": [
            {"text": line.text, "box": line.box, "confidence": line.confidence} for line in lines
        ],
        "hits": boxes_of(layer, sought) if sought and layer else [],
    }


def text_layer(page: Page) -> TextLayer | None:
    if not page.layer:
        return None
    return TextLayer.from_json(zlib.decompress(bytes(page.layer)).decode())


def classes_of(
    case_file: CaseFile | None,
    items: Sequence[Item],
    chosen: Item | None,
    found: Mapping[uuid.UUID, int],
) -> list[dict[str, object]]:
    """The ten classes in order, each with its materials (given in order); empty ones stay."""
    english = (get_language() or "").startswith("en")
    scheme = categories.scheme(case_file.scheme if case_file else "2018")
    held: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        held[item.category.split("-")[0]].append(item)
    return [
        {
            "code": entry.code,
            "numeral": entry.code if english else entry.numeral,
            "name": entry.english if english else entry.name,
            "items": held.get(entry.code, []),
            "found": any(item.pk in found for item in held.get(entry.code, [])),
            "open": chosen is not None and chosen.category.split("-")[0] == entry.code,
        }
        for entry in scheme.entries
        if "-" not in entry.code
    ]


def seen_facts(user: User, person: Person, items: Iterable[Item]) -> list[Fact]:
    """What was confirmed, and what of it was taken back; the user may see both the field and, among
    `items`, the page that says so.
    """
    facts = (
        Fact.objects.visible_to(user)
        .filter(person=person, state__in=[FactState.CONFIRMED, FactState.WITHDRAWN])
        .select_related("page__item", "recorded_by", "withdrawn_by")
        .defer("page__layer")
    )
    seen = {item.pk for item in items}
    return [fact for fact in facts if fact.page is None or fact.page.item_id in seen]


def confirmed(facts: Iterable[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.state == FactState.CONFIRMED]


def facts_of(facts: Sequence[Fact]) -> list[dict[str, object]]:
    """Field → the fact that holds, with its page; the others that disagree stand beside it."""
    return [
        {"field": field, "fact": fact, "others": _others(fact, facts)}
        for field, fact in governing(facts).items()
    ]


def withdrawn_of(facts: Iterable[Fact]) -> list[Fact]:
    """What was confirmed once and taken back, the latest first."""
    withdrawn = [fact for fact in facts if fact.state == FactState.WITHDRAWN]
    return sorted(withdrawn, key=lambda fact: (fact.withdrawn_at, fact.pk), reverse=True)


def _others(fact: Fact, facts: Sequence[Fact]) -> list[Fact]:
    """One fact for each value that cannot be the same as the one that holds.

    1935-08 and 1935-08-17 are the same date, told with more and with less precision.
    """
    others: dict[str, Fact] = {}
    for other in facts:
        one, two = sorted((fact.value, other.value), key=len)
        if other.field == fact.field and not _is_same(one, two):
            others.setdefault(other.value, other)
    return list(others.values())


def _is_same(short: str, long: str) -> bool:
    return long == short or (short[:4].isdecimal() and long.startswith(f"{short}-"))


def completeness(person: Person, items: Sequence[Item]) -> required.Completeness:
    """Score and missing materials by the rules of the data standard."""
    materials = [
        required.MaterialHeld(
            title=item.title, category=item.category, formed=item.formed, pages=item.page_count
        )
        for item in items
    ]
    return required.score(materials, person.record)


def sees_all(user: User, person: Person) -> bool:
    """What is missing can be told only to those from whom nothing is withheld."""
    seen = {
        level
        for path, levels in user.levels().items()
        if f"{person.scope}.".startswith(f"{path}.")
        for level in levels
    }
    return seen >= set(ALL_LEVELS)


def contradictions_of(facts: Iterable[Fact]) -> list[object]:
    said: dict[str, list[str]] = defaultdict(list)
    for fact in facts:
        if fact.value not in said[fact.field]:
            said[fact.field].append(fact.value)
    return list(contradictions(said))
