"""Who may do what and see what, as tables an officer can read: on a page and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from rongdang.base.accounts.roles import LEVELS, ROLES, TABLE, Permission
from rongdang.base.ledger.queries import head_line
from rongdang.base.vocab.masks import masked_fields
from rongdang.base.vocab.purposes import ALL_LEVELS, reasons
from rongdang.describe.access.predicate import RIGHTS
from rongdang.provide.prints.rights import MARK, Grid, RightsTable, draw_rights
from rongdang.web.desk.access import SignedInRequest, holding
from rongdang.web.desk.paper import pdf
from rongdang.web.templatetags.rongdang import permission_word

READERS = (Permission.ROLE_ASSIGN, Permission.LEDGER_READ)


@require_safe
@holding(*READERS)
def roles(request: SignedInRequest) -> HttpResponse:
    """Roles × rights, roles × levels, reasons × levels, and what is masked."""
    context = tables() | {"may_assign": request.user.may(Permission.ROLE_ASSIGN)}
    return render(request, "units/roles.html", context)


@require_safe
@holding(*READERS)
def roles_pdf(request: SignedInRequest) -> HttpResponse:
    """The same on paper, to be signed and hung up."""
    return pdf(draw_rights(printed()), "roles")


def printed() -> RightsTable:
    """The tables in Chinese, as they hang on the wall."""
    with translation.override("zh-hans"):
        shown = tables()
        names = tuple(str(word) for word in shown["roles"].values())
        rights = [(permission_word(code), *_marks(marks)) for code, marks in shown["table"]]
        levels = [(level, *_marks(marks)) for level, marks in shown["levels"]]
        reasons = [
            (f"{entry.clause} {entry.name}", *_marks(marks), "、".join(map(str, givers)))
            for entry, marks, givers in shown["reasons"]
        ]
    today = timezone.localdate()
    return RightsTable(
        grids=(
            Grid("权限", names, tuple(rights)),
            Grid("内容层级", names, tuple(levels)),
            Grid("查阅事由", (*shown["all_levels"], "谁可以用"), tuple(reasons), first=72.0),
        ),
        notes=(
            "看到的内容，是机构范围、岗位层级、事由层级三者都允许的部分。",
            f"{'、'.join(shown['masked'])}对查阅的人遮挡，看全要写原因，记账。",
            "本人和近亲属的档案，任何岗位都不能打开。三员不看档案。",
        ),
        day=f"{today.year}年{today.month}月{today.day}日",
        foot=head_line(),
    )


def _marks(marks: Sequence[bool]) -> list[str]:
    return [MARK if mark else "" for mark in marks]


def tables() -> dict[str, Any]:
    """Rows of marks; the order is the order of the code and of the regulation."""
    return {
        "roles": ROLES,
        "table": [
            (permission.value, [permission in TABLE[role] for role in ROLES])
            for permission in Permission
        ],
        "levels": [
            (level, [level in LEVELS.get(role, ()) for role in ROLES]) for level in ALL_LEVELS
        ],
        "all_levels": ALL_LEVELS,
        "reasons": [
            (
                entry,
                [level in entry.levels for level in ALL_LEVELS],
                [ROLES[role] for role in ROLES if RIGHTS[entry.kind] in TABLE[role]],
            )
            for entry in reasons().values()
        ],
        "masked": list(masked_fields()),
    }
