"""People and their files: list, the file with facts and pages, one material, place, prints."""

from __future__ import annotations

import uuid
import zlib
from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from rongdang.base.accounts.roles import ALL_LEVELS, Permission
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit, within
from rongdang.base.textlayer import TextLayer
from rongdang.base.vocab import categories, required
from rongdang.capture.reading.contradictions import contradictions
from rongdang.describe.casefiles import services
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.people.services import governing
from rongdang.provide.search.bigrams import phrases
from rongdang.provide.search.queries import boxes_of
from rongdang.web.desk.access import SignedInRequest, fetch, holding

SEE = Permission.CASEFILE_SEE
PAGE_SIZE = 50


@require_safe
@holding(SEE)
def people_list(request: SignedInRequest) -> HttpResponse:
    """The people of the units in one's care, by file number; goes on behind a number."""
    files = CaseFile.objects.visible_to(request.user).select_related("person", "custodian")
    unit = request.GET.get("unit", "")
    if unit:
        files = files.filter(within("scope", [unit]))
    if request.GET.get("state"):
        files = files.filter(state=request.GET["state"])
    after_scope, _, after_number = request.GET.get("after", "").partition("|")
    if after_number:
        files = files.filter(
            Q(scope__gt=after_scope) | Q(scope=after_scope, number__gt=after_number)
        )
    found = list(files.order_by("scope", "number")[: PAGE_SIZE + 1])
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    units = Unit.objects.filter(within("path", request.user.scopes(SEE)))
    context = {
        "files": found[:PAGE_SIZE],
        "after": f"{last.scope}|{last.number}" if last else "",
        "units": units,
        "unit": unit,
        "state": request.GET.get("state", ""),
    }
    return render(request, "people/list.html", context)


@require_safe
@holding(SEE)
def person_detail(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """The whole file on one page: facts with their evidence, ten classes, pages, what is missing."""
    people = Person.objects.visible_to(request.user).select_related("unit", "case_file")
    person = fetch(people, person_id)
    case_file: CaseFile | None = getattr(person, "case_file", None)
    items = (
        list(Item.objects.visible_to(request.user).filter(case_file=case_file)) if case_file else []
    )
    chosen = _chosen(items, request.GET.get("item", ""))
    with transaction.atomic():
        record("casefile:see", actor=request.user, subject=case_file or person)
    context = {
        "person": person,
        "case_file": case_file,
        "classes": _classes(case_file, items),
        "facts": _facts(request, person),
        "chosen": chosen,
        "completeness": completeness(person, items) if _sees_all(request, person) else None,
        "contradictions": _contradictions(request, person),
        "may_edit": request.user.may(Permission.CASEFILE_EDIT, person.scope),
        "may_seal": request.user.may(Permission.CASEFILE_SEAL, person.scope),
        "may_export": request.user.may(Permission.PERSON_EXPORT, person.scope),
        "query": request.GET.get("q", ""),
        **_viewer(request, chosen),
    }
    return render(request, "people/detail.html", context)


def _chosen(items: Sequence[Item], wanted: str) -> Item | None:
    return next((item for item in items if str(item.pk) == wanted), items[0] if items else None)


def _viewer(request: SignedInRequest, item: Item | None) -> dict[str, object]:
    """Pages of the material in view, the words sought in them, and the boxes to draw."""
    if item is None:
        return {"pages": [], "viewer": [], "hits": 0, "start": 0}
    pages = list(Page.objects.visible_to(request.user).filter(item=item).order_by("sequence"))
    sought = phrases(request.GET.get("q", ""))
    marks: dict[str, list[tuple[float, float, float, float]]] = {}
    shown = []
    for page in pages:
        layer = text_layer(page)
        if sought and layer:
            marks[str(page.pk)] = boxes_of(layer, sought)
        lines = (
            [
                {"text": line.text, "box": line.box, "confidence": line.confidence}
                for line in layer.lines
            ]
            if layer
            else []
        )
        shown.append(
            {
                "id": str(page.pk),
                "number": page.sequence,
                "width": page.width,
                "height": page.height,
                "lines": lines,
                "hits": marks.get(str(page.pk), []),
                "page": page,
            }
        )
    wanted = request.GET.get("page", "")
    start = next((n for n, page in enumerate(shown) if page["id"] == wanted), 0)
    if sought and not wanted:
        start = next((n for n, page in enumerate(shown) if page["hits"]), 0)
    data = [
        {key: page[key] for key in ("id", "number", "width", "height", "lines", "hits")}
        for page in shown
    ]
    return {
        "pages": shown,
        "viewer": data,
        "hits": sum(len(found) for found in marks.values()),
        "start": start,
    }


def text_layer(page: Page) -> TextLayer | None:
    if not page.layer:
        return None
    return TextLayer.from_json(zlib.decompress(bytes(page.layer)).decode())


def _classes(case_file: CaseFile | None, items: Sequence[Item]) -> list[dict[str, object]]:
    """The ten classes in order, each with its materials by time; empty ones stay to be seen."""
    scheme = categories.scheme(case_file.scheme if case_file else "2018")
    held: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda i: (i.category, i.formed or "9999", i.sequence)):
        held[item.category.split("-")[0]].append(item)
    return [
        {
            "code": entry.code,
            "numeral": categories.numeral(entry.code),
            "name": entry.name,
            "items": held.get(entry.code, []),
        }
        for entry in scheme.entries
        if "-" not in entry.code
    ]


