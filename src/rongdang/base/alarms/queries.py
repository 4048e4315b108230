"""How many alarms wait, and which: for the page and the menu."""

from __future__ import annotations

from django.db.models import Case, IntegerField, QuerySet, Value, When

from rongdang.base.accounts.models import User
from rongdang.base.alarms.models import Alarm, Severity


def waiting(user: User) -> QuerySet[Alarm]:
    """The gravest first, then the newest."""
    gravity = Case(
        When(severity=Severity.URGENT, then=Value(0)),
        When(severity=Severity.WARNING, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = Alarm.objects.visible_to(user).waiting().select_related("about")
    return found.order_by(gravity, "-last_at")


def settled(user: User) -> QuerySet[Alarm]:
    found = Alarm.objects.visible_to(user).filter(settled_at__isnull=False)
    return found.select_related("about", "settled_by").order_by("-settled_at")
