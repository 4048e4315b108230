"""What every page of the staff shell needs: who, menu by role, counts, theme and size."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.web.waiting import ACTED, counts_of

THEMES = ("auto", "light", "dark", "contrast")
SIZES = ("", "l", "xl")

# (section, label, url name, icon, right): an item the role lacks is absent, not grey.
MENU = (
    (None, _("工作台"), "home", "home", Permission.CASEFILE_SEE),
    (_("业务"), _("扫描收件"), "batches:list", "scan", Permission.BATCH_SEE),
    (_("业务"), _("请重扫"), "batches:rescans", "retry", Permission.BATCH_UPLOAD),
    (_("业务"), _("扫描仪收件夹"), "batches:trays", "in", Permission.BATCH_UPLOAD),
    (_("业务"), _("核对著录"), "review:next", "list", Permission.MATERIAL_REVIEW),
    (_("业务"), _("旧系统来源"), "sources:list", "merge", Permission.SOURCE_SEE),
    (_("业务"), _("人员档案"), "people:list", "users", Permission.CASEFILE_SEE),
    (_("业务"), _("数据质量"), "quality:board", "chart", Permission.CASEFILE_SEE),
    (_("业务"), _("疑似同一人"), "pairs:list", "merge", Permission.PERSON_EDIT),
    (_("业务"), _("不一致"), "conflicts:list", "split", Permission.PERSON_EDIT),
    (_("业务"), _("检索"), "search:results", "search", Permission.CASEFILE_SEE),
    (_("业务"), _("我的授权"), "grants:own", "key", Permission.GRANT_ASK),
    (_("业务"), _("变更订阅"), "subscriptions", "move", Permission.PERSON_EXPORT),
    # One page for all: whoever keeps files has it among his work, the officers among theirs.
    (_("业务"), _("数据标准"), "standard:fields", "text", Permission.CASEFILE_SEE),
    (_("管理"), _("专门授权"), "grants:desk", "key", Permission.GRANT_WATCH),
    (_("管理"), _("紧急查阅"), "emergency:office", "eye", Permission.EMERGENCY_CONFIRM),
    (_("管理"), _("机构与账号"), "officers:units", "settings", Permission.UNIT_EDIT),
    (_("管理"), _("任务"), "officers:jobs", "retry", Permission.JOB_SEE),
    (_("管理"), _("岗位变更"), "officers:changes", "users", Permission.ROLE_APPROVE),
    (_("管理"), _("岗位权限"), "officers:roles", "users", Permission.ROLE_ASSIGN),
    (_("管理"), _("告警"), "officers:alarms", "warn", Permission.ALARM_SEE),
    (_("管理"), _("回避"), "officers:recusals", "lock", Permission.ROLE_ASSIGN),
    (_("管理"), _("疑似涉密"), "officers:secrets", "lock", Permission.SECRET_SETTLE),
    (_("管理"), _("涉密检查"), "officers:gate", "lock", Permission.SECRET_GATE),
    (_("管理"), _("以哪种记载为准"), "officers:record-rules", "list", Permission.RECORD_RULE),
    (_("管理"), _("以哪种记载为准"), "officers:record-rules", "list", Permission.RULE_SET),
    (_("管理"), _("外部主机"), "officers:hosts", "move", Permission.HOST_ALLOW),
    (_("管理"), _("审计账"), "officers:ledger", "shield", Permission.LEDGER_READ),
    (_("管理"), _("运行状况"), "officers:health", "chart", Permission.HEALTH_SEE),
    (_("管理"), _("数据标准"), "standard:fields", "text", Permission.HEALTH_SEE),
)


def shell(request: HttpRequest) -> dict[str, object]:
    theme = request.COOKIES.get("theme", "auto")
    size = request.COOKIES.get("size", "")
    context: dict[str, object] = {
        "theme": theme if theme in THEMES else "auto",
        "size": size if size in SIZES else "",
        "menu": (),
    }
    user = getattr(request, "user", None)
    if isinstance(user, User):
        # Called where it is drawn: a fragment shows no menu and need not count what waits.
        context["menu"] = partial(_menu, user, request)
        context["may_search"] = user.may(Permission.CASEFILE_SEE)
    return context


class MenuEntry(NamedTuple):
    section: str
    label: str
    url: str
    icon: str
    current: bool
    waiting: int  # how many wait there


def _menu(user: User, request: HttpRequest) -> tuple[MenuEntry, ...]:
    """What this person's roles open; the longest address that the page begins with is current."""
    counts = counts_of(user, request.COOKIES.get(ACTED, ""))
    home, path = reverse("home"), request.path
    fitting = [
        url
        for url in _addresses(user.permissions)
        if path == url or (url != home and path.startswith(url))
    ]
    current = max(fitting, key=len, default="")
    return _entries(user.permissions, current, tuple(counts.items()), get_language())


@lru_cache(maxsize=64)
def _addresses(permissions: frozenset[Permission]) -> dict[str, Any]:
    """Address → row of MENU that the permissions open."""
    return {reverse(row[2]): row for row in MENU if row[4] in permissions}


@lru_cache(maxsize=512)
def _entries(
    permissions: frozenset[Permission],
    current: str,
    counts: tuple[tuple[str, int], ...],
    _language: str | None,
) -> tuple[MenuEntry, ...]:
    waiting = dict(counts)
    return tuple(
        MenuEntry(str(section or ""), str(label), url, icon, url == current, waiting.get(name, 0))
        for url, (section, label, name, icon, _permission) in _addresses(permissions).items()
    )
