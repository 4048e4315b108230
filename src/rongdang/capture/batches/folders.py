"""Taking in a folder: by command once, or watched for ever. A file is touched only when it is kept."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rongdang.base.accounts.models import RoleAssignment, User
from rongdang.base.errors import DomainError
from rongdang.base.orgs.models import Unit
from rongdang.capture.batches import services
from rongdang.capture.batches.models import Batch
from rongdang.capture.batches.states import ScanState, UploadState
from rongdang.capture.opening.archives import natural

SETTLED_SECONDS = 3  # a scanner's file that has not changed for so long is finished
TAKEN = "已收"


@dataclass(slots=True)
class Intake:
    """What became of a folder's files, in words and numbers."""

    batch_id: uuid.UUID
    number: str
    files: dict[str, str] = field(default_factory=dict)  # name → state
    reasons: dict[str, str] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)  # scan state → count

    @property
    def ok(self) -> bool:
        bad = {UploadState.REFUSED, UploadState.PARTIAL}
        return not bad & set(self.files.values()) and not self.pages.get(ScanState.FAILED)

    def to_dict(self) -> dict[str, object]:
        return {
            "batch": self.number,
            "ok": self.ok,
            "files": self.files,
            "reasons": self.reasons,
            "pages": self.pages,
        }

    def to_text(self) -> str:
        rows = [f"批次 / batch {self.number}: {len(self.files)} 个文件 / files"]
        rows += [
            f"  {UploadState(state).label}  {name}  {self.reasons.get(name, '')}"
            for name, state in self.files.items()
        ]
        rows += [
            f"  {ScanState(state).label}: {count} 页 / pages" for state, count in self.pages.items()
        ]
        return "\n".join(rows)


def default_clerk(unit: Unit) -> User:
    """The one clerk of the unit, when there is only one; else the command must name one."""
    clerks = {
        held.user
        for held in RoleAssignment.objects.filter(role="clerk", unit=unit).select_related("user")
    }
    if len(clerks) != 1:
        raise DomainError(
            "要用 --user 说明以谁的名义收，还没有收任何文件。",
            "Say by --user in whose name; nothing was taken in.",
            code="who",
        )
    return clerks.pop()


def files_of(folder: Path) -> list[Path]:
    """Files below the folder in natural order; hidden ones and what was taken before left out."""
    if not folder.is_dir():
        raise DomainError(
            f"没有这个文件夹：{folder.name}。", f"No such folder: {folder.name}.", code="no-folder"
        )
    found = (
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and not any(
            part.startswith(".") or part == TAKEN for part in path.relative_to(folder).parts
        )
    )
    return sorted(found, key=lambda path: natural(str(path.relative_to(folder))))


def take_in(
    folder: Path,
    *,
    unit: Unit,
    acting_user: User,
    declared: bool,
    progress: Callable[[str], None],
    source: str = "command",
) -> Intake:
    """All files of a folder as one closed batch; interrupted runs go on where they stopped."""
    paths = files_of(folder)
    if not paths:
        raise DomainError("文件夹里没有文件。", "The folder holds no file.", code="empty-folder")
    note = folder.name[:200]
    batch = (
        Batch.objects.visible_to(acting_user)
        .filter(unit=unit, state="receiving", source=source, note=note, declared_by=acting_user)
        .first()
    ) or services.open_batch(
        unit=unit, acting_user=acting_user, source=source, declared=declared, note=note
    )
    held = set(batch.uploads.exclude(state=UploadState.RECEIVING).values_list("name", flat=True))
    for count, path in enumerate(paths, 1):
        name = str(path.relative_to(folder)).replace(os.sep, "·")
        progress(f"{count}/{len(paths)} {name}")
        if services.clean_name(name) in held:
            continue
        with path.open("rb") as stream:
            services.receive_file(
                batch, name=name, data=stream, size=path.stat().st_size, acting_user=acting_user
            )
    services.close_batch(batch, acting_user=acting_user)
    return summary(batch.pk)


def summary(batch_id: uuid.UUID) -> Intake:
    """The state of a batch's files and pages now."""
    batch = Batch.objects.get(pk=batch_id)
    intake = Intake(batch.pk, batch.number)
    for upload in batch.uploads.all():
        intake.files[upload.name] = upload.state
        if upload.reason_zh:
            intake.reasons[upload.name] = f"{upload.reason_zh} / {upload.reason_en}"
    for state in batch.scans.values_list("state", flat=True):
        intake.pages[state] = intake.pages.get(state, 0) + 1
    return intake


def watch_once(root: Path, *, now: float | None = None) -> list[Intake]:
    """Look once into the inbox: each folder named by a unit's code is that unit's scanner tray.

    A file is moved to the tray's 已收 folder only after its object was stored and compared.
    """
    taken: list[Intake] = []
    for tray in sorted(path for path in root.iterdir() if path.is_dir()):
        unit = Unit.objects.filter(code=tray.name).first()
        paths = files_of(tray) if unit else []
        clock = time.time() if now is None else now
        if not unit or not paths or any(clock - p.stat().st_mtime < SETTLED_SECONDS for p in paths):
            continue
        intake = take_in(
            tray,
            unit=unit,
            acting_user=default_clerk(unit),
            declared=True,
            progress=lambda _text: None,
            source="folder",
        )
        for path in paths:
            name = services.clean_name(str(path.relative_to(tray)).replace(os.sep, "·"))
            if intake.files.get(name) in (None, UploadState.RECEIVING):
                continue
            goal = tray / TAKEN / intake.number / path.relative_to(tray)
            goal.parent.mkdir(parents=True, exist_ok=True)
            path.rename(goal)
        taken.append(intake)
    return taken
