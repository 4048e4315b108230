"""What the page of one person shows: materials by class, facts with evidence, pages, what is missing."""

from __future__ import annotations

import uuid
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import get_language

from rongdang.base.accounts.models import User
from rongdang.base.textlayer import TextLayer
from rongdang.base.vocab import categories, required
from rongdang.base.vocab.masks import masked as mask_value
from rongdang.base.vocab.masks import masked_fields, masked_text
from rongdang.describe.access.predicate import Purpose
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.conflicts import finding
from rongdang.describe.conflicts.finding import said_of
from rongdang.describe.conflicts.models import Doubt
from rongdang.describe.people import projection
from rongdang.describe.people.claims import Claim, of_fact, row_claims_seen
from rongdang.describe.people.contradictions import Contradiction, Known, contradictions
from rongdang.describe.people.models import Fact, FactState, Person
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


def found_in(user: User, purpose: Purpose, person: Person, query: str) -> dict[uuid.UUID, int]:
    """Material → places on its pages where the words stand; the whole file is searched."""
    sought = phrases(query)
    if not sought:
        return {}
    rows = DocumentText.objects.filter(
        document__person=person,
        document__kind="p",
        document__item__in=Item.objects.visible_to(user, purpose),
    )
    counts: dict[uuid.UUID, int] = {}
    for row in rows.select_related("document"):
        found = len(layout.boxes(layout.Layout(row.words, row.places), sought))
        item = row.document.item_id
        if found and item is not None:
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


def viewer_of(
    user: User, purpose: Purpose, item: Item | None, asked: Mapping[str, str]
) -> dict[str, object]:
    """Pages of the material in view, the words sought in them, and the boxes to draw.

    `asked` is the query of the address: q, the words; page, the page to start with.
    """
    if item is None:
        return {"pages": [], "viewer": [], "start": 0}
    sought = phrases(asked.get("q", ""))
    pages = Page.objects.visible_to(user, purpose).filter(item=item).order_by("sequence")
    shown = [_shown(page, sought, purpose) for page in pages]
    wanted = asked.get("page", "")
    start = next((n for n, page in enumerate(shown) if page["id"] == wanted), 0)
    if sought and not wanted:
        start = next((n for n, page in enumerate(shown) if page["hits"]), 0)
    return {
        "pages": shown,
        "viewer": [{key: page[key] for key in KEPT_FOR_SCRIPT} for page in shown],
        "start": start,
    }


def _shown(page: Page, sought: Sequence[str], purpose: Purpose) -> dict[str, Any]:
    layer = text_layer(page)
    lines = layer.lines if layer else ()
    told = masked_text if purpose.masks else str
    return {
        "id": str(page.pk),
        "number": page.sequence,
        "width": page.width,
        "height": page.height,
        "lines": [
            {"text": told(line.text), "box": line.box, "confidence": line.confidence}
            for line in lines
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


def seen_claims(user: User, purpose: Purpose, person: Person, items: Iterable[Item]) -> list[Claim]:
    """What pages and sources say of him, and what of pages was taken back; the user may see both the
    field and, among `items`, the page that says so.
    """
    facts = (
        Fact.objects.visible_to(user, purpose)
        .filter(person=person, state__in=[FactState.CONFIRMED, FactState.WITHDRAWN])
        .select_related("page__item", "recorded_by", "withdrawn_by")
        .defer("page__layer")
    )
    seen = {item.pk for item in items}
    of_pages = [of_fact(fact) for fact in facts if fact.page is None or fact.page.item_id in seen]
    return [*of_pages, *row_claims_seen(user, purpose, [person])]


def masked(claims: Sequence[Claim], purpose: Purpose) -> list[Claim]:
    """The claims with numbers and addresses masked, but for what was asked to be whole."""
    hidden = masked_fields() if purpose.masks else {}
    return [
        claim._replace(value=mask_value(claim.field, claim.value), original="", is_masked=True)
        if claim.field in hidden and claim.field not in purpose.unmasked
        else claim
        for claim in claims
    ]


def in_use(claims: Iterable[Claim]) -> list[Claim]:
    return [claim for claim in claims if claim.ended_at is None]


def facts_of(claims: Sequence[Claim], record: Mapping[str, str]) -> list[dict[str, Any]]:
    """Field → the claim that holds, with its page; the others that disagree stand beside it.

    What holds is said by the record; where it goes by a page that is not seen, the best that is.
    """
    rules, said = projection.standard(), projection.by_field(claims)
    rows = []
    for name in sorted(said, key=list(rules).index if said.keys() <= rules.keys() else str):
        rule = projection.rule_of(rules, name)
        held = projection.held_among(said[name], rule, str(record.get(name, "")))
        rows.append({"field": name, "fact": held, "others": _others(held, said[name], rule)})
    return rows


def _others(held: Claim, said: Sequence[Claim], rule: projection.Rule) -> list[Claim]:
    """One claim for each value that cannot be the same as the one that holds, best first."""
    others: dict[str, Claim] = {}
    for claim in sorted(said, key=lambda one: projection.rank(one, rule)):
        if not projection.agree(claim, held):
            others.setdefault(claim.value, claim)
    return list(others.values())


def withdrawn_of(claims: Iterable[Claim]) -> list[Claim]:
    """What was confirmed once and taken back, the latest first."""
    withdrawn = [claim for claim in claims if claim.fact and claim.ended_at]
    return sorted(withdrawn, key=lambda claim: (claim.ended_at, claim.id), reverse=True)


def completeness(
    person: Person, items: Sequence[Item], doubted: Iterable[str] = ()
) -> required.Completeness:
    """Score and missing materials by the rules of the data standard; `doubted`: codes of his doubts."""
    materials = [
        required.MaterialHeld(
            title=item.title, category=item.category, formed=item.formed, pages=item.page_count
        )
        for item in items
    ]
    return required.score(materials, finding.facts_scored(person.record, doubted))


def contradictions_of(claims: Iterable[Claim], purpose: Purpose) -> list[Contradiction]:
    """What cannot all be true, in words; a number in them is masked where the fact itself is."""
    found = contradictions(Known(*said_of(claims)))
    return [_unsaid(one) if _is_masked(one, purpose) else one for one in found]


def doubts_of(user: User, purpose: Purpose, person: Person) -> list[dict[str, Any]]:
    """What was found over all his claims, his papers and others' records; for whoever sees all of him."""
    rows = Doubt.objects.visible_to(user, purpose).filter(person=person)
    told = masked_text if purpose.masks else str
    return [
        {
            "severity": doubt.severity,
            "zh": told(doubt.zh),
            "en": told(doubt.en),
            "fields": tuple(name for name in (doubt.field, doubt.other) if name),
            "clause": doubt.clause,
            "doubt": doubt,
        }
        for doubt in sorted(rows, key=lambda one: (one.state != "open", one.severity != "wrong"))
    ]


def _is_masked(one: Contradiction, purpose: Purpose) -> bool:
    return purpose.masks and not set(one.fields) <= set(purpose.unmasked)


def _unsaid(one: Contradiction) -> Contradiction:
    return replace(one, zh=masked_text(one.zh), en=masked_text(one.en))
