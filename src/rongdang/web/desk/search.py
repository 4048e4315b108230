"""One box: people and pages, facets, hits drawn on the page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.describe.access.opening import search_ways, told_of
from rongdang.describe.access.predicate import REGISTER
from rongdang.provide.search.queries import Filters, search, suggestions
from rongdang.web.desk.access import SignedInRequest, holding
from rongdang.web.desk.opened import search_reasons
from rongdang.web.numbers import whole


@require_safe
@holding(Permission.CASEFILE_SEE)
def results(request: SignedInRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    filters = Filters.of(
        **{facet: request.GET.get(facet, "") for facet in ("unit", "category", "year")}
    )
    ways = search_ways(request.user)
    behind = whole(request.GET.get("before", ""))
    found = search(request.user, ways, query, filters, before=behind)
    if query:
        asked = {**told_of(ways), "query": query, "hits": found.total}
        record_read("search:ask", actor=request.user, detail=asked)
    context = {
        "query": query,
        "results": found,
        "filters": filters,
        "purpose": next((way for way in ways if way.opening), REGISTER),
        # Words on pages are content: who does not keep the files says what he searches for.
        "reasons": search_reasons(request.user),
    }
    return render(request, "search/results.html", context)


@require_safe
@holding(Permission.CASEFILE_SEE)
def suggest(request: SignedInRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:60]
    people = suggestions(request.user, search_ways(request.user), query) if query else []
    return render(request, "search/_suggestions.html", {"people": people, "query": query})
