"""What every page of the staff shell needs: who, menu by role, counts, theme and size."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import MaterialState

THEMES = ("auto", "light", "dark", "contrast")
SIZES = ("", "l", "xl")

# (section, label, url name, icon, permission): an item the role lacks is absent, not grey.
MENU = (
    (None, _("工作台"), "home", "home", None),
    (_("业务"), _("扫描收件"), "batches:list", "scan", Permission.BATCH_SEE),
    (_("业务"), _("核对著录"), "review:next", "list", Permission.MATERIAL_REVIEW),
    (_("业务"), _("人员档案"), "people:list", "users", Permission.CASEFILE_SEE),
    (_("业务"), _("检索"), "search:results", "search", Permission.CASEFILE_SEE),
    (_("管理"), _("机构与账号"), "officers:units", "settings", Permission.UNIT_EDIT),
    (_("管理"), _("任务"), "officers:jobs", "retry", Permission.JOB_SEE),
    (_("管理"), _("岗位权限"), "officers:roles", "shield", Permission.ROLE_ASSIGN),
    (_("管理"), _("审计账"), "officers:ledger", "shield", Permission.LEDGER_READ),
    (_("管理"), _("运行状况"), "officers:health", "chart", Permission.HEALTH_SEE),
)


def shell(request: HttpRequest) -> dict[str, object]:
    theme = request.COOKIES.get("theme", "auto")
    size = request.COOKIES.get("size", "")
    context: dict[str, object] = {
        "theme": theme if theme in THEMES else "auto",
        "size": size if size in SIZES else "",
        "menu": [],
    }
    user = getattr(request, "user", None)
    if isinstance(user, User):
        context["menu"] = _menu(user, request.path)
    return context


def _menu(user: User, path: str) -> list[dict[str, object]]:
    counts = {}
    if user.may(Permission.MATERIAL_REVIEW):
        waiting = Material.objects.visible_to(user).filter(state=MaterialState.PROPOSED)
        counts["review:next"] = waiting.count()
    rows: list[dict[str, object]] = []
    for section, label, name, icon, permission in MENU:
        if permission is None or user.may(permission):
            url = reverse(name)
            current = path == url or (name != "home" and path.startswith(url))
            rows.append(
                {
                    "section": section,
                    "label": label,
                    "url": url,
                    "icon": icon,
                    "current": current,
                    "count": counts.get(name),
                }
            )
    return rows
