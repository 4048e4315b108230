"""Taking in a folder: by command once, or watched for ever. A file is touched only when it is kept."""

from __future__ import annotations

import errno
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rongdang.base.accounts.models import RoleAssignment, User
from rongdang.base.alarms.refusals import alarmed
from rongdang.base.durable import sync_folder
from rongdang.base.errors import DomainError, unquoted
from rongdang.base.orgs.models import Unit
from rongdang.capture.batches import services, trays
from rongdang.capture.batches.models import Batch, Tray, Upload
from rongdang.capture.batches.states import UNOPENED, ScanState, UploadState
from rongdang.capture.opening.archives import natural

SETTLED_SECONDS = 3  # a scanner's file that has not changed for so long is finished
TAKEN = "已收"
# What scanners and file shares write while a file is on its way.
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart")
KEPT = (
    *UNOPENED,
    UploadState.SPLIT,
    UploadState.PARTIAL,
    UploadState.DUPLICATE,
    UploadState.REFUSED,
)


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

    def to_dict(self, *, names: bool) -> dict[str, object]:
        """What a command prints may stand in a log: without `names` a file is its place in the batch,
        and words of a reason that quote something are left out.
        """
        told = self._told(names=names)
        return {
            "batch": self.number,
            "ok": self.ok,
            "files": {name: state for name, state, _reason in told},
            "reasons": {name: reason for name, _state, reason in told if reason},
            "pages": self.pages,
        }

    def to_text(self, *, names: bool) -> str:
        rows = [f"批次 / batch {self.number}: {len(self.files)} 个文件 / files"]
        rows += [
            f"  {UploadState(state).label}  {name}  {reason}"
            for name, state, reason in self._told(names=names)
        ]
        rows += [
            f"  {ScanState(state).label}: {count} 页 / pages" for state, count in self.pages.items()
        ]
        return "\n".join(rows)

    def _told(self, *, names: bool) -> list[tuple[str, str, str]]:
        """(name or place in the batch, state, reason) of every file."""
        rows = enumerate(self.files.items(), 1)
        return [
            (name, state, self.reasons.get(name, ""))
            if names
            else (str(place), state, unquoted(self.reasons.get(name, "")))
            for place, (name, state) in rows
        ]


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


def names_of(folder: Path, paths: Sequence[Path]) -> dict[Path, str]:
    """The name each file gets in the batch; no two files of a folder get the same."""
    taken: dict[Path, str] = {}
    used: set[str] = set()
    for path in paths:
        relative = str(path.relative_to(folder)).replace(os.sep, "·")
        stem, dot, ending = services.clean_name(relative).rpartition(".")
        stem, ending = (stem[:230], dot + ending[:20]) if dot else (ending[:230], "")
        name, count = stem + ending, 1
        while name in used:
            count += 1
            name = f"{stem}（{count}）{ending}"
        used.add(name)
        taken[path] = name
    return taken


@alarmed
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
    batch = _batch_for(folder, unit=unit, acting_user=acting_user, declared=declared, source=source)
    names = names_of(folder, paths)
    held = {upload.name: upload for upload in batch.uploads.select_related("stored")}
    for count, path in enumerate(paths, 1):
        name = names[path]
        progress(f"{count}/{len(paths)}")  # no name: it goes into logs, and may name a person
        if name not in held or not _is_file_of(held[name], path):
            _take(batch, path, name, acting_user)
    services.close_batch(batch, acting_user=acting_user)
    return summary(batch.pk)


def _batch_for(
    folder: Path, *, unit: Unit, acting_user: User, declared: bool, source: str
) -> Batch:
    """The batch an earlier run of this folder left open, or a new one."""
    note = folder.name[:200]
    left_open = Batch.objects.visible_to(acting_user).filter(
        unit=unit, state="receiving", source=source, declared_by=acting_user
    )
    return next(
        (batch for batch in left_open.order_by("pk") if batch.note == note), None
    ) or services.open_batch(
        unit=unit, acting_user=acting_user, source=source, declared=declared, note=note
    )


def _take(batch: Batch, path: Path, name: str, acting_user: User) -> Upload:
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            return services.receive_file(
                batch, name=name, data=stream, size=size, acting_user=acting_user
            )
    except OSError as error:
        raise DomainError(
            f"文件“{name}”读不出来（{error.strerror}），没有收；收好的都在。",
            f"The file “{name}” cannot be read ({error.strerror}); what was taken in before is kept.",
            hint_zh="请检查文件和权限，再收一次，会从这里接着来。",
            hint_en="Check the file and its permissions and run again; it goes on from here.",
            code="unreadable",
        ) from error


