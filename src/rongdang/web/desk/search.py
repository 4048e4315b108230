"""One box: people and pages, facets, hits drawn on the page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.describe.access.opening import search_purpose
from rongdang.describe.access.predicate import KEEP, REGISTER
from rongdang.provide.search.queries import Filters, search, suggestions
from rongdang.web.desk.access import SignedInRequest, holding
from rongdang.web.desk.opened import search_reasons


@require_safe
@holding(Permission.CASEFILE_SEE)
def results(request: SignedInRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    filters = Filters.of(
        **{facet: request.GET.get(facet, "") for facet in ("unit", "category", "year")}
    )
    before = request.GET.get("before", "")
    purpose = search_purpose(request.user)
    behind = int(before) if before.isdecimal() else None
    found = search(request.user, purpose, query, filters, before=behind)
    if query:
        asked = {**purpose.told, "query": query, "hits": found.total}
        record_read("search:ask", actor=request.user, detail=asked)
    context = {
        "query": query,
        "results": found,
        "filters": filters,
        "purpose": purpose,
        # Words on pages are content: who does not keep the files says what he searches for.
        "reasons": [] if purpose.kind == "keep" else search_reasons(),
    }
    return render(request, "search/results.html", context)


@require_safe
@holding(Permission.CASEFILE_SEE)
def suggest(request: SignedInRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:60]
    purpose = KEEP if request.user.may(KEEP.permission) else REGISTER
    people = suggestions(request.user, purpose, query) if query else []
    return render(request, "search/_suggestions.html", {"people": people, "query": query})
