"""What the review desk shows of one material: pages, values, confidence, people, contradictions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import get_language, gettext

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.vocab import categories
from rongdang.capture.batches.models import Scan
from rongdang.capture.review.filing import scheme_for
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import OPEN, MaterialState
from rongdang.describe.people.claims import claims_of
from rongdang.describe.people.contradictions import FORMED, Known, contradictions
from rongdang.describe.people.models import Person
from rongdang.web.templatetags.rongdang import level

FIELD = "field:"  # what names of inputs begin with that hold a value of the form
ADDED = ("added_name", "added_value", "added_scan")  # of a value that the machine did not read
EMPTY_ROWS = 3  # for such values; the script adds more
STRAIGHT = 0.3  # degrees; below it a page looks level
Row = dict[str, Any]


def desk_context(user: User, material: Material) -> dict[str, Any]:
    """Everything `review/desk.html` needs."""
    places = list(material.pages.select_related("scan").order_by("sequence"))
    siblings = list(
        material.batch.materials.exclude(state=MaterialState.EMPTY).order_by("sequence")
    )
    rows = [_row(entry) for entry in material.fields]
    head = [
        _head("title", material.title, material.confidence.get("title")),
        _head("category", material.category, material.confidence.get("category")),
        _head("formed", material.formed, material.confidence.get("date")),
    ]
    people = people_for(user, material)
    person_sure = level(material.confidence.get("person")) == "sure"
    return {
        "material": material,
        "batch": material.batch,
        "position": next((n for n, one in enumerate(siblings, 1) if one.pk == material.pk), 0),
        "total": len(siblings),
        "siblings": [one for one in siblings if one.pk != material.pk and one.state in OPEN],
        "scans": [_shown(place.scan, number) for number, place in enumerate(places, 1)],
        "head": head,
        "fields": rows,
        "filled": sum(bool(row["value"]) for row in [*head, *rows]),
        "to_check": sum(level(row["confidence"]) != "sure" for row in [*head, *rows])
        + (not person_sure),
        "categories": categories.scheme(scheme_for(material.person)).entries,
        "people": people,
        "chosen_person": material.person_id or ("" if people else "new"),
        "added": [_added()] * EMPTY_ROWS,
        "is_copy": material.is_copy,
        "note": material.note,
        "looked": (),
        "contradictions": contradictions_of(material),
        "is_open": material.state in OPEN,
        "may_check": material.state == MaterialState.CHECK
        and user.may(Permission.MATERIAL_CHECK, material.scope)
        and material.decided_by_id != user.pk,
        "viewer": [_viewed(place.scan, rows) for place in places],
    }


def _viewed(scan: Scan, rows: Iterable[Row]) -> Row:
    """A page for the viewer, with the places of the values read on it."""
    own = str(scan.pk)
    return {
        "id": own,
        "width": scan.width,
        "height": scan.height,
        "values": [row["box"] for row in rows if row["box"] and row["scan"] == own],
    }


def _added(name: str = "", value: str = "", scan: str = "") -> Row:
    return {"name": name, "value": value, "scan": scan}


def _added_rows(posted: QueryDict) -> list[Row]:
    """The rows of values a person added, as typed; wholly empty ones left out."""
    typed = zip(*(posted.getlist(part) for part in ADDED), strict=False)
    return [
        _added(name, value.strip(), scan) for name, value, scan in typed if name or value.strip()
    ]


def added_values(posted: QueryDict) -> dict[str, tuple[str, str]]:
    """Field → (value, id of the scan it stands on) of what a person added; raises DomainError."""
    added: dict[str, tuple[str, str]] = {}
    for row in _added_rows(posted):
        if not row["value"]:
            continue
        if not row["name"] or row["name"] in added or FIELD + row["name"] in posted:
            said = row["value"][:40]
            raise DomainError(
                f"添上的“{said}”没有选是哪一项，或这一项已经有了。还没有保存，您填的内容都在。",
                f"For “{said}” no field was chosen, or the field stands there already. "
                "Nothing was saved; what you typed is kept.",
                hint_zh="给它选一项，或直接改已有的那一项。",
                hint_en="Choose a field for it, or change the one that stands there.",
                code="added-field",
                status=422,
            )
        added[row["name"]] = (row["value"], row["scan"])
    return added


def keep_input(context: dict[str, Any], posted: QueryDict) -> None:
    """Put back what the person had typed and ticked, when the decision was refused."""
    for row in [*context["head"], *context["fields"]]:
        row["value"] = posted.get(str(row["name"]), row["value"])
    added = _added_rows(posted)
    context["added"] = [*added, *[_added()] * max(1, EMPTY_ROWS - len(added))]
    context["added_open"] = bool(added)
    context["is_copy"] = posted.get("is_copy") == "on"
    context["looked"] = posted.getlist("looked")
    context["chosen_person"] = _id_or_word(posted.get("person", ""))
    context["new_name"] = posted.get("new_name", "")
    context["number"] = posted.get("number", "")
    context["note"] = posted.get("note", "")


def _id_or_word(text: str) -> uuid.UUID | str:
    try:
        return uuid.UUID(text)
    except ValueError:
        return text


def people_for(user: User, material: Material) -> list[Person]:
    """Known people this material may belong to: the one proposed, namesakes, those of the batch."""
    wanted = Q(name=material.person_name) if material.person_name else Q(pk=None)
    if material.person_id:
        wanted |= Q(pk=material.person_id)
    beside = Material.objects.filter(batch=material.batch, person__isnull=False)
    wanted |= Q(pk__in=beside.values("person_id"))
    return list(Person.objects.visible_to(user).filter(wanted).select_related("unit")[:20])


def contradictions_of(material: Material) -> list[object]:
    """三龄两历一身份: what this material says against itself and against what is known."""
    own = {
        str(entry["name"]): [str(entry.get("decided", entry.get("value", "")))]
        for entry in material.fields
    }
    said = {name: list(values) for name, values in own.items()}
    if material.formed:  # known from later papers is no contradiction: only its own values count
        own[FORMED] = [material.formed]
    if material.person_id is not None:
        for claim in claims_of([material.person_id]).get(material.person_id, ()):
            if claim.value not in said.setdefault(claim.field, []):
                said[claim.field].append(claim.value)
    return list(contradictions(Known(said, [own])))


def _head(name: str, value: str, confidence: float | None) -> Row:
    return {"name": name, "value": value, "confidence": confidence or 0.0, "box": None, "scan": ""}


def _row(entry: Mapping[str, Any]) -> Row:
    english = (get_language() or "").startswith("en")
    return {
        "name": FIELD + str(entry["name"]),
        "label": entry["name"],
        "value": entry.get("decided", entry.get("value", "")),
        "original": entry.get("original", ""),
        "confidence": float(entry.get("confidence", 0.0)),
        "reason": entry.get("reason_en" if english else "reason_zh", ""),
        "scan": entry.get("scan") or "",
        "box": entry.get("box"),
    }


def _shown(scan: Scan, number: int) -> Row:
    """A page of the material with the figures of its scan in words."""
    return {
        "scan": scan,
        "number": number,
        "id": str(scan.pk),
        "note": figures(scan),
        "ok": not scan.reason_zh,
    }


def figures(scan: Scan) -> str:
    """清晰 · 端正（偏 0.3°） · 无缺边 · 300 点; "" for a page that was not measured."""
    quality = scan.quality
    if "blur" not in quality:
        return ""
    skew = abs(float(quality.get("skew") or 0.0))
    parts = [
        gettext("清晰") if float(quality["blur"]) < 0.5 else gettext("有些模糊"),
        gettext("端正（偏 %(skew).1f°）") % {"skew": skew}
        if skew < STRAIGHT
        else gettext("原偏 %(skew).1f°，已扶正") % {"skew": skew},
        gettext("有缺边") if quality.get("clipped") else gettext("无缺边"),
    ]
    if quality.get("dpi"):
        parts.append(gettext("%(dpi)s 点") % {"dpi": quality["dpi"]})
    return " · ".join(parts)