def _is_file_of(upload: Upload, path: Path) -> bool:
    """Does this row already hold what lies at `path` now, byte for byte?"""
    if upload.state not in KEPT or upload.size != path.stat().st_size:
        return False
    if upload.stored is None:
        return upload.size == 0
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == upload.stored.digest


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
    """Look once into the inbox: each folder named by a unit's code is that unit's tray.

    A tray that cannot be taken in says why (`Tray.trouble_zh`, the ledger) and does not keep the
    others waiting. Raises nothing.
    """
    clock = time.time() if now is None else now
    taken: list[Intake] = []
    open_trays = Tray.objects.filter(is_open=True).select_related("unit", "opened_by")
    for tray in open_trays.order_by("unit__path"):
        folder = root / tray.unit.code
        try:
            intake = _look_into(tray, folder, clock)
        except (DomainError, OSError) as error:
            zh, en = _in_words(error)
            trays.note_trouble(tray, zh, en)
            continue
        if intake is not None:
            taken.append(intake)
    return taken


def _look_into(tray: Tray, folder: Path, clock: float) -> Intake | None:
    paths = files_of(folder) if folder.is_dir() else []
    if not paths or any(_is_growing(path, clock) for path in paths):
        return None
    _must_be_movable(folder, paths)
    intake = take_in(
        folder,
        unit=tray.unit,
        acting_user=tray.opened_by,
        declared=True,
        progress=lambda _text: None,
        source="folder",
    )
    left = _put_away(folder, paths, intake)
    if left:
        named = "、".join(left[:5])
        trays.stop_tray(
            tray,
            f"已收下，但移不走：{named}。收件夹先停用，请把它改成可写，取走这些文件，再重新打开。",
            f"Taken in, but cannot be moved away: {named}. The tray is closed for now: make it "
            "writable, take these files out, and open it again.",
        )
    else:
        trays.note_trouble(tray, "", "")
    return intake


def _must_be_movable(folder: Path, paths: Sequence[Path]) -> None:
    """What cannot be moved away afterwards is not taken in: it would come in again for ever."""
    shut = [
        place for place in {folder, *(path.parent for path in paths)} if not _takes_files(place)
    ]
    if shut:
        raise DomainError(
            "收件夹是只读的，收下的文件移不走，所以没有收。文件都没有动。",
            "The tray is read-only, so files could not be moved away; none was taken in or touched.",
            hint_zh="请系统管理员把收件夹改成可写。",
            hint_en="Ask the system officer to make it writable.",
            code="tray-read-only",
        )


def _takes_files(folder: Path) -> bool:
    probe = folder / f".rongdang-{os.getpid()}"
    try:
        probe.touch(exist_ok=True)
        probe.unlink()
    except OSError:
        return False
    return True


def unclaimed(root: Path) -> list[str]:
    """Folders of the inbox that hold files but belong to no open tray: nobody takes these in."""
    if not root.is_dir():
        return []
    known = set(Tray.objects.filter(is_open=True).values_list("unit__code", flat=True))
    return sorted(
        path.name
        for path in root.iterdir()
        if path.is_dir() and path.name not in known and files_of(path)
    )


def _is_growing(path: Path, clock: float) -> bool:
    """Still being written: changed a moment ago, or under a name that says so."""
    return path.suffix.lower() in UNFINISHED or clock - path.stat().st_mtime < SETTLED_SECONDS


def _put_away(folder: Path, paths: Sequence[Path], intake: Intake) -> list[str]:
    """Move what is kept into 已收; only a file that is still, byte for byte, what was stored.

    Returns the names of those that could not be moved.
    """
    uploads = {
        upload.name: upload
        for upload in Upload.objects.filter(batch_id=intake.batch_id).select_related("stored")
    }
    left = []
    for path, name in names_of(folder, paths).items():
        upload = uploads.get(name)
        try:
            if upload is None or not _is_file_of(upload, path):
                continue  # it changed since: looked at again as a new file
            _move(path, folder / TAKEN / intake.number / path.relative_to(folder))
        except OSError:
            left.append(name)
    return left


def _move(path: Path, goal: Path) -> None:
    """Rename, never onto another file."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    free, count = goal, 1
    while free.exists():
        count += 1
        free = goal.with_name(f"{goal.stem}（{count}）{goal.suffix}")
    path.rename(free)
    sync_folder(free.parent)


def _in_words(error: Exception) -> tuple[str, str]:
    if isinstance(error, DomainError):
        return error.message(), error.message("en")
    said = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM):
        return (
            "收件夹读不了：没有权限。文件都没有动。",
            "The tray cannot be read: no permission. No file was touched.",
        )
    return f"收件夹读不了（{said}）。文件都没有动。", f"The tray cannot be read ({said})."
