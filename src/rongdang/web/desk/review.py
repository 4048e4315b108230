"""The review desk: image left, values right; a person decides."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_POST, require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.ledger.reading import record_read
from rongdang.capture.review import pages, services
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import OPEN, MaterialState
from rongdang.describe.casefiles.models import CaseFile
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.review_page import FIELD, added_values, desk_context, keep_input
from rongdang.web.numbers import whole

REVIEW = Permission.MATERIAL_REVIEW


@require_safe
@holding(REVIEW)
def review_next(request: SignedInRequest) -> HttpResponse:
    """The first material that waits, of the batch named or of all; postponed ones come last."""
    waiting = Material.objects.visible_to(request.user).filter(state__in=OPEN)
    if request.GET.get("batch"):
        waiting = waiting.filter(batch__number=request.GET["batch"])
    found = waiting.order_by("-state", "batch", "sequence").first()
    if found is None:
        return render(request, "review/empty.html")
    return redirect("review:desk", found.pk)


@require_safe
@holding(REVIEW, Permission.MATERIAL_CHECK)
def desk(request: SignedInRequest, material_id: uuid.UUID) -> HttpResponse:
    """One material with its pages, values, confidence and contradictions."""
    material = _material(request, material_id)
    record_read("material:see", actor=request.user, subject=material)
    return render(request, "review/desk.html", desk_context(request.user, material))


@require_POST
@holding(REVIEW, Permission.MATERIAL_CHECK)
def act(request: SignedInRequest, material_id: uuid.UUID) -> HttpResponse:
    """One act on a material; the form's `act` says which. Input is kept when it is refused."""
    material = _material(request, material_id)
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
        # Fresh from the database: somebody else may have changed it meanwhile.
        context = desk_context(request.user, _material(request, material_id))
        keep_input(context, request.POST)
        context["problem"] = error.message(get_language() or "zh-hans")
        return render(request, "review/desk.html", context, status=error.status)
    goal = goal or _following(request, material)
    if goal is None:
        return redirect("batches:detail", material.batch_id)
    return redirect("review:desk", goal.pk)


def _material(request: SignedInRequest, material_id: uuid.UUID) -> Material:
    visible = Material.objects.visible_to(request.user)
    return fetch(
        visible.select_related("batch__unit", "person__case_file", "decided_by"), material_id
    )


def _following(request: SignedInRequest, material: Material) -> Material | None:
    """The next one of the batch that waits: behind this one first, then from the start."""
    waiting = Material.objects.visible_to(request.user).filter(
        batch=material.batch, state=MaterialState.PROPOSED
    )
    behind = waiting.filter(sequence__gt=material.sequence).order_by("sequence").first()
    return behind or waiting.order_by("sequence").first()


def _version(request: SignedInRequest) -> int:
    value = whole(request.POST.get("version", ""))
    if value is None:
        raise DomainError(
            "页面太旧，请刷新后再试，没有改动。",
            "The page is too old; reload it. Nothing changed.",
            code="no-version",
        )
    return value


def _decision(request: SignedInRequest) -> services.Decision:
    posted = request.POST
    person = posted.get("person", "")
    added = added_values(posted)
    return services.Decision(
        title=posted.get("title", ""),
        category=posted.get("category", ""),
        formed=posted.get("formed", "").strip(),
        values={
            **{key.removeprefix(FIELD): posted[key] for key in posted if key.startswith(FIELD)},
            **{name: value for name, (value, _scan) in added.items()},
        },
        person=_person(request),
        new_name=posted.get("new_name", "").strip() if person == "new" else "",
        is_copy=posted.get("is_copy") == "on",
        note=posted.get("note", "")[:200],
        places={name: scan for name, (_value, scan) in added.items()},
    )


def _person(request: SignedInRequest) -> uuid.UUID | None:
    """The person chosen from the list, or by the number of his file; None for a new one."""
    person = request.POST.get("person", "")
    if person == "number":
        number = request.POST.get("number", "").strip()
        found = CaseFile.objects.visible_to(request.user).filter(number=number).first()
        if found is None:
            raise DomainError(
                f"没有档号“{number}”的案卷，没有保存。",
                f"There is no file “{number}”; nothing was saved.",
                hint_zh="看看档号有没有写错，或选“新的人”。",
                hint_en="Look at the number again, or choose “a new person”.",
                code="no-file",
                status=422,
            )
        return found.person_id
    return _uuid(person) if person not in ("", "new") else None


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise DomainError(
            "页面送来的编号不对，没有改动。",
            "The page sent a wrong id; nothing changed.",
            hint_zh="请刷新后再试。",
            hint_en="Reload the page and try again.",
            code="bad-id",
        ) from None


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
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise DomainError(
            "请写明为什么重扫，没有退回。",
            "Say why it must be scanned again; it was not sent back.",
            code="no-reason",
            status=422,
        )
    pages.send_back(
        material,
        reason=reason,
        version=version,
        acting_user=request.user,
        scan=_scan(request) if request.POST.get("scan") else None,
    )


def _split(request: SignedInRequest, material: Material, version: int) -> Material:
    pages.split_material(material, before=_scan(request), version=version, acting_user=request.user)
    return material


def _merge(request: SignedInRequest, material: Material, version: int) -> Material:
    return pages.merge_into_previous(material, version=version, acting_user=request.user)


def _move(request: SignedInRequest, material: Material, version: int) -> Material:
    goal = fetch(Material.objects.visible_to(request.user), _uuid(request.POST.get("to", "")))
    moved = pages.move_page(
        material, scan=_scan(request), to=goal, version=version, acting_user=request.user
    )
    return goal if moved.state == MaterialState.EMPTY else material


def _turn(request: SignedInRequest, material: Material, version: int) -> Material:
    degrees = whole(request.POST.get("degrees", "")) or 0
    pages.turn_page(
        material, scan=_scan(request), degrees=degrees, version=version, acting_user=request.user
    )
    return material


def _reorder(request: SignedInRequest, material: Material, version: int) -> Material:
    order = [_uuid(scan) for scan in request.POST.getlist("order")]
    pages.reorder_pages(material, order, version=version, acting_user=request.user)
    return material


def _set_aside(request: SignedInRequest, material: Material, version: int) -> Material | None:
    left = pages.set_aside(
        material,
        scan=_scan(request),
        reason=request.POST.get("reason", ""),
        version=version,
        acting_user=request.user,
    )
    return left if left.state in OPEN else None


def _scan(request: SignedInRequest) -> uuid.UUID:
    return _uuid(request.POST.get("scan", ""))


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
    "set-aside": _set_aside,
}


@require_POST
@holding(REVIEW)
def confirm_sure(request: SignedInRequest) -> HttpResponse:
    """Confirm all materials of a batch that are sure throughout, where the unit's rule allows it."""
    wanted = Material.objects.visible_to(request.user).filter(
        batch__number=request.POST.get("batch", ""), state=MaterialState.PROPOSED
    )
    done = services.confirm_sure(
        list(wanted.select_related("batch__unit", "person")), acting_user=request.user
    )
    count = len(done)
    messages.success(
        request,
        ngettext("已确认 %(count)s 份。", "已确认 %(count)s 份。", count) % {"count": count},
    )
    batch = request.POST.get("batch", "")
    return redirect(f"{reverse('review:next')}?{urlencode({'batch': batch})}")
