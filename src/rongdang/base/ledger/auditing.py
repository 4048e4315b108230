"""Everything about the log that can be wrong, in one examination: the log itself, the heads kept
outside, co-signatures and time stamps. In the background for the audit desk, with its progress.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.ledger import merkle, outside_file, outside_services, queries, rollback
from rongdang.base.ledger.anchoring import roots_outside
from rongdang.base.ledger.heads import cosign_message, holds, moment_text
from rongdang.base.ledger.models import Attestation, Verification
from rongdang.base.ledger.services import record
from rongdang.base.ledger.verifying import Fault, Report, verify

ASK, VERIFY = "ledger:ask-verify", "ledger:verify"


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found; `silent` could not be asked, `attested` counts what others vouched for."""

    report: Report
    attested: int
    silent: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        report = self.report
        return {
            "ok": report.ok,
            "size": report.size,
            "root": report.root.hex(),
            "heads": report.heads,
            "attested": self.attested,
            "silent": list(self.silent),
            "clock_back": list(report.clock_back[:100]),
            "faults": [
                {"seq": one.seq, "code": one.code, "zh": one.zh, "en": one.en}
                for one in report.faults
            ],
        }


def examine(*, progress: Callable[[int], None] | None = None) -> Examination:
    """Verify the log and all that was kept or vouched for outside; the first bad entry comes first."""
    unreadable = None
    try:
        kept = roots_outside()
        found, silent = rollback.conflicts()
    except DomainError as error:
        kept, found, silent, unreadable = {}, [], [], error
    agreed = {one.size for one in found if rollback.acknowledged(one)}
    outside = {size: root for size, root in kept.items() if size not in agreed}
    report = verify(outside=outside, progress=progress)
    faults = list(report.faults)
    faults += [
        Fault(min(one.size, one.ours) + 1, "outside-head", one.zh, one.en)
        for one in found
        if one.size not in agreed and not any(fault.code == "cut" for fault in faults)
    ]
    if unreadable is not None:
        faults.append(Fault(1, unreadable.code, unreadable.zh, unreadable.en))
    elif settings.LEDGER_HEADS_FILE:
        faults += _bad_lines(Path(settings.LEDGER_HEADS_FILE))
    faults += _bad_attestations()
    sorted_faults = tuple(sorted(faults, key=lambda fault: fault.seq))
    return Examination(
        replace(report, faults=sorted_faults),
        Attestation.objects.exclude(kind=Attestation.Kind.FILE).count(),
        tuple(error.en for error in silent),
    )


@transaction.atomic
def ask_examination(*, acting_user: User) -> Verification:
    """Examine the log in the background; the row tells how far it is."""
    require(acting_user, Permission.LEDGER_READ)
    asked = Verification.objects.create(
        asked_by=str(acting_user.pk), asked_at=timezone.now(), total=queries.size()
    )
    record(ASK, actor=acting_user, subject=asked)
    return asked


def run_examination(asked: Verification) -> None:
    """What was asked for: each step and the end are kept as they come."""
    rows = Verification.objects.filter(pk=asked.pk)

    def progress(done: int) -> None:
        rows.update(done=done)

    found = examine(progress=progress)
    told = found.to_dict()
    with transaction.atomic():
        rows.update(done=told["size"], finished_at=timezone.now(), report=told)
        detail = {name: told[name] for name in ("ok", "size", "root")}
        record(VERIFY, actor=None, subject=asked, detail=detail)
    if not found.report.ok:
        first = found.report.faults[0]
        rollback.alarm("ledger-broken", "ledger.entry", str(first.seq))
    if found.report.clock_back:
        rollback.alarm("clock-back", "ledger.entry", str(found.report.clock_back[-1]))


def _bad_lines(path: Path) -> Iterator[Fault]:
    """The file by itself: every head signed by us, each continuing the one before."""
    if not path.exists():
        return
    before = None
    for line in outside_file.lines(path):
        head = line.head
        follows = line.since == 0 or (
            before is not None
            and line.since == before.size
            and merkle.consistency_holds(before.size, head.size, before.root, head.root, line.proof)
        )
        if not follows or not head.holds():
            yield Fault(
                head.size,
                "heads-file",
                f"{path.name}：第 {head.size} 条的账本头接不上前一个，或签名不对",
                f"{path.name}: the head of {head.size} entries does not continue the one before, "
                "or is not signed",
            )
        before = head


def _bad_attestations() -> Iterator[Fault]:
    log = queries.log_id() if queries.size() else ""
    rows = Attestation.objects.exclude(kind=Attestation.Kind.FILE).select_related("head")
    for row in rows.order_by("head_id").iterator(chunk_size=1000):
        if not _vouched(row, log):
            yield Fault(
                row.head_id,
                "attestation",
                f"{row.source} 为第 {row.head_id} 条的账本头所作的见证（{moment_text(row.at)}）核验不通过",
                f"what {row.source} attested of the head of {row.head_id} entries does not verify",
            )


def _vouched(row: Attestation, log: str) -> bool:
    head = row.head.signed(log)
    if row.kind == Attestation.Kind.TIME:
        if not settings.LEDGER_TSA_ROOT:
            return True  # no root to check it by; the stamp stays for whoever has one
        try:
            outside_services.stamp_time(bytes(row.evidence), head.message())
        except DomainError:
            return False
        return True
    pinned = settings.LEDGER_WITNESSES.get(row.source, bytes(row.public_key).hex())
    message = cosign_message(head, at=row.at, suite=row.suite, key_id=row.key_id)
    return bytes(row.public_key).hex() == pinned and holds(
        row.suite, bytes(row.public_key), bytes(row.evidence), message
    )
