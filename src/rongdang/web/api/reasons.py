"""Why one reads: the closed list, stating a reason, one's own openings; asking for a grant."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Status

from rongdang.base.accounts.roles import Permission
from rongdang.base.vocab.purposes import PurposeEntry
from rongdang.describe.access import opening
from rongdang.describe.access.models import Opening
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.grants import services as grants
from rongdang.describe.grants.models import Grant
from rongdang.web.api import answers, questions
from rongdang.web.api.door import Caller, doors, holding
from rongdang.web.desk.access import fetch_one
from rongdang.web.desk.opened import search_reasons
from rongdang.web.desk.paging import keyset

router = Router(tags=["reasons"])
SEE, ASK = Permission.CASEFILE_SEE, Permission.GRANT_ASK


@router.get(
    "/people/{person_id}/purposes",
    auth=doors("openings"),
    response=list[answers.PurposeTold],
    summary=_("看这个人的档案可以说明的事由"),
)
def person_purposes(request: Caller, person_id: uuid.UUID) -> Any:
    found = opening.reasons_for(request.user, _file_of(request, person_id))
    return [_purpose(entry) for entry in found]


@router.get(
    "/purposes",
    auth=doors("openings"),
    response=list[answers.PurposeTold],
    summary=_("跨案卷检索可以说明的事由"),
)
def purposes(request: Caller) -> Any:
    holding(request, SEE)
    return [_purpose(entry) for entry in search_reasons(request.user)]


@router.get(
    "/openings",
    auth=doors("openings"),
    response=answers.Listed[answers.OpeningTold],
    summary=_("我现在有效的事由，新的在前"),
)
def openings(
    request: Caller,
    asked: Query[questions.PagedById],
) -> Any:
    holding(request, SEE)
    mine = Opening.objects.visible_to(request.user).current().select_related("case_file")
    page = keyset(mine, str(asked.after or ""), size=asked.limit, newest_first=True)
    return {"items": [_opening(one) for one in page.rows], "after": page.after}


@router.post(
    "/openings",
    auth=doors("openings"),
    response={201: answers.OpeningTold},
    summary=_("说明事由，打开一个人的档案"),
    description=_("事由用一个工作时段；同样的事由再说一遍，接着用原来的。"),
)
def state_purpose(request: Caller, asked: questions.OpeningAsked) -> Any:
    holding(request, SEE)
    code, note, user = asked.purpose, asked.note, request.user
    if asked.person is None:
        return Status(201, _opening(opening.open_search(code=code, note=note, acting_user=user)))
    case_file = _file_of(request, asked.person)
    return Status(
        201, _opening(opening.open_file(case_file, code=code, note=note, acting_user=user))
    )


@router.get(
    "/grants",
    auth=doors("grants"),
    response=answers.Listed[answers.GrantTold],
    summary=_("我申请的授权，新的在前"),
)
def own_grants(
    request: Caller,
    asked: Query[questions.PagedById],
) -> Any:
    holding(request, ASK)
    mine = Grant.objects.visible_to(request.user).filter(user=request.user).with_terms()
    page = keyset(mine, str(asked.after or ""), size=asked.limit, newest_first=True)
    return {"items": page.rows, "after": page.after}


@router.post(
    "/grants",
    auth=doors("grants"),
    response={201: answers.GrantTold},
    summary=_("申请授权；档号存不存在，这里不告知"),
)
def ask_grant(request: Caller, asked: questions.GrantAsked) -> Any:
    holding(request, ASK)
    until = asked.until if timezone.is_aware(asked.until) else timezone.make_aware(asked.until)
    wanted = asked.dict() | {"until": until}
    return Status(201, grants.ask(**wanted, acting_user=request.user))


def _file_of(request: Caller, person_id: uuid.UUID) -> CaseFile:
    holding(request, SEE)
    files = CaseFile.objects.visible_to(request.user).select_related("person", "custodian")
    return fetch_one(files.filter(person=person_id), "people.person", person_id)


def _purpose(entry: PurposeEntry) -> dict[str, Any]:
    return {
        "code": entry.code,
        "name": entry.name,
        "english": entry.english,
        "clause": entry.clause,
        "needs_note": entry.note,
        "levels": list(entry.levels),
    }


def _opening(one: Opening) -> dict[str, Any]:
    return {
        "id": one.pk,
        "person": one.case_file.person_id if one.case_file else None,
        "purpose": one.purpose,
        "note": one.note,
        "until": one.until,
    }
