"""A backup while the house works: database first, then what it speaks of, then the signed list.

Nothing leaves the store meanwhile, so whatever the copy of the database names is there. A copy
counts from the moment its manifest is in the target; before that it is half a copy and no backup.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.db import connection
from django.utils import timezone

from rongdang.base.cipher.sealed import ChunkReader
from rongdang.base.errors import DomainError
from rongdang.base.ledger.queries import log_id
from rongdang.base.ledger.services import sign_head
from rongdang.keep.backups import clearing, runs, secrecy
from rongdang.keep.backups.copying import Copied, Copier, object_name, sealed_names
from rongdang.keep.backups.manifest import (
    DATABASE,
    MANIFEST,
    PARTS_FILE,
    Listed,
    Manifest,
    list_lines,
    signed,
)
from rongdang.keep.backups.models import Run, RunKind
from rongdang.keep.backups.ports import BackupError, Target
from rongdang.keep.backups.postgresql.taking import take_database
from rongdang.keep.backups.postgresql.thinning import thin
from rongdang.keep.backups.retention import NAME, copies_of, keep_copies, moment
from rongdang.keep.backups.snapshot import copy_database, facts_of, opened
from rongdang.keep.objects.holding import nothing_leaves
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.services import sweep

COPIES = "copies/"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Taken:
    """The house at one moment; its database as a file here, or in the target already."""

    database: Path | None
    told: dict[str, Any]
    names: list[str]
    counts: dict[str, int]
    ledger_size: int
    ledger_root: str
    of_run: dict[str, Any] = field(default_factory=dict)  # for the record of the run


def back_up(
    target: Target,
    *,
    recipients: Sequence[Any],
    progress: Say | None = None,
    kind: RunKind = RunKind.BACKUP,
    alone: bool = False,
) -> Run:
    """Make a copy in the target; raises BackupError or StorageError, then an alarm stands.

    Stopped at any moment, the next run takes up what the target holds already. `alone`: its
    recipients are for this copy only, so no other may build upon it.
    """
    with _alone(target), nothing_leaves():
        run = runs.begin(kind, target=target.place, copy=_name(target))
        try:
            result = _copy_all(target, run.copy, recipients, progress, alone=alone)
        except BaseException as error:
            runs.fail(run, error, alarm="backup-failed")
            raise
        run = runs.finish(run, result)
        target.tidy()
    with contextlib.suppress(DomainError):  # old copies that cannot go yet are no failed backup
        keep_copies(target)
        thin(target)
        clearing.clear(target)
    sweep(since=run.begun_at)
    return run


def _name(target: Target) -> str:
    """The moment, but after every copy there is: a clock set back does not make it an old one."""
    finished, half = copies_of(target)
    last = max((moment(name) for name in finished + half), default=None)
    now = timezone.now().astimezone(UTC)
    return (now if last is None or now > last else last + timedelta(microseconds=1)).strftime(NAME)


def _copy_all(
    target: Target, name: str, recipients: Sequence[Any], progress: Say | None, *, alone: bool
) -> dict[str, Any]:
    sign_head()
    with _workplace() as place:
        if connection.vendor == "sqlite":
            taken = _take(place)
        else:
            taken = _take_cluster(target, name, recipients, alone=alone)
        copied = Copier(target, progress).copy(taken.names)
        if taken.database is not None:
            with taken.database.open("rb") as file:
                taken.told.update(
                    asdict(_add(target, f"{COPIES}{name}/{DATABASE}", file, recipients))
                )
    lines = cast(BinaryIO, io.BufferedReader(ChunkReader(list_lines(copied.parts)), 1 << 16))
    listed = _add(target, f"{COPIES}{name}/{PARTS_FILE}", lines, recipients)
    target.flush()
    manifest = _manifest(taken, copied, listed, recipients)
    text = io.BytesIO(signed(manifest, settings.KEYRING))
    _add(target, f"{COPIES}{name}/{MANIFEST}", text, recipients)
    target.flush()
    clearing.note(target, copied, name)
    if copied.missing:
        runs.raise_missing(copied.missing)
    return {
        "parts": len(copied.parts),
        "bytes": sum(part.size for part in copied.parts),
        "new_parts": copied.new_parts,
        "new_bytes": copied.new_bytes,
        "missing": copied.missing[:100],
        "database_bytes": taken.told["size"],
        **taken.of_run,
        "ledger_size": taken.ledger_size,
        "ledger_root": taken.ledger_root,
    }


def _take(place: Path) -> _Taken:
    """Database copied, sealed store looked at in the same moment, objects as the copy names them."""
    database = place / "rongdang.db"
    sealed = copy_database(database, sealed_names)
    with opened(database, encrypted=encrypted_here()) as alias:
        facts = facts_of(alias)
        live = StoredObject.objects.using(alias).filter(shredded_at=None).order_by("pk")
        names = [object_name(pk) for pk in live.values_list("pk", flat=True).iterator(2000)]
    return _Taken(database, {}, names + sealed, facts.counts, facts.ledger_size, facts.ledger_root)


def _take_cluster(target: Target, name: str, recipients: Sequence[Any], *, alone: bool) -> _Taken:
    """The same of PostgreSQL, whose base and log are in the target when this comes back."""
    done = take_database(target, name, recipients, alone=alone, work=_work_root())
    facts = done.moment.facts
    names = done.moment.objects + done.moment.sealed
    of_run = {"base": done.told["key"], "new_database_bytes": done.new_bytes}
    return _Taken(
        None, done.told, names, facts.counts, facts.ledger_size, facts.ledger_root, of_run
    )


def encrypted_here() -> bool:
    memory = getattr(connection, "is_in_memory_db", lambda: False)()
    return bool(settings.DATABASE_ENCRYPTED) and connection.vendor == "sqlite" and not memory


def _add(target: Target, key: str, source: Any, recipients: Sequence[Any]) -> secrecy.Written:
    """Encrypt into a file beside, then into the target: its length is known, its bytes are flushed."""
    with tempfile.TemporaryFile(dir=_work_root()) as held:
        written = secrecy.encrypt(source, held.write, recipients)
        held.seek(0)
        target.add(key, iter(lambda: held.read(1 << 20), b""))
    return written


def _manifest(
    taken: _Taken,
    copied: Copied,
    listed: secrecy.Written,
    recipients: Sequence[Any],
) -> Manifest:
    return Manifest(
        product=version("rongdang"),
        log=log_id(),
        made_at=timezone.now().astimezone(UTC).isoformat(timespec="seconds"),
        engine=connection.vendor,
        encrypted=encrypted_here(),
        database=taken.told,
        parts={
            **asdict(listed),
            "count": len(copied.parts),
            "names": _names_digest(copied.parts),
        },
        counts=taken.counts,
        ledger_size=taken.ledger_size,
        ledger_root=taken.ledger_root,
        recipients=[str(one) for one in recipients],
        missing=copied.missing,
    )


def _names_digest(parts: Sequence[Listed]) -> str:
    digest = hashlib.sha256()
    for line in list_lines(parts):
        digest.update(line)
    return digest.hexdigest()


def _work_root() -> Path:
    root: Path = settings.VAR_DIR / "backup-work"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return root


@contextmanager
def _workplace() -> Iterator[Path]:
    """A folder for the copy of the database; what a killed run left goes first."""
    place = _work_root() / "copy"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _alone(target: Target) -> Iterator[None]:
    """One backup of this house at a time."""
    with (_work_root() / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(
                f"已有一次备份在进行，没有再开始（目标：{target.place}）。",
                f"A backup is running already; no other was begun (target: {target.place}).",
                hint_zh="等它做完再来。",
                hint_en="Wait until it has ended.",
                code="backup-running",
                status=409,
            ) from error
        yield
