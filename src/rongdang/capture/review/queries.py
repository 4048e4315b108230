"""What is on whose desk: the task that is itself the reason to open a file."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import OPEN, MaterialState
from rongdang.describe.casefiles.models import CaseFile


def task_with(user: User, case_file: CaseFile) -> str:
    """What this person works on in that file: a batch's number, or the file's own when he has just
    filed a material himself; "" for nothing.

    Papers that wait for a decision or a check in his units, and what he decided or filed within
    the working time that has just gone by.
    """
    since = timezone.now() - dt.timedelta(hours=settings.OPENING_HOURS)
    at_hand = Q(state__in=[*OPEN, MaterialState.CHECK])
    just_done = Q(decided_by=user, decided_at__gte=since)
    found = (
        Material.objects.visible_to(user)
        .filter(at_hand | just_done, person=case_file.person_id)
        .order_by("-pk")
        .values_list("batch__number", flat=True)
        .first()
    )
    if found:
        return found
    filed = case_file.items.filter(filed_by=user, filed_at__gte=since)
    return case_file.number if filed.exists() else ""
