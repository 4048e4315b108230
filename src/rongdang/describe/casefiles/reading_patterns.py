"""Looking back over a time: who read at night, how much at once, and files he had no work on.

The alarms of `describe.grants.patterns` speak while it happens; this is what the audit officer sees
afterwards, of everybody, with the same limits.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import time

from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.ledger.models import Entry
from rongdang.describe.casefiles.diary import LOOKS, parts
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.grants.rules import patterns

NIGHT_FROM, NIGHT_UNTIL = time(22), time(6)
OPENED = "casefile:see"


@dataclass(slots=True)
class Reader:
    """What one person read in the time looked at."""

    actor: str
    name: str = ""
    looks: int = 0
    files: set[str] = field(default_factory=set)  # ids of the files opened
    night: int = 0
    densest: int = 0  # most files opened within the minutes of the rule
    beside: int = 0  # files opened on which he did nothing but read
    _recent: deque[tuple[dt.datetime, str]] = field(default_factory=deque)

    def opened(self, at: dt.datetime, case_file: str, span: dt.timedelta) -> None:
        self.files.add(case_file)
        self._recent.append((at, case_file))
        while self._recent[0][0] < at - span:
            self._recent.popleft()
        self.densest = max(self.densest, len({one for _at, one in self._recent}))


@dataclass(frozen=True, slots=True)
class Patterns:
    """Everybody who read, the most first; and the limits that make a figure stand out."""

    readers: tuple[Reader, ...]
    dense_files: int
    dense_minutes: int
    beside_files: int


def reading_between(since: dt.datetime, until: dt.datetime) -> Patterns:
    rate, task = patterns()["reading-rate"], patterns()["outside-task"]
    readers: dict[str, Reader] = {}
    rows = Entry.objects.filter(at__gte=since, at__lt=until, actor__isnull=False)
    looks = rows.filter(event__in=LOOKS).order_by("seq")
    columns = ("at", "actor", "event", "subject_kind", "subject_id")
    for at, actor, event, kind, subject in looks.values_list(*columns).iterator(chunk_size=4096):
        reader = readers.setdefault(str(actor), Reader(str(actor)))
        reader.looks += 1
        reader.night += _is_night(at)
        if event == OPENED and kind == "casefiles.casefile":
            reader.opened(at, subject, rate.span)
    worked = _worked_on(since, until)
    names = {str(pk): name for pk, name in User.objects.values_list("pk", "display_name")}
    for reader in readers.values():
        reader.name = names.get(reader.actor, "")
        reader.beside = len(reader.files - worked[reader.actor])
    ranked = sorted(readers.values(), key=lambda one: (-one.looks, one.actor))
    return Patterns(tuple(ranked), rate.files, rate.minutes, task.files)


def events_between(since: dt.datetime, until: dt.datetime) -> list[tuple[str, int]]:
    """How often each event was, the most frequent first."""
    rows = Entry.objects.filter(at__gte=since, at__lt=until)
    return Counter(rows.values_list("event", flat=True).iterator(chunk_size=4096)).most_common()


def _worked_on(since: dt.datetime, until: dt.datetime) -> defaultdict[str, set[str]]:
    """Files by person on which he did something other than reading: his tasks, as the log tells them."""
    acts = Entry.objects.filter(
        at__gte=since,
        at__lt=until,
        actor__isnull=False,
        subject_kind__in=("casefiles.casefile", "casefiles.item", "people.person"),
    ).exclude(event__in=(*LOOKS, "casefile:state-purpose", "casefile:recuse"))
    told = set(acts.values_list("actor", "subject_kind", "subject_id"))
    of: dict[str, str] = {}
    for part in parts(key for _actor, kind, key in told if kind == "casefiles.item"):
        rows = Item.objects.filter(pk__in=part).values_list("pk", "case_file")
        of |= {str(key): str(case_file) for key, case_file in rows}
    for part in parts(key for _actor, kind, key in told if kind == "people.person"):
        people = CaseFile.objects.filter(person__in=map(uuid.UUID, part)).values_list(
            "person", "pk"
        )
        of |= {str(key): str(case_file) for key, case_file in people}
    done: defaultdict[str, set[str]] = defaultdict(set)
    for actor, _kind, key in told:
        done[str(actor)].add(of.get(key, key))
    return done


def _is_night(at: dt.datetime) -> bool:
    now = timezone.localtime(at).time()
    return now >= NIGHT_FROM or now < NIGHT_UNTIL