def _facts(request: SignedInRequest, person: Person) -> list[dict[str, object]]:
    """Field → the fact that holds, with its page; the others that disagree stand beside it."""
    facts = list(
        Fact.objects.visible_to(request.user)
        .filter(person=person, state=FactState.CONFIRMED)
        .select_related("page__item", "recorded_by")
        .defer("page__layer")
    )
    seen = set(
        Item.objects.visible_to(request.user)
        .filter(case_file__person=person)
        .values_list("pk", flat=True)
    )
    facts = [fact for fact in facts if fact.page is None or fact.page.item_id in seen]
    holding_facts = governing(facts)
    return [
        {
            "field": field,
            "fact": fact,
            "others": [o for o in facts if o.field == field and o.value != fact.value],
        }
        for field, fact in holding_facts.items()
    ]


def completeness(person: Person, items: Sequence[Item]) -> required.Completeness:
    """Score and missing materials by the rules of the data standard."""
    materials = [
        required.MaterialHeld(
            title=item.title, category=item.category, formed=item.formed, pages=item.page_count
        )
        for item in items
    ]
    return required.score(materials, person.record)


def _sees_all(request: SignedInRequest, person: Person) -> bool:
    """What is missing can be told only to those from whom nothing is withheld."""
    seen = {
        level
        for path, levels in request.user.levels().items()
        if f"{person.scope}.".startswith(f"{path}.")
        for level in levels
    }
    return seen >= set(ALL_LEVELS)


def _contradictions(request: SignedInRequest, person: Person) -> list[object]:
    said: dict[str, list[str]] = defaultdict(list)
    facts = Fact.objects.visible_to(request.user).filter(person=person, state=FactState.CONFIRMED)
    for field, value in facts.values_list("field", "value"):
        if value not in said[field]:
            said[field].append(value)
    return list(contradictions(said))


@require_POST
@holding(Permission.CASEFILE_EDIT)
def place_paper(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    person = fetch(Person.objects.visible_to(request.user).select_related("case_file"), person_id)
    services.place_paper(
        person.case_file,
        room=request.POST.get("room", "")[:20],
        rack=request.POST.get("rack", "")[:20],
        layer=request.POST.get("layer", "")[:20],
        box=request.POST.get("box", "")[:20],
        acting_user=request.user,
    )
    return redirect("people:detail", person.pk)


@require_POST
@holding(Permission.CASEFILE_EDIT)
def describe_item(request: SignedInRequest, item_id: uuid.UUID) -> HttpResponse:
    """Correct title, class, date or note of a filed material."""
    item = fetch(Item.objects.visible_to(request.user).select_related("case_file"), item_id)
    services.describe_item(
        item,
        services.ItemDescription(
            title=request.POST.get("title", "")[:200],
            category=request.POST.get("category", ""),
            formed=request.POST.get("formed", ""),
            title_made=request.POST.get("title_made") == "on",
            is_copy=request.POST.get("is_copy") == "on",
            note=request.POST.get("note", "")[:200],
        ),
        acting_user=request.user,
    )
    return redirect("people:detail", item.case_file.person_id)
