"""What changed since: for programmes that keep a register of their own in step."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from rongdang.base.accounts.roles import Permission
from rongdang.provide.changes.reading import changes_since
from rongdang.provide.changes.telling import as_told
from rongdang.web.api import answers, questions
from rongdang.web.api.door import Caller, doors, holding

router = Router(tags=["changes"])


@router.get(
    "/changes",
    auth=doors("changes"),
    response=answers.Changes,
    summary=_("某处以来变了什么：哪个人、什么事、哪些字段、依据什么"),
    description=_(
        "第一次用 since=0；以后用上一次给的 after 接着取。不含字段的值，要值请打开档案。"
    ),
)
def changes(request: Caller, asked: Query[questions.ChangesAsked]) -> Any:
    holding(request, Permission.CASEFILE_SEE)
    told = changes_since(request.user, asked.since, most=asked.limit)
    return as_told(told, english=(get_language() or "").startswith("en"))
