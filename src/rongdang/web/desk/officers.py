"""Pages of the three officers: units and accounts, roles, jobs, the machine's health."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rongdang.base.accounts import factors
from rongdang.base.accounts import services as accounts
from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.gate import services as gate
from rongdang.base.jobs import services as jobs
from rongdang.base.jobs.models import Job
from rongdang.base.orgs import services as orgs
from rongdang.base.orgs.models import Unit
from rongdang.base.virus import ScannerDownError
from rongdang.capture.batches import folders
from rongdang.capture.opening.reader import fences
from rongdang.keep.backups.queries import standings
from rongdang.web import words
from rongdang.web.desk.access import SignedInRequest, holding
from rongdang.web.desk.entering import require_recent_factor
from rongdang.web.desk.forms import do_named, named_account


@require_http_methods(["GET", "POST"])
@holding(Permission.UNIT_EDIT)
@require_recent_factor
def units(request: SignedInRequest) -> HttpResponse:
    """The tree of units, and the accounts; the system officer adds to both, sees no archive."""
    if request.method == "POST":
        do_named(ACCOUNT_ACTS, request, "what")
        messages.success(request, gettext("已经办好。"))
        return redirect("officers:units")
    context = {
        "units": Unit.objects.all(),
        "users": User.objects.order_by("username"),
        "elsewhere": settings.SIGN_IN_ELSEWHERE,
    }
    return render(request, "units/list.html", context)


def _add_unit(request: SignedInRequest) -> None:
    orgs.create_unit(
        code=request.POST.get("code", "").strip(),
        name=request.POST.get("name", "").strip(),
        name_en=request.POST.get("name_en", "").strip()[:160],
        fonds=request.POST.get("fonds", "").strip()[:8],
        parent=Unit.objects.filter(code=request.POST.get("parent", "")).first(),
        acting_user=request.user,
    )


def _add_account(request: SignedInRequest) -> None:
    accounts.create_user(
        username=request.POST.get("username", "").strip(),
        display_name=request.POST.get("display_name", "").strip(),
        password=request.POST.get("password", "") or None,
        id_number=request.POST.get("id_number", ""),
        acting_user=request.user,
    )


def _identify(request: SignedInRequest) -> None:
    number = request.POST.get("id_number", "")
    accounts.identify(named_account(request), number, acting_user=request.user)


def _set_password(request: SignedInRequest) -> None:
    accounts.set_password(
        user=named_account(request),
        password=request.POST.get("password", ""),
        acting_user=request.user,
    )


def _close(request: SignedInRequest) -> None:
    accounts.close_account(named_account(request), acting_user=request.user)


def _reopen(request: SignedInRequest) -> None:
    accounts.reopen_account(named_account(request), acting_user=request.user)


ACCOUNT_ACTS = {
    "unit": _add_unit,
    "user": _add_account,
    "password": _set_password,
    "identify": _identify,
    "close": _close,
    "reopen": _reopen,
}


@require_safe
@holding(Permission.JOB_SEE)
def job_list(request: SignedInRequest) -> HttpResponse:
    """What the machine has to do, and what it gave up on."""
    rows = Job.objects.order_by("-pk")
    counts = {state: rows.filter(state=state).count() for state in ("ready", "running", "dead")}
    context = {
        "dead": rows.filter(state="dead")[:50],
        "running": rows.filter(state="running")[:50],
        "counts": counts,
    }
    return render(request, "jobs/list.html", context)


@require_POST
@holding(Permission.JOB_SEE)
def job_retry(request: SignedInRequest) -> HttpResponse:
    jobs.retry(request.POST.get("job", ""), acting_user=request.user)
    return redirect("officers:jobs")


def _scanner() -> tuple[str, str]:
    """Tone and words of the virus scanner's state."""
    if not settings.VIRUS_SCANNER:
        return "warn", gettext("没有接杀毒服务，文件不检查病毒")
    try:
        made = settings.VIRUS_SCANNER.signed()
    except ScannerDownError as error:
        return "bad", error.message("en" if (get_language() or "").startswith("en") else "zh")
    return "ok", gettext("特征库 %(day)s") % {"day": f"{made:%Y-%m-%d}"}


@require_safe
@holding(Permission.HEALTH_SEE)
def health(request: SignedInRequest) -> HttpResponse:
    """Which fences stand, how much room is left, what waits."""
    disk = shutil.disk_usage(settings.VAR_DIR)
    context = {
        "fences": {words.FENCES.get(name, name): stands for name, stands in fences().items()},
        "database": connection.vendor,
        "encrypted": settings.DATABASE_ENCRYPTED and connection.vendor == "sqlite",
        "free": disk.free,
        "total": disk.total,
        "engine": settings.OCR_ENGINE,
        "may_put_off": factors.may_put_off(),
        "standings": standings(),
        "gate": gate.in_force(),
        "scanner": _scanner(),
        "unclaimed": folders.unclaimed(settings.WATCH_ROOT),
        "jobs": {
            state: Job.objects.filter(state=state).count() for state in ("ready", "running", "dead")
        },
    }
    return render(request, "health.html", context)
