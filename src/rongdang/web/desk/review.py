"""The review desk: image left, values right; a person decides."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.vocab import categories
from rongdang.capture.reading.contradictions import contradictions
from rongdang.capture.review import pages, services
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import OPEN, MaterialState
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.people.models import FactState, Person
from rongdang.web.desk.access import SignedInRequest, fetch, holding

REVIEW = Permission.MATERIAL_REVIEW
FIELD = "field:"


@require_safe
@holding(REVIEW)
def review_next(request: SignedInRequest) -> HttpResponse:
    """The first material that waits, of the batch named or of all."""
    waiting = Material.objects.visible_to(request.user).filter(state=MaterialState.PROPOSED)
    if request.GET.get("batch"):
        waiting = waiting.filter(batch__number=request.GET["batch"])
    found = waiting.order_by("batch", "sequence").first()
    if found is None:
        return render(request, "review/empty.html")
    return redirect("review:desk", found.pk)


@require_safe
@holding(REVIEW, Permission.MATERIAL_CHECK)
def desk(request: SignedInRequest, material_id: uuid.UUID) -> HttpResponse:
    """One material with its pages, values, confidence and contradictions."""
    visible = Material.objects.visible_to(request.user).select_related("batch__unit", "person")
    return render(request, "review/desk.html", desk_context(request, fetch(visible, material_id)))


def desk_context(request: SignedInRequest, material: Material) -> dict[str, object]:
    places = list(material.pages.select_related("scan").order_by("sequence"))
    siblings = list(material.batch.materials.exclude(state="empty").order_by("sequence"))
    position = next((n for n, other in enumerate(siblings, 1) if other.pk == material.pk), 0)
    scheme = categories.scheme(_scheme(material))
    order = {str(place.scan_id): number for number, place in enumerate(places)}
    rows = [_row(entry, order) for entry in material.fields]
    head = [
        _head("title", "题名", material.title, material.confidence.get("title", 0.0)),
        _head("category", "类别", material.category, material.confidence.get("category", 0.0)),
        _head("formed", "形成时间", material.formed, material.confidence.get("date", 0.0)),
    ]
    scans = [
        {"scan": place.scan, "number": number, "id": str(place.scan_id)}
        for number, place in enumerate(places, 1)
    ]
    return {
        "material": material,
        "batch": material.batch,
        "position": position,
        "total": len(siblings),
        "siblings": [other for other in siblings if other.pk != material.pk],
        "scans": scans,
        "head": head,
        "fields": rows,
        "to_check": sum(row["level"] != "hi" for row in [*head, *rows]),
        "categories": scheme.entries,
        "people": people_for(request, material),
        "contradictions": _contradictions(material),
        "boxes": {
            str(p.scan_id): [r["box"] for r in rows if r["scan"] == str(p.scan_id) and r["box"]]
            for p in places
        },
        "is_open": material.state in OPEN,
        "may_check": material.state == MaterialState.CHECK
        and request.user.may(Permission.MATERIAL_CHECK, material.scope)
        and material.decided_by_id != request.user.pk,
        "viewer": [
            {"id": str(p.scan_id), "width": p.scan.width, "height": p.scan.height} for p in places
        ],
    }


def people_for(request: SignedInRequest, material: Material) -> list[Person]:
    """Known people this material may belong to: the one proposed first, then namesakes."""
    visible = Person.objects.visible_to(request.user).select_related("unit")
    wanted = Q(name=material.person_name)
    if material.person_id:
        wanted |= Q(pk=material.person_id)
    batch_people = Material.objects.filter(batch=material.batch).values("person_id")
    return list(visible.filter(wanted | Q(pk__in=batch_people)).distinct()[:20])


def level(confidence: float) -> str:
    return "hi" if confidence >= 0.9 else "mid" if confidence >= 0.7 else "lo"


def _head(name: str, label: str, value: str, confidence: float) -> dict[str, object]:
    return {
        "name": name,
        "label": label,
        "value": value,
        "confidence": confidence,
        "percent": round(confidence * 100),
        "level": level(confidence),
        "box": None,
        "scan": "",
    }


def _row(entry: dict[str, object], order: dict[str, int]) -> dict[str, object]:
    confidence = float(str(entry.get("confidence", 0.0)))
    english = (get_language() or "").startswith("en")
    return {
        "name": FIELD + str(entry["name"]),
        "label": entry["name"],
        "value": entry.get("decided", entry.get("value", "")),
        "original": entry.get("original", ""),
        "confidence": confidence,
        "percent": round(confidence * 100),
        "level": level(confidence),
        "reason": entry.get("reason_en" if english else "reason_zh", ""),
        "scan": entry.get("scan") or "",
        "page": order.get(str(entry.get("scan")), 0) + 1,
        "box": entry.get("box"),
    }


def _scheme(material: Material) -> str:
    """The scheme of the person's file; a new file gets the one of the installation."""
    held: CaseFile | None = getattr(material.person, "case_file", None)
    return held.scheme if held else settings.CATEGORY_SCHEME


def _contradictions(material: Material) -> list[object]:
    """三龄两历一身份: what this material says against itself and against what is known."""
    said: dict[str, list[str]] = {
        str(entry["name"]): [str(entry.get("decided", entry.get("value", "")))]
        for entry in material.fields
    }
    if material.person is not None:
        known = material.person.facts.filter(state=FactState.CONFIRMED)
        for field, value in known.values_list("field", "value"):
            if value not in said.setdefault(field, []):
                said[field].append(value)
    return list(contradictions(said))


