"""Taking heads outside, where who owns the database cannot change them.

Outside are: a file of the audit officer's, witnesses, a time-stamping authority; each by a setting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from rongdang.base.errors import DomainError
from rongdang.base.ledger import outside_file, outside_services, queries, rollback
from rongdang.base.ledger.models import Attestation, Head
from rongdang.base.ledger.outside_services import ForkError
from rongdang.base.ledger.services import sign_head


@dataclass(slots=True)
class Anchored:
    """What became of one round: the head, and what could not be done."""

    head: Head | None
    failures: list[DomainError] = field(default_factory=list)


def anchor() -> Anchored:
    """Sign the log as it stands and take the head to every place outside; what fails raises an alarm.

    Unchanged since the last round, nothing is done but what failed then.
    """
    done = Anchored(sign_head())
    head = done.head
    if head is None:
        return done
    held = set(head.attestations.values_list("source", flat=True))
    for source, kind, act in _places(head):
        if source not in held:
            _try(done, kind, act)
    return done


def roots_outside() -> dict[int, bytes]:
    """Roots by size that the audit officer's file still stands for."""
    path = Path(settings.LEDGER_HEADS_FILE)
    there = settings.LEDGER_HEADS_FILE and path.exists()
    return outside_file.standing(path) if there else {}


Place = tuple[str, str, Callable[[], object]]  # its name, the alarm if it fails, the act


def _places(head: Head) -> list[Place]:
    found: list[Place] = []
    if settings.LEDGER_HEADS_FILE:
        path = Path(settings.LEDGER_HEADS_FILE)
        found.append((path.name, "ledger-rolled-back", lambda: _to_file(head, path)))
    for address, key in settings.LEDGER_WITNESSES.items():
        found.append((address, "head-not-witnessed", _asking(head, address, key)))
    if address := settings.LEDGER_TSA:
        found.append((address, "timestamp-failed", lambda: outside_services.stamp(head, address)))
    return found


def _to_file(head: Head, path: Path) -> None:
    last = outside_file.last_line(path)
    found = rollback.compared(path.name, last.head if last else None)
    if found and not rollback.acknowledged(found[0]):
        raise rollback.RollbackError(
            f"{found[0].zh}没有写进留存文件。", f"{found[0].en} The file was not added to."
        )
    signed = head.signed(queries.log_id())
    if last is None or found:
        line = outside_file.Line(signed, base=_common(path) if last else None)
    else:
        proof = tuple(queries.consistency(last.head.size, head.size))
        line = outside_file.Line(signed, last.head.size, proof)
    with transaction.atomic():
        Attestation.objects.create(
            head=head,
            kind=Attestation.Kind.FILE,
            source=path.name,
            at=timezone.now(),
            evidence=b"",
        )
        outside_file.add_line(path, line)


def _common(path: Path) -> int:
    """The largest size in the file up to which the log is still the same."""
    ours = queries.size()
    fits = (
        size
        for size, root in sorted(outside_file.standing(path).items(), reverse=True)
        if size <= ours and queries.root_at(size) == root
    )
    return next(fits, 0)


def _asking(head: Head, address: str, key: str) -> Callable[[], Attestation]:
    def ask() -> Attestation:
        try:
            return outside_services.ask_witness(head, address, key)
        except ForkError:
            rollback.alarm("ledger-broken", "witness", address)
            raise

    return ask


def _try(done: Anchored, kind: str, act: Callable[[], object]) -> None:
    """What fails is told, and tried again at the next round; it holds nothing else up."""
    try:
        act()
    except DomainError as error:
        done.failures.append(error)
        rollback.alarm(kind, "ledger", error.code)
