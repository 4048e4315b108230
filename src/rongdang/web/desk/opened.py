"""A file is read for a purpose: the one stated, the task on the desk, or it is asked for first."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.vocab.purposes import PurposeEntry, reasons
from rongdang.capture.review.queries import task_with
from rongdang.describe.access import avoiding, opening
from rongdang.describe.access.predicate import (
    GRANTED,
    KEEP,
    Purpose,
    levels_of_file,
    purpose_of,
)
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.web.desk.access import NotSeenError, SignedInRequest, fetch_one, holding

SEE = Permission.CASEFILE_SEE


def purpose_for(user: User, case_file: CaseFile) -> Purpose | None:
    """What he reads this file for now; None: he has to say it. Own and kin's files are refused."""
    held = opening.current(user, case_file)
    if held is None:
        avoiding.require_apart(user, case_file.person_id, scope=case_file.scope)
    if held is None and user.may(Permission.CASEFILE_EDIT, case_file.scope):
        task = task_with(user, case_file)
        held = opening.open_for_task(case_file, task=task, acting_user=user) if task else None
    return purpose_of(held) if held else None


def entered(request: SignedInRequest, case_file: CaseFile) -> Purpose:
    """The purpose, for what is part of an opened file; raises DomainError when none is stated."""
    return purpose_for(request.user, case_file) or opening.required(request.user, case_file)


def page_purpose(request: SignedInRequest, page: Page, *, behind_a_hit: bool = False) -> Purpose:
    """The purpose a filed page is shown for, 404 when it does not need that level.

    `behind_a_hit`: what may be searched for is enough.
    """
    case_file = page.item.case_file
    held = purpose_for(request.user, case_file)
    ways = [held] if held else []
    if behind_a_hit:
        ways += opening.search_ways(request.user)
    for purpose in ways:
        if page.item.level in levels_of_file(request.user, case_file, purpose):
            return purpose
    if held is None:
        opening.required(request.user, case_file)
    raise NotSeenError(page._meta.label_lower, page.pk)


def ask(request: SignedInRequest, case_file: CaseFile) -> HttpResponse:
    """To the page that asks for the reason, and back from there."""
    if request.method != "GET" or "application/json" in request.headers.get("Accept", ""):
        opening.required(request.user, case_file)
    address = reverse("people:open", args=[case_file.person_id])
    return redirect(f"{address}?{urlencode({'next': request.get_full_path()})}")


@require_http_methods(["GET", "POST"])
@holding(SEE)
def state_purpose(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """The reasons this role may give, one of them chosen; then the file is open for a working time."""
    files = CaseFile.objects.visible_to(request.user).select_related("person", "custodian")
    case_file = fetch_one(files.filter(person=person_id), "people.person", person_id)
    avoiding.require_apart(request.user, person_id, scope=case_file.scope)
    goal = _goal(request, reverse("people:detail", args=[person_id]))
    if request.method == "POST":
        opening.open_file(
            case_file,
            code=request.POST.get("purpose", ""),
            note=request.POST.get("note", ""),
            acting_user=request.user,
        )
        return redirect(goal)
    context = {
        "person": case_file.person,
        "case_file": case_file,
        "reasons": opening.reasons_for(request.user, case_file),
        "chosen": _usual(request.user, case_file),
        "next": goal,
    }
    return render(request, "people/open.html", context)


@require_POST
@holding(SEE)
def state_search_purpose(request: SignedInRequest) -> HttpResponse:
    """What one searches across files for; good for a working time."""
    opening.open_search(
        code=request.POST.get("purpose", ""),
        note=request.POST.get("note", ""),
        acting_user=request.user,
    )
    return redirect(_goal(request, reverse("search:results")))


@require_POST
@holding(SEE)
def unmask(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Show one masked field whole, with the reason on record."""
    rows = CaseFile.objects.visible_to(request.user).filter(person=person_id)
    case_file = fetch_one(rows, "people.person", person_id)
    entered(request, case_file)
    opening.unmask(
        case_file,
        field=request.POST.get("field", ""),
        reason=request.POST.get("reason", ""),
        acting_user=request.user,
    )
    return redirect("people:detail", person_id)


def search_reasons(user: User) -> list[PurposeEntry]:
    """What to choose from before words on pages are shown: of whoever consults files that others keep."""
    others = [path for path in user.scopes(SEE) if not user.may(KEEP.permission, path)]
    return [entry for entry in reasons().values() if entry.kind == "consult"] if others else []


def _usual(user: User, case_file: CaseFile) -> str:
    """The reason most likely meant: keeping for those who keep it, else the one searched for."""
    if user.may(Permission.CASEFILE_EDIT, case_file.scope):
        return "keep"
    consulting = (way.code for way in opening.search_ways(user) if way.kind in GRANTED)
    offered = {entry.code for entry in opening.reasons_for(user, case_file)}
    return next((code for code in consulting if code in offered), "")


def _goal(request: SignedInRequest, otherwise: str) -> str:
    """Where to go on; only inside this house."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if wanted.startswith("/") and safe else otherwise
