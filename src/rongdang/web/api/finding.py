"""One question over people and pages, under the reason stated for searching."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.describe.access.opening import search_ways, told_of
from rongdang.provide.search import queries
from rongdang.web.api import answers, questions
from rongdang.web.api.door import Caller, doors, holding
from rongdang.web.api.register import suggested

router = Router(tags=["search"])


@router.get(
    "/search",
    auth=doors("search"),
    response=answers.SearchTold,
    summary=_("查人、查页面上的字"),
    description=_(
        "页面上的字是内容：不整理档案的，先用 POST /openings 说明检索事由，否则只查到人和授权打开的页面。"
    ),
)
def search(
    request: Caller,
    asked: Query[questions.SearchAsked],
) -> Any:
    holding(request, Permission.CASEFILE_SEE)
    ways, query = search_ways(request.user), asked.q.strip()
    filters = queries.Filters.of(unit=asked.unit, category=asked.category, year=asked.year)
    found = queries.search(request.user, ways, query, filters, before=asked.after)
    if query:
        said = {**told_of(ways), "query": query, "hits": found.total}
        record_read("search:ask", actor=request.user, detail=said)
    return {
        "query": query,
        "purposes": [way.code for way in ways],
        "people": [suggested(one) for one in found.people],
        "people_total": found.people_total,
        "hits": [_hit(one) for one in found.hits],
        "total": found.total,
        "at_least": found.counted_out,
        "facets": {
            name: [{"value": value, "label": label, "count": n} for value, label, n in rows]
            for name, rows in found.facets.items()
        },
        "after": "" if found.after is None else str(found.after),
    }


def _hit(hit: queries.Hit) -> dict[str, Any]:
    found = hit.found
    return {
        "kind": "page" if found.page_id else "title",
        "person": found.person_id,
        "name": found.person,
        "number": found.number,
        "material": found.item_id,
        "title": found.title,
        "category": found.category,
        "formed": found.formed,
        "purpose": hit.purpose.code,
        "page": found.page_id,
        "page_number": found.sequence if found.page_id else None,
        "before": hit.before,
        "match": hit.match,
        "behind": hit.after,
        "boxes": [tuple(box) for box in hit.boxes],
    }
