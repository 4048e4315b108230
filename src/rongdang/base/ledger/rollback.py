"""Comparing the log with the heads kept outside: was it rewritten, or the whole database rolled back?

Then nothing starts until two officers agree to go on, as they do after a backup was restored.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require_everywhere
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import DomainError
from rongdang.base.ledger import outside_file, outside_services, queries
from rongdang.base.ledger.heads import SignedHead
from rongdang.base.ledger.models import Attestation, Entry
from rongdang.base.ledger.outside_services import OutsideError
from rongdang.base.ledger.services import record

ACKNOWLEDGE = "ledger:acknowledge"
TWO = 2


class RollbackError(DomainError):
    """The log does not fit a head kept outside, and two officers have not yet agreed to go on."""

    status, code = 503, "rolled-back"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A head kept at `source` that the log does not fit: `ours` is how many entries it has now.

    `gone`: it was taken there, and there it is not known any more.
    """

    source: str
    size: int
    root: bytes
    ours: int
    gone: bool = False

    @property
    def name(self) -> str:
        """What an acknowledgement names: this head and no other."""
        return f"{self.size}:{self.root.hex()[:32]}"

    @property
    def zh(self) -> str:
        if self.gone:
            return f"到第 {self.size} 条的账本头交给过 {self.source}，现在那里没有了。"
        if self.size > self.ours:
            kept = f"{self.source} 留存的账本头到第 {self.size} 条"
            return f"{kept}，现在只有 {self.ours} 条：数据库被退回过。"
        return f"前 {self.size} 条与 {self.source} 留存的账本头不符：账被改写过。"

    @property
    def en(self) -> str:
        kept = f"a head of {self.size} entries"
        if self.gone:
            return f"{self.source} was given {kept} and does not have it any more."
        if self.size > self.ours:
            now = f"now there are {self.ours}: the database was rolled back."
            return f"{self.source} keeps {kept}, {now}"
        return f"{self.source} keeps {kept} from which the log differs: it was rewritten."


def conflicts() -> tuple[list[Conflict], list[OutsideError]]:
    """Newest heads outside that the log does not fit, and who gave no answer."""
    found: list[Conflict] = []
    silent: list[OutsideError] = []
    if settings.LEDGER_HEADS_FILE:
        path = Path(settings.LEDGER_HEADS_FILE)
        line = outside_file.last_line(path)
        found += compared(path.name, line.head if line else None)
    for address in settings.LEDGER_WITNESSES if queries.size() else ():
        try:
            found += compared(address, outside_services.newest_seen(address))
        except OutsideError as error:
            silent.append(error)
    return found, silent


def compared(source: str, seen: SignedHead | None) -> list[Conflict]:
    """The conflict between the log and what `source` saw of it last, if there is one."""
    ours = queries.size()
    if seen is None:
        lost = Attestation.objects.filter(source=source).order_by("-head_id").first()
        if lost is None:
            return []
        return [Conflict(source, lost.head_id, bytes(lost.head.root), ours, gone=True)]
    fits = (
        seen.size <= ours
        and queries.log_id() == seen.log
        and queries.root_at(seen.size) == seen.root
    )
    return [] if fits else [Conflict(source, seen.size, seen.root, ours)]


def require_no_rollback() -> list[OutsideError]:
    """Raises RollbackError for a conflict that two officers have not agreed to.

    Gives who did not answer: that alone does not keep the house shut. Nothing is written: an entry
    more would hide how far back the database was put.
    """
    found, silent = conflicts()
    standing = [conflict for conflict in found if not acknowledged(conflict)]
    if standing:
        raise RollbackError(
            f"{standing[0].zh}没有启动，档案数据没有动。",
            f"{standing[0].en} It was not started; the archive is untouched.",
            hint_zh="查明原因；确是依规恢复备份的，由审计员和安全保密员各自执行一次："
            "rongdang ledger acknowledge",
            hint_en="Find out why. If a backup was restored lawfully, the audit officer and the "
            "security officer each run: rongdang ledger acknowledge",
        )
    return silent


@transaction.atomic
def acknowledge(*, reason: str, acting_user: User) -> int:
    """One of two officers who agree to go on; gives how many conflicts still wait for the other."""
    if not acting_user.may(Permission.LEDGER_READ):
        require_everywhere(acting_user, Permission.ALARM_SETTLE)
    if not reason.strip():
        raise DomainError(
            "要写明原因和批准依据，没有记录。",
            "The reason and who approved it are needed; nothing was recorded.",
            code="no-reason",
            status=422,
        )
    found = conflicts()[0]
    for conflict in found:
        alarm("ledger-rolled-back", "ledger.head", conflict.name)
        record(
            ACKNOWLEDGE,
            actor=acting_user,
            subject_kind="ledger.head",
            subject_id=conflict.name,
            detail={"reason": reason.strip(), "size": conflict.size, "ours": conflict.ours},
        )
    return sum(not acknowledged(conflict) for conflict in found)


def acknowledged(conflict: Conflict) -> bool:
    agreed = Entry.objects.filter(
        event=ACKNOWLEDGE, subject_kind="ledger.head", subject_id=conflict.name
    )
    return agreed.values("actor").distinct().count() >= TWO


def alarm(kind: str, subject_kind: str, subject_id: str) -> None:
    """Once while it waits: every alarm is an entry, and every entry makes a head to be taken outside."""
    waiting = Alarm.objects.waiting().filter(
        kind=kind, subject_kind=subject_kind, subject_id=subject_id[:64]
    )
    if not waiting.exists():
        with transaction.atomic():
            raise_alarm(kind=kind, subject_kind=subject_kind, subject_id=subject_id[:64])
