"""The record of backups, drills and scrubs: each begin and end is on the ledger."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record
from rongdang.keep.backups.models import Run, RunKind, RunState

MASS = 20  # as many at once look like ransomware and not like a worn disk


def begin(kind: RunKind, *, target: str = "", copy: str = "") -> Run:
    """A run that a dead process left running is over."""
    with transaction.atomic():
        Run.objects.filter(kind=kind, target=target, state=RunState.RUNNING).update(
            state=RunState.FAILED, ended_at=timezone.now(), error="中途被停 / stopped midway"
        )
        run = Run.objects.create(kind=kind, target=target, copy=copy, begun_at=timezone.now())
        told = {"target": target, "copy": copy, "by": account()}
        record(f"{kind}:begin", actor=None, subject=run, detail=told)
    return run


def finish(run: Run, result: Mapping[str, Any]) -> Run:
    with transaction.atomic():
        run.state, run.ended_at, run.result = RunState.DONE, timezone.now(), dict(result)
        run.save(update_fields=["state", "ended_at", "result"])
        told = {key: value for key, value in result.items() if isinstance(value, int | str)}
        record(
            f"{run.kind}:finish",
            actor=None,
            subject=run,
            detail={"target": run.target, "copy": run.copy, "by": account(), **told},
        )
    return run


def fail(run: Run, error: BaseException, *, alarm: str) -> None:
    """Say so on the record; where even that cannot be written, the error itself must do."""
    said = error.message() if isinstance(error, DomainError) else type(error).__name__
    try:
        with transaction.atomic():
            Run.objects.filter(pk=run.pk).update(
                state=RunState.FAILED, ended_at=timezone.now(), error=said[:1000]
            )
            raise_alarm(kind=alarm, subject=run, detail={"error": said[:300]})
            record(
                f"{run.kind}:fail",
                actor=None,
                subject=run,
                detail={"target": run.target, "by": account(), "error": said[:300]},
            )
    except DatabaseError:
        return


def raise_missing(names: Sequence[str]) -> None:
    with transaction.atomic():
        for name in names[:MASS]:
            raise_alarm(kind="object-missing", subject_kind="file", subject_id=name[-64:])
        if len(names) >= MASS:
            raise_alarm(kind="object-mass-loss", detail={"files": len(names)})


def account() -> str:
    """Who ran the command, as the machine knows him."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"