def _version(request: SignedInRequest) -> int:
    value = request.POST.get("version", "")
    if not value.isdecimal():
        raise DomainError(
            "页面太旧，请刷新后再试，没有改动。",
            "The page is too old; reload it. Nothing changed.",
            code="no-version",
        )
    return int(value)


def _decision(request: SignedInRequest) -> services.Decision:
    posted = request.POST
    person = posted.get("person", "")
    return services.Decision(
        title=posted.get("title", ""),
        category=posted.get("category", ""),
        formed=posted.get("formed", "").strip(),
        values={
            key.removeprefix(FIELD): value for key, value in posted.items() if key.startswith(FIELD)
        },
        person=uuid.UUID(person) if person and person != "new" else None,
        new_name=posted.get("new_name", "").strip() if person in ("", "new") else "",
        is_copy=posted.get("is_copy") == "on",
        note=posted.get("note", "")[:200],
    )


@require_POST
@holding(REVIEW, Permission.MATERIAL_CHECK)
def act(request: SignedInRequest, material_id: uuid.UUID) -> HttpResponse:
    """One act on a material; the form's `act` says which. Input is kept when it is refused."""
    material = fetch(
        Material.objects.visible_to(request.user).select_related("batch__unit", "person"),
        material_id,
    )
    name = request.POST.get("act", "")
    if name not in ACTS:
        raise DomainError(
            "没有这个操作，没有改动。", "There is no such act; nothing changed.", code="no-act"
        )
    try:
        goal = ACTS[name](request, material, _version(request))
    except DomainError as error:
        if name != "confirm":
            raise
        context = desk_context(request, material)
        _keep_input(request, context)
        context["problem"] = error.message(get_language() or "zh-hans")
        return render(request, "review/desk.html", context, status=error.status)
    if goal is None:
        following = (
            Material.objects.visible_to(request.user)
            .filter(
                batch=material.batch, state=MaterialState.PROPOSED, sequence__gt=material.sequence
            )
            .order_by("sequence")
            .first()
        )
        if following is None:
            return redirect("batches:detail", material.batch_id)
        goal = following
    return redirect("review:desk", goal.pk)


def _keep_input(request: SignedInRequest, context: dict[str, object]) -> None:
    for row in [*context["head"], *context["fields"]]:  # type: ignore[misc]
        row["value"] = request.POST.get(str(row["name"]), row["value"])


def _confirm(request: SignedInRequest, material: Material, version: int) -> None:
    services.confirm_material(
        material, _decision(request), version=version, acting_user=request.user
    )


def _check(request: SignedInRequest, material: Material, version: int) -> None:
    right = request.POST.get("right") == "yes"
    services.check_material(material, right=right, version=version, acting_user=request.user)


def _postpone(request: SignedInRequest, material: Material, version: int) -> None:
    services.postpone_material(material, version=version, acting_user=request.user)


def _send_back(request: SignedInRequest, material: Material, version: int) -> None:
    reason = request.POST.get("reason", "") or "请重新扫描"
    pages.send_back(material, reason=reason, version=version, acting_user=request.user)


def _split(request: SignedInRequest, material: Material, version: int) -> Material:
    pages.split_material(material, before=_scan(request), version=version, acting_user=request.user)
    return material


def _merge(request: SignedInRequest, material: Material, version: int) -> Material:
    return pages.merge_into_previous(material, version=version, acting_user=request.user)


def _move(request: SignedInRequest, material: Material, version: int) -> Material:
    goal = fetch(Material.objects.visible_to(request.user), uuid.UUID(request.POST.get("to", "")))
    moved = pages.move_page(
        material, scan=_scan(request), to=goal, version=version, acting_user=request.user
    )
    return goal if moved.state == MaterialState.EMPTY else material


def _turn(request: SignedInRequest, material: Material, version: int) -> Material:
    degrees = int(request.POST.get("degrees", "90"))
    pages.turn_page(
        material, scan=_scan(request), degrees=degrees, version=version, acting_user=request.user
    )
    return material


def _reorder(request: SignedInRequest, material: Material, version: int) -> Material:
    order = [uuid.UUID(scan) for scan in request.POST.getlist("order")]
    pages.reorder_pages(material, order, version=version, acting_user=request.user)
    return material


def _scan(request: SignedInRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("scan", ""))
    except ValueError:
        raise DomainError(
            "没有说明是哪一页。", "Which page is meant is missing.", code="no-page"
        ) from None


ACTS = {
    "confirm": _confirm,
    "check": _check,
    "postpone": _postpone,
    "send-back": _send_back,
    "split": _split,
    "merge": _merge,
    "move": _move,
    "turn": _turn,
    "reorder": _reorder,
}


@require_POST
@holding(REVIEW)
def confirm_sure(request: SignedInRequest) -> HttpResponse:
    """Confirm all materials of a batch that are sure throughout, where the unit's rule allows it."""
    wanted = Material.objects.visible_to(request.user).filter(
        batch__number=request.POST.get("batch", ""), state=MaterialState.PROPOSED
    )
    services.confirm_sure(list(wanted.select_related("batch__unit")), acting_user=request.user)
    return redirect("review:next")
