"""What the security officer has to look at, and what was found; the audit officer reads along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms import queries
from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.services import settle_alarm
from rongdang.web import words
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.forms import named_id

SHOWN = 100


class Row(NamedTuple):
    """An alarm as the page shows it."""

    alarm: Alarm
    tone: str
    word: str
    facts: list[tuple[str, object]]
    page: str  # where it is acted on, if this reader may go there
    may_settle: bool


@require_http_methods(["GET", "POST"])
@holding(Permission.ALARM_SEE)
def alarm_list(request: SignedInRequest) -> HttpResponse:
    """The gravest first; below them the last ones that were settled."""
    user = request.user
    if request.method == "POST":
        require(user, Permission.ALARM_SETTLE)
        alarm = fetch(Alarm.objects.visible_to(user), named_id(request, "alarm"))
        settle_alarm(alarm, note=request.POST.get("note", ""), acting_user=user)
        messages.success(request, gettext("告警已销，查明的情况已记下。"))
        return redirect("officers:alarms")
    waiting, settled = queries.waiting(user), queries.settled(user)
    context = {
        "waiting": [_row(alarm, user) for alarm in waiting[:SHOWN]],
        "settled": [_row(alarm, user) for alarm in settled[:SHOWN]],
        "total": waiting.count(),
    }
    return render(request, "alarms/list.html", context)


def _row(alarm: Alarm, user: User) -> Row:
    tone, word = words.SEVERITIES[alarm.severity]
    return Row(
        alarm,
        tone,
        str(word),
        _facts(alarm.detail),
        _page(alarm.words.page, user),
        user.may(Permission.ALARM_SETTLE, alarm.scope) and alarm.about_id != user.pk,
    )


def _facts(detail: Mapping[str, Any]) -> list[tuple[str, object]]:
    """What the alarm says, each under its word; a detail without one is for programs."""
    people = {str(detail[key]) for key in words.ALARM_PEOPLE if detail.get(key)}
    named = {str(one.pk): one.display_name for one in User.objects.filter(pk__in=people)}
    return [
        (str(words.ALARM_FACTS[key]), named.get(str(told), _told(told)))
        for key, told in detail.items()
        if key in words.ALARM_FACTS and told not in ("", None)
    ]


def _told(value: object) -> object:
    """As one reads it: a moment by the clock on the wall, yes or no, fences by their words."""
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, list):
        return "、".join(str(words.FENCES.get(one, one)) for one in value)
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment and moment.tzinfo else value


def _page(name: str, user: User) -> str:
    if not name or not user.may(words.ALARM_PAGES[name]):
        return ""
    return reverse(name)
