"""People and their files: list, the file with facts and pages, the place of the paper."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.base.orgs.models import SEGMENT, Unit, within
from rongdang.base.prepared import Prepared, texts
from rongdang.base.vocab import categories, required
from rongdang.describe.access.predicate import REGISTER, sees_whole
from rongdang.describe.casefiles import services
from rongdang.describe.casefiles.listing import Narrowed, first_listed
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.grants.rules import EXPORT, PRINT
from rongdang.describe.grants.spending import actions_left
from rongdang.describe.linkage.joining import now_known_as
from rongdang.describe.people.models import Person
from rongdang.web.desk import dossier, opened
from rongdang.web.desk.access import NotSeenError, SignedInRequest, fetch, holding

SEE = Permission.CASEFILE_SEE
PAGE_SIZE = 30


@require_safe
@holding(SEE)
def people_list(request: SignedInRequest) -> HttpResponse:
    """The people of the units in one's care, by file number; goes on behind a number."""
    asked = {
        name: request.GET.get(name, "").replace("\0", "") for name in ("unit", "state", "after")
    }
    unit = asked["unit"]
    after_scope, _, after_number = asked["after"].partition("|")
    narrowed = Narrowed(unit, asked["state"], after_scope, after_number)
    found = first_listed(request.user, narrowed, most=PAGE_SIZE + 1)
    for row in found:  # a count would tell of materials that are withheld
        if not sees_whole(request.user, row["scope"]):
            row["item_count"] = row["page_count"] = None
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    units = _units_near(request.user.scopes(SEE), unit)
    context = {
        "files": found[:PAGE_SIZE],
        "after": f"{last['scope']}|{last['number']}" if last else "",
        "units": units,
        "unit": unit,
        "state": asked["state"],
        "may_register": request.user.may(Permission.CASEFILE_EDIT),
    }
    return render(request, "people/list.html", context)


class NearUnit(NamedTuple):
    path: str
    name: str
    name_en: str


def _units_near(scopes: Sequence[str], chosen: str) -> list[NearUnit]:
    """The way from one's own units down to the chosen one, and the units right below it.

    A list of all would be longer than the page where a city has four hundred stations.
    """
    inside = chosen and any(f"{chosen}.".startswith(f"{scope}.") for scope in scopes)
    ends = [chosen] if inside else scopes
    above = [end[: cut * (SEGMENT + 1) - 1] for end in ends for cut in range(1, end.count(".") + 2)]
    near, rows = [*above, *scopes], _units_asked(len(scopes), len(above), len(ends))
    return list(map(NearUnit._make, rows.rows(*scopes, *near, *ends)))


@lru_cache(maxsize=256)
def _units_asked(scopes: int, above: int, ends: int) -> Prepared:
    def build(*paths: str) -> QuerySet[Unit, Any]:
        held, near, below = paths[:scopes], paths[scopes:-ends], paths[-ends:]
        clause = Q(path__in=near) | Q(parent__path__in=below)
        return Unit.objects.filter(within("path", held) & clause).values_list(*NearUnit._fields)

    return Prepared(build, *texts(scopes + above + scopes + ends))


@require_safe
@holding(SEE)
def person_detail(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """The whole file on one page: facts with their evidence, ten classes, pages, what is missing."""
    user = request.user
    people = Person.objects.visible_to(user).select_related("unit", "case_file")
    try:
        person = fetch(people, person_id)
    except NotSeenError:
        kept = now_known_as(person_id)  # an old address of a record that became part of another
        if kept == person_id or not people.filter(pk=kept).exists():
            raise
        return redirect("people:detail", kept)
    case_file: CaseFile | None = getattr(person, "case_file", None)
    purpose = opened.purpose_for(user, case_file) if case_file else REGISTER
    if purpose is None:
        assert case_file is not None
        return opened.ask(request, case_file)
    filed = Item.objects.visible_to(user, purpose).filter(case_file=case_file)
    items = dossier.in_order(filed) if case_file else []
    claims = dossier.seen_claims(user, purpose, person, items)
    held = dossier.in_use(claims)
    query = request.GET.get("q", "")
    found = dossier.found_in(user, purpose, person, query)
    chosen = dossier.chosen_of(
        items, request.GET.get("item", ""), found, request.GET.get("before", "")
    )
    record_read("casefile:see", actor=user, subject=case_file or person, detail=purpose.told)
    whole = sees_whole(user, person.scope, purpose)
    doubts = dossier.doubts_of(user, purpose, person) if whole else []
    doubted = [one["doubt"].code for one in doubts]
    complete = dossier.completeness(person, items, doubted) if whole else None
    leaving = (
        actions_left(user, case_file, by_grant=purpose.kind == "consult") if case_file else set()
    )
    context = {
        "person": person,
        "case_file": case_file,
        "items_held": len(items),
        "classes": dossier.classes_of(case_file, items, chosen, found),
        "categories": categories.scheme(case_file.scheme if case_file else "2018").entries,
        "purpose": purpose,
        "whole": whole,
        "facts": dossier.facts_of(dossier.masked(held, purpose), person.record),
        "withdrawn": dossier.masked(dossier.withdrawn_of(claims), purpose),
        "chosen": chosen,
        "completeness": complete,
        "contradictions": doubts if whole else dossier.contradictions_of(held, purpose),
        "known": required.known(person.record) if whole else None,
        "may_edit": whole and user.may(Permission.CASEFILE_EDIT, person.scope),
        "may_withdraw": whole and user.may(Permission.PERSON_EDIT, person.scope),
        "may_seal": user.may(Permission.CASEFILE_SEAL, person.scope),
        "may_export": EXPORT in leaving,
        "may_print": PRINT in leaving,
        "may_ask": user.may(Permission.GRANT_ASK),
        "may_upload": user.may(Permission.BATCH_UPLOAD, person.scope),
        "query": query,
        "found": found,
        "hits": sum(found.values()),
        **dossier.viewer_of(user, purpose, chosen, request.GET.dict()),
    }
    return render(request, "people/detail.html", context)


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
    messages.success(request, gettext("存放位置已记下。"))
    return redirect("people:detail", person.pk)
