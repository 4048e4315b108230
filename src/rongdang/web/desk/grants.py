"""Grants: asking for one, one's own, and the desk of those who decide and watch over them."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.vocab.purposes import ALL_LEVELS, reasons
from rongdang.describe.grants import emergency, services
from rongdang.describe.grants.models import Grant
from rongdang.describe.grants.rules import limits, patterns
from rongdang.describe.grants.terms import Terms
from rongdang.web.desk.access import SignedInRequest, fetch, holding

SHOWN = 60


@require_safe
@holding(Permission.GRANT_ASK)
def own(request: SignedInRequest) -> HttpResponse:
    """What one asked for, what was given, and how often it was used."""
    mine = Grant.objects.visible_to(request.user).filter(user=request.user).order_by("-asked_at")
    context = {
        "grants": mine.select_related("decided_by", "withdrawn_by").with_terms()[:SHOWN],
        "reader": emergency.reader_of(request.user),
    }
    return render(request, "grants/own.html", context)


@require_http_methods(["GET", "POST"])
@holding(Permission.GRANT_ASK)
def ask(request: SignedInRequest) -> HttpResponse:
    """The form of DA archives for consulting: which files, which part, why, until when."""
    if request.method == "POST":
        services.ask(
            numbers=request.POST.get("numbers", "").split("\n"),
            levels=request.POST.getlist("levels"),
            purpose=request.POST.get("purpose", ""),
            reason=request.POST.get("reason", ""),
            until=_moment(request.POST.get("until", "")),
            prints=_count(request.POST.get("prints", "")),
            exports=_count(request.POST.get("exports", "")),
            acting_user=request.user,
        )
        messages.success(request, gettext("申请已提交，等批准。"))
        return redirect("grants:own")
    week = timezone.localtime() + dt.timedelta(days=7)
    context = {
        "reasons": [one for one in reasons().values() if one.kind in services.KINDS],
        "levels": ALL_LEVELS,
        "number": request.GET.get("number", "")[:64],
        "limits": limits(),
        "until": f"{week:%Y-%m-%dT18:00}",
    }
    return render(request, "grants/ask.html", context)


@require_safe
@holding(Permission.GRANT_WATCH)
def desk(request: SignedInRequest) -> HttpResponse:
    """What waits for a decision, what holds now, and what was decided before."""
    user = request.user
    shown = Grant.objects.select_related("user", "decided_by", "withdrawn_by").with_terms()
    watched = shown.visible_to(user).exclude(user=user)
    holds = watched.holding().order_by("until")
    context = {
        "waiting": shown.to_decide(user).order_by("asked_at")[:SHOWN],
        "holding": holds[:SHOWN],
        "before": watched.exclude(state="asked")
        .exclude(pk__in=holds)
        .order_by("-asked_at")[:SHOWN],
        "may_decide": user.may(Permission.GRANT_APPROVE),
        "patterns": patterns().values(),
    }
    return render(request, "grants/desk.html", context)


@require_POST
@holding(Permission.GRANT_APPROVE)
def decide(request: SignedInRequest, grant_id: uuid.UUID) -> HttpResponse:
    grant = fetch(Grant.objects.to_decide(request.user).select_related("user"), grant_id)
    note = request.POST.get("note", "")
    if request.POST.get("act") == "give":
        services.give(grant, terms=_chosen(request, grant), note=note, acting_user=request.user)
        if grant.is_narrowed:
            messages.success(request, gettext("已按您选的批准，比申请的少；申请人两样都看得到。"))
        else:
            messages.success(request, gettext("已批准，申请人现在可以查阅。"))
    else:
        services.refuse(grant, note=note, acting_user=request.user)
        messages.success(request, gettext("没有批准，理由已告诉申请人。"))
    return redirect("grants:desk")


@require_POST
@holding(Permission.GRANT_ASK, Permission.GRANT_WATCH)
def withdraw(request: SignedInRequest, grant_id: uuid.UUID) -> HttpResponse:
    """One's own is given back; another's is taken back by whoever watches over it."""
    grant = fetch(Grant.objects.visible_to(request.user).select_related("user"), grant_id)
    services.withdraw(grant, why=request.POST.get("why", ""), acting_user=request.user)
    messages.success(request, gettext("授权已收回，立即失效。"))
    return redirect("grants:own" if grant.user_id == request.user.pk else "grants:desk")


def _chosen(request: SignedInRequest, grant: Grant) -> Terms:
    """What the form leaves of what was asked for. What it does not say is not given."""
    until, asked = _moment(request.POST.get("until", "")), grant.asked_until
    if until == asked.replace(second=0, microsecond=0):  # forms tell minutes
        until = asked
    return Terms(
        numbers=tuple(request.POST.getlist("numbers")),
        levels=tuple(request.POST.getlist("levels")),
        prints=_count(request.POST.get("prints", "")),
        exports=_count(request.POST.get("exports", "")),
        until=until,
    )


def _moment(text: str) -> dt.datetime:
    """The time a form says, in the zone of the installation."""
    try:
        read = parse_datetime(text)
    except ValueError:
        read = None
    if read is None:
        raise DomainError(
            "截止时间看不懂，没有提交。",
            "The end is no date and time; nothing was asked for.",
            hint_zh="请选日期和时间。",
            hint_en="Choose a date and a time.",
            code="grant-end",
            status=422,
        )
    return timezone.make_aware(read) if timezone.is_naive(read) else read


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0
