"""Reading that does not look like work: too fast, beside one's tasks, of people named like oneself.

Asked at each opening of a file; identifiers grow with time, so what was opened in the last minutes
is one range of the primary key, however many openings there ever were.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import DomainError
from rongdang.base.ids import uuid7_from
from rongdang.base.vocab import names
from rongdang.describe.access.models import Opening
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.grants.queries import covered
from rongdang.describe.grants.rules import Pattern, patterns
from rongdang.describe.people.models import Fact


class ReadingPausedError(DomainError):
    """Too many files in too short a time."""

    status, code = 429, "reading-paused"


def watch_opening(user: User, case_file: CaseFile) -> None:
    """Before `user` opens one more file; raises ReadingPausedError, and then it is not opened.

    Called outside the transaction of the opening, so that the alarm stays when that is refused.
    A file that is open already counts once.
    """
    rate = patterns()["reading-rate"]
    opened = _files(user, rate).exclude(case_file=case_file).count()
    if opened >= rate.files:
        _alarm(rate, user, case_file, opened)
        raise ReadingPausedError(
            f"{rate.minutes} 分钟内已打开 {opened} 个人的档案，先暂停打开新的，已告警。",
            f"{opened} files were opened within {rate.minutes} minutes; no new one for now. An alarm was raised.",
            hint_zh="过几分钟会自动恢复。确有批量任务的，请申请专门授权。",
            hint_en="It ends by itself in some minutes. For a task of many files, ask for a grant.",
        )


def note_opening(user: User, case_file: CaseFile) -> None:
    """After a file was opened: what is worth an officer's look, though it is not refused."""
    _beside_tasks(user, case_file)
    like = patterns()["like-own-name"]
    if is_named_like(user.display_name, case_file.person.name) and not _told(user, case_file):
        _alarm(like, user, case_file, 1)


def _told(user: User, case_file: CaseFile) -> bool:
    """The officer has had this pair before him once; he is not asked again."""
    return Alarm.objects.filter(
        kind="like-own-name",
        about=user,
        subject_kind=case_file._meta.label_lower,
        subject_id=str(case_file.pk),
    ).exists()


def is_named_like(own: str, other: str) -> bool:
    """The same surname with a character of the given name in common, or a name that sounds the same.

    Brothers and cousins share a character of their generation; a surname alone says nothing.
    """
    one, two = names.comparable(own), names.comparable(other)
    family = names.surname(one)
    if len(one) < 2 or len(two) < 2 or family != names.surname(two):
        return False
    shared = set(one[len(family) :]) & set(two[len(family) :])
    return bool(shared) or names.pinyin_keys(one).full == names.pinyin_keys(two).full


def _beside_tasks(user: User, case_file: CaseFile) -> None:
    """So many files in a working day to which no task, no grant and no own work leads."""
    rule = patterns()["outside-task"]
    stated = _files(user, rule).filter(task="")
    if stated.count() < rule.files:
        return
    worked_on = Q(pk__in=Item.objects.filter(filed_by=user).values("case_file")) | Q(
        person__in=Fact.objects.filter(recorded_by=user).values("person")
    )
    beside = (
        CaseFile.objects.filter(pk__in=stated.values("case_file"))
        .exclude(worked_on)
        .exclude(pk__in=covered(user).values("case_file"))
        .count()
    )
    if beside >= rule.files:
        _alarm(rule, user, case_file, beside)


def _files(user: User, rule: Pattern) -> QuerySet[Opening, Any]:
    """One opening of each file within the time of the rule."""
    since = uuid7_from(timezone.now() - rule.span)
    mine = Opening.objects.filter(pk__gte=since, user=user, case_file__isnull=False)
    return mine.values("case_file").distinct()


@transaction.atomic
def _alarm(rule: Pattern, user: User, case_file: CaseFile, files: int) -> None:
    raise_alarm(
        kind=rule.kind,
        about=user,
        scope=case_file.scope,
        subject=case_file if rule.files == 1 else None,
        detail={"files": files, "minutes": rule.minutes, "number": case_file.number},
    )
