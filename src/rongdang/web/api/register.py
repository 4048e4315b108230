"""Who is asking, the units in his care, and the people there: names and numbers, no content."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from rongdang.base.accounts.roles import Permission
from rongdang.base.orgs.models import Unit, within
from rongdang.describe.access.opening import search_ways
from rongdang.describe.access.predicate import sees_whole
from rongdang.describe.casefiles.listing import COLUMNS, Narrowed, first_listed
from rongdang.describe.casefiles.models import CaseFile
from rongdang.provide.search.queries import suggestions
from rongdang.web.api import answers, questions
from rongdang.web.api.door import Caller, doors, holding
from rongdang.web.desk.access import fetch_one

router = Router(tags=["register"])


@router.get("/me", auth=doors(), response=answers.Me, summary=_("我是谁，能做什么"))
def me(request: Caller) -> Any:
    user, token = request.user, request.token
    return {
        "username": user.username,
        "name": user.display_name,
        "roles": [{"role": role, "unit": path} for role, path in sorted(user.held)],
        "permissions": sorted(user.permissions),
        "scopes": token.scopes if token else [],
        "until": token.until if token else None,
    }


@router.get(
    "/units",
    auth=doors("units"),
    response=answers.Listed[answers.UnitTold],
    summary=_("我任职的机构和下级机构，按在树中的位置排"),
)
def units(
    request: Caller,
    asked: Query[questions.Paged],
) -> Any:
    mine = Unit.objects.filter(within("path", sorted({path for _role, path in request.user.held})))
    found = list(mine.filter(path__gt=asked.after).order_by("path")[: asked.limit + 1])
    more = len(found) > asked.limit
    return {"items": found[: asked.limit], "after": found[asked.limit - 1].path if more else ""}


@router.get(
    "/people",
    auth=doors("people"),
    response=answers.Listed[answers.PersonRow],
    summary=_("在管人员，按机构和档号排"),
)
def people(
    request: Caller,
    asked: Query[questions.PeopleAsked],
) -> Any:
    holding(request, Permission.CASEFILE_SEE)
    scope, _bar, number = asked.after.partition("|")
    narrowed = Narrowed(asked.unit, asked.state, scope, number)
    found = first_listed(request.user, narrowed, most=asked.limit + 1)
    last = found[asked.limit - 1] if len(found) > asked.limit else None
    return {
        "items": [_row(request, one) for one in found[: asked.limit]],
        "after": f"{last['scope']}|{last['number']}" if last else "",
    }


@router.get(
    "/people/suggestions",
    auth=doors("people"),
    response=list[answers.Suggested],
    summary=_("姓名、拼音或档号对得上的人，最多八个"),
)
def people_suggestions(request: Caller, asked: Query[questions.SuggestionsAsked]) -> Any:
    holding(request, Permission.CASEFILE_SEE)
    query = asked.q.strip()[:60]
    ways = search_ways(request.user)
    return [suggested(one) for one in suggestions(request.user, ways, query)] if query else []


@router.get(
    "/people/{person_id}",
    auth=doors("people"),
    response=answers.PersonRow,
    summary=_("名册上的一个人"),
)
def person(request: Caller, person_id: uuid.UUID) -> Any:
    holding(request, Permission.CASEFILE_SEE)
    files = CaseFile.objects.visible_to(request.user).filter(person=person_id)
    row: Any = fetch_one(files.values(*COLUMNS), "people.person", person_id)
    return _row(request, row)


def suggested(one: Any) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": one.name,
        "birth": one.birth,
        "number": one.number,
        "unit_name": one.unit.name,
    }


def _row(request: Caller, row: dict[str, Any]) -> dict[str, Any]:
    """A count would tell of materials that are withheld."""
    whole = sees_whole(request.user, row["scope"])
    return {
        "id": row["person_id"],
        "name": row["person__name"],
        "birth": row["person__birth"],
        "unit": row["scope"],
        "unit_name": row["custodian__name"],
        "number": row["number"],
        "state": row["state"],
        "items": row["item_count"] if whole else None,
        "pages": row["page_count"] if whole else None,
    }
