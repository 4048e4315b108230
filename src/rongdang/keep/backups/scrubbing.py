"""Re-reading everything that is kept, the longest unread first, and mending what is damaged.

A pass ends when every file was read since it began. Stopped (or killed), the next run goes on with
the files the pass has not come to; then come the parity, the database and whatever else is to be
checked. A file that was found whole is known by the digest of its encrypted bytes from then on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction

from rongdang.base.alarms.services import raise_alarm
from rongdang.base.leftovers import is_left
from rongdang.keep.backups import clearing, database_checks, protecting, runs
from rongdang.keep.backups.findings import Finding
from rongdang.keep.backups.models import Run, RunKind, RunState
from rongdang.keep.backups.ports import BackupError
from rongdang.keep.backups.reading import Reader, due
from rongdang.keep.objects.services import sweep

__all__ = ["Finding", "scrub", "text_of"]

MASS_SHARE = 20  # one file in so many, damaged at once, is no worn disk
Check = Callable[[], Iterable[Finding]]
Say = Callable[[str], None]


@dataclass(slots=True)
class Pace:
    """No more than so many bytes a second, on the whole; 0 is as fast as it goes."""

    rate: int
    begun: float
    read: int = 0

    def wait_for(self, size: int) -> float:
        """Seconds to rest after `size` more bytes."""
        self.read += size
        if not self.rate:
            return 0.0
        return max(0.0, self.begun + self.read / self.rate - time.monotonic())


def scrub(
    *,
    rate: int = 0,
    minutes: float = 0,
    checks: Sequence[Check] = (),
    progress: Say | None = None,
) -> Run:
    """`rate` in MB a second; after `minutes` (if given) it stops, and the next run goes on.

    Every finding is an alarm, repaired or not. Raises StorageError when the disk takes no repair.
    """
    try:
        return _scrub(rate, minutes, checks, progress)
    except (DatabaseError, MemoryError) as error:  # SQLCipher has no better word for a damaged page
        raise _database_damaged(str(error)) from error


def _database_damaged(said: str) -> BackupError:
    return BackupError(
        f"数据库损坏，核验做不下去：{said}",
        f"The database is damaged; the scrub cannot go on: {said}",
        hint_zh="停用系统，从最近的备份恢复到新的地方，再接着用。",
        hint_en="Stop the house and restore the newest backup into a new place.",
        code="database-damaged",
    )


def _scrub(rate: int, minutes: float, checks: Sequence[Check], progress: Say | None) -> Run:
    begun = _pass_begun()
    run = runs.begin(RunKind.SCRUB)
    run.result = {"pass_begun": (begun or run.begun_at).isoformat(), "complete": False}
    run.save(update_fields=["result"])
    try:
        result = _pass(
            run, begun or run.begun_at, Pace(rate * 10**6, time.monotonic()), minutes, progress
        )
        if result["complete"]:
            _round_off(result, checks)
    except BaseException as error:
        runs.fail(run, error, alarm="scrub-late")
        raise
    _alarm(result)
    findings = [asdict(one) for one in result.pop("found")]
    return runs.finish(run, {**run.result, **result, "findings": findings})


def _pass_begun() -> datetime | None:
    """When the pass began that was not finished; None when a new one begins."""
    last = Run.objects.filter(kind=RunKind.SCRUB).order_by("-begun_at").first()
    if last is None or (last.state == RunState.DONE and last.result.get("complete")):
        return None
    return datetime.fromisoformat(last.result["pass_begun"]) if last.result else last.begun_at


def _pass(
    run: Run, begun: datetime, pace: Pace, minutes: float, progress: Say | None
) -> dict[str, Any]:
    files, reader = due(begun), Reader()
    until = time.monotonic() + minutes * 60 if minutes else float("inf")
    done = 0
    for done, name in enumerate(files, 1):
        time.sleep(pace.wait_for(reader.read(name)))
        if progress and done % 500 == 0:
            progress(f"核验 / scrub {done}/{len(files)}")
        if time.monotonic() >= until and done < len(files):
            break
    reader.settle()
    return {
        "complete": done >= len(files),
        "files": done,
        "left": len(files) - done,
        "bytes": pace.read,
        "found": reader.found,
        "renewed": reader.renewed,
    }


def _round_off(result: dict[str, Any], checks: Sequence[Check]) -> None:
    """What is done once a pass: strangers, parity, the database, and what others know to check."""
    found: list[Finding] = result["found"]
    sweep()
    _remove_unfinished()
    found += database_checks.strangers()
    found += database_checks.parity_blocks()
    protecting.tidy()
    clearing.clear_aside()
    result["groups"] = protecting.protect(everything=True)
    found += database_checks.database()
    for check in checks:
        found += check()


def _remove_unfinished() -> None:
    """Files that a killed process was writing: they never had a name."""
    for root in (settings.OBJECT_ROOT, settings.SEALED_ROOT):
        for path in root.rglob(".*.tmp"):
            if is_left(path):
                path.unlink(missing_ok=True)


def _alarm(result: dict[str, Any]) -> None:
    found: Sequence[Finding] = result["found"]
    kinds = {"missing": "object-missing", "extra": "object-strange"}
    with transaction.atomic():
        for one in found[: runs.MASS]:
            raise_alarm(
                kind=kinds.get(one.code, "object-damaged"),
                severity="warning" if one.mended else "",
                subject_kind="file",
                subject_id=one.name[-64:],
                detail={"code": one.code, "mended": one.mended},
            )
        files = sum(one.code in ("damaged", "missing") for one in found)
        if files >= runs.MASS and files * MASS_SHARE >= result["files"]:
            raise_alarm(kind="object-mass-loss", detail={"files": files})


def text_of(run: Run) -> str:
    """The report of a run, for people."""
    told = run.result
    head = (
        f"核验了 {told['files']} 个文件，{told['bytes'] / 1e6:.0f} MB"
        + ("" if told["complete"] else f"，还剩 {told['left']} 个，下次接着")
        + f" / {told['files']} files read"
        + ("" if told["complete"] else f", {told['left']} left for the next run")
    )
    if not told["findings"]:
        return f"{head}\n没有发现问题。/ Nothing is wrong."
    lines = [
        f"  [{one['code']}] {one['name']}：{one['zh']} / {one['en']}"
        + (f"（已修复：{one['mended']} / mended）" if one["mended"] else "")
        for one in told["findings"]
    ]
    counted = Counter(
        "已修 / mended" if one["mended"] else "未修 / not mended" for one in told["findings"]
    )
    tail = "合计 / in all: " + "，".join(f"{key} {n}" for key, n in counted.items())
    return "\n".join([head, *lines, tail])
