"""When was the last backup, the last drill, the last whole scrub, and is that too long ago?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.ledger.models import Entry
from rongdang.keep.backups.models import Run, RunKind, RunState

WORDS = {RunKind.BACKUP: _("备份"), RunKind.DRILL: _("恢复演练"), RunKind.SCRUB: _("全部核验")}
ALARMS = {
    RunKind.BACKUP: "backup-late",
    RunKind.DRILL: "backup-late",
    RunKind.SCRUB: "scrub-late",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One kind of proof: when it last succeeded, when it last failed since, and its term."""

    kind: str
    done_at: datetime | None
    failed_at: datetime | None  # later than `done_at`
    term: timedelta
    error: str = ""
    born_at: datetime | None = None  # begin of the ledger: a new house is not late at once

    @property
    def word(self) -> str:
        return str(WORDS[RunKind(self.kind)])

    @property
    def late(self) -> bool:
        since = self.done_at or self.born_at
        return since is None or timezone.now() - since > self.term


def standings() -> list[Standing]:
    """Backup, drill, scrub; where no target is set, they are late all the same."""
    terms = {
        RunKind.BACKUP: timedelta(hours=settings.BACKUP_HOURS),
        RunKind.DRILL: timedelta(days=settings.DRILL_DAYS),
        RunKind.SCRUB: timedelta(days=settings.SCRUB_DAYS),
    }
    return [_standing(kind, term) for kind, term in terms.items()]


def raise_what_is_late() -> list[Standing]:
    """An alarm for each that is late; one that waits already is only counted up once a day."""
    late = [one for one in standings() if one.late]
    day = timezone.now() - timedelta(days=1)
    for one in late:
        kind = ALARMS[RunKind(one.kind)]
        told = Alarm.objects.waiting().filter(kind=kind, subject_id=one.kind, last_at__gt=day)
        if not told.exists():
            with transaction.atomic():
                raise_alarm(kind=kind, subject_kind="run", subject_id=one.kind)
    return late


def _standing(kind: RunKind, term: timedelta) -> Standing:
    runs = Run.objects.filter(kind=kind).order_by("-begun_at")
    done = runs.filter(state=RunState.DONE)
    if kind == RunKind.SCRUB:
        done = done.filter(result__complete=True)
    last, failed = done.first(), runs.filter(state=RunState.FAILED).first()
    since = last.begun_at if last else None
    later = failed if failed and (since is None or failed.begun_at > since) else None
    return Standing(
        kind,
        last.ended_at if last else None,
        later.ended_at if later else None,
        term,
        later.error if later else "",
        Entry.objects.order_by("pk").values_list("at", flat=True).first(),
    )
