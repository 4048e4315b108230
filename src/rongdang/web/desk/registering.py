"""Taking over a unit's register: looked at first, then taken over whole."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.describe.casefiles.register_tables import read_register
from rongdang.describe.casefiles.registering import not_yet_known, take_over_register
from rongdang.describe.casefiles.spreadsheets import text_of
from rongdang.web.desk.access import SignedInRequest, holding
from rongdang.web.desk.forms import named_unit, units_for

SHOWN = 30
MOST_PEOPLE = 500  # of one request; more by `rongdang register`


@require_http_methods(["GET", "POST"])
@holding(Permission.CASEFILE_EDIT)
def register(request: SignedInRequest) -> HttpResponse:
    """A table is handed in and shown with its faults; the second POST, with its text, takes it over."""
    units = units_for(request.user, Permission.CASEFILE_EDIT)
    if request.method != "POST":
        return render(request, "people/register.html", {"units": units})
    unit = named_unit(units, request.POST.get("unit", ""))
    text = _handed_in(request)
    read = read_register(text)
    if len(read.rows) > MOST_PEOPLE:
        raise DomainError(
            f"一次最多收 {MOST_PEOPLE} 人，这一册有 {len(read.rows)} 人，没有收。",
            f"At most {MOST_PEOPLE} people at once; this register has {len(read.rows)}. Nothing was taken over.",
            hint_zh="分成几册来交，或请系统管理员用命令 rongdang register。",
            hint_en="Divide it, or use the command rongdang register.",
            code="too-many",
        )
    fresh = not_yet_known(unit, read.rows)
    if request.POST.get("act") == "take" and not read.faults:
        taken = take_over_register(unit, read.rows, acting_user=request.user)
        messages.success(
            request,
            gettext("已接收 %(count)s 卷。接着可以打印盒签和人员分隔页，扫描收件。")
            % {"count": len(taken)},
        )
        return redirect("people:list")
    context = {
        "units": units,
        "unit": unit,
        "register": read,
        "table": text,
        "shown": read.rows[:SHOWN],
        "fresh": len(fresh),
        "known": len(read.rows) - len(fresh),
    }
    return render(request, "people/register.html", context)


def _handed_in(request: SignedInRequest) -> str:
    """The text of the file, or, the second time, the text that was shown."""
    file = request.FILES.get("file")
    text = text_of(file.read()) if file is not None else request.POST.get("table", "")
    if not text:
        raise DomainError(
            "还没有选登记册文件，或文件是空的；什么也没有收。",
            "No register was chosen, or the file is empty; nothing was taken over.",
            code="no-file",
        )
    return text
