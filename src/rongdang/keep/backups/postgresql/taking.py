"""A PostgreSQL database into the target: a base backup now and then, the log since, one moment to stop at.

Base and log are PostgreSQL's own bytes, encrypted on the way. The log is fetched through a slot, so the
server keeps what was not fetched yet; a gap all the same (slot lost, another timeline, other
recipients, another target) means a new base. What the target holds is known from `Part` rows and
proved by its lengths; a run that was cut off is taken up behind it.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from rongdang.keep.backups.copying import sealed_names
from rongdang.keep.backups.manifest import Listed
from rongdang.keep.backups.models import Part
from rongdang.keep.backups.ports import BackupError, Target
from rongdang.keep.backups.postgresql import tools
from rongdang.keep.backups.postgresql.moment import Moment, take
from rongdang.keep.backups.retention import COPIES, moment
from rongdang.keep.backups.streaming import Encrypted

AREA = "postgresql/"
SLOT_TRIES = 120
SEGMENT = 24  # hexadecimal digits in the name of a piece of the log


@dataclass(frozen=True, slots=True)
class Server:
    """The cluster as it tells of itself."""

    version: int  # major
    system: str
    at: str  # name of the piece of the log it writes now
    segment_bytes: int


@dataclass(slots=True)
class Taken:
    """What the manifest says of the database, and the moment it stands for."""

    told: dict[str, Any]
    moment: Moment
    new_bytes: int


@dataclass(slots=True)
class Chain:
    """A base, and the log that follows it, under one prefix of the target, for the same recipients."""

    target: Target
    server: Server
    prefix: str
    slot: str
    recipients: Sequence[Any]
    spool: Path
    new_bytes: int = 0
    held: dict[str, int] = field(default_factory=dict)

    def known(self, kind: str) -> list[Listed]:
        """Parts on record which the target holds with their length, in order of the log."""
        self.held = self.target.sizes(self.prefix)
        rows = Part.objects.filter(
            target=self.target.place, name__startswith=f"{self.prefix}{kind}/"
        )
        listed = [Listed(row.name, row.key, row.digest, row.size) for row in rows.order_by("name")]
        return [one for one in listed if self.held.get(one.key) == one.size]

    def add(self, name: str, source: Any) -> Listed:
        """Encrypt a stream into the target, durably, and put it on record."""
        key, number = f"{name}.age", 2
        while key in self.held:  # of a run cut off before it was on record
            key, number = f"{name}.age~{number}", number + 1
        stream = Encrypted(source, self.recipients)
        self.target.add(key, stream)
        self.target.flush()
        assert stream.written is not None  # all its pieces were taken
        listed = Listed(name, key, stream.written.digest, stream.written.size)
        row = {"key": key, "digest": listed.digest, "size": listed.size}
        Part.objects.update_or_create(target=self.target.place, name=name, defaults=row)
        self.held[key] = listed.size
        self.new_bytes += listed.size
        return listed


def take_database(
    target: Target, name: str, recipients: Sequence[Any], *, alone: bool, work: Path
) -> Taken:
    """Raises BackupError or StorageError. `alone`: nothing shared with other copies (a drill)."""
    server = _server()
    with _chain(target, server, name, recipients, alone=alone, work=work) as chain:
        base = _fitting_base(chain) or _new_base(chain, name)
        now = take(sealed_names)
        _receive(chain, now)
        begin = min(map(_start, [base, *chain.known("base")[-2:]]))  # back into the base before
        log = [one for one in _ship(chain) if _piece(one) >= begin]
        _let_go(chain, now.lsn)
        tail = _tail(chain, name)
        told = {
            "digest": base.digest,
            "size": base.size,
            "key": base.key,
            "log": [asdict(one) for one in log],
            "tail": tail,
            "lsn": now.lsn,
            "version": server.version,
            "segment_bytes": server.segment_bytes,
            "name": connection.settings_dict["NAME"],
            "user": _one("SELECT current_user"),
        }
        return Taken(told, now, chain.new_bytes)


def _one(query: str, *values: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return row[0] if row else None


def _server() -> Server:
    version = int(_one("SHOW server_version_num")) // 10_000
    if version < tools.OLDEST:
        raise BackupError(
            f"PostgreSQL {version} 太旧，这条命令从 {tools.OLDEST} 起才能备份；没有备份。",
            f"PostgreSQL {version} is too old: this command needs {tools.OLDEST}; nothing was backed up.",
            hint_zh="请升级 PostgreSQL，在那之前用它自己的工具备份。",
            hint_en="Upgrade PostgreSQL; until then back it up with its own tools.",
            code="postgresql-version",
        )
    if not _one("SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user"):
        raise tools.may_not("rolreplication = false")
    if _one("SHOW wal_level") == "minimal":
        raise _no_log()
    spaces = _one(
        "SELECT count(*) FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')"
    )
    if spaces:
        raise _tablespaces()
    return Server(
        version,
        _one("SELECT system_identifier::text FROM pg_control_system()"),
        _one("SELECT pg_walfile_name(pg_current_wal_insert_lsn())"),
        int(_one("SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'")),
    )


@contextmanager
def _chain(
    target: Target, server: Server, name: str, recipients: Sequence[Any], *, alone: bool, work: Path
) -> Iterator[Chain]:
    """The slot of a copy that stands alone goes with it; that of a target stays with the target."""
    readers = hashlib.sha256(" ".join(sorted(map(str, recipients))).encode()).hexdigest()[:8]
    here = hashlib.sha256(f"{settings.VAR_DIR}{target.place}".encode()).hexdigest()[:12]
    prefix = f"{COPIES}{name}/" if alone else f"{AREA}{server.system}-{readers}/"
    slot = f"rongdang_{'drill' if alone else 'backup'}_{here}"
    spool = work / f"log-{slot}"
    chain = Chain(target, server, prefix, slot, recipients, spool)
    chain.held = target.sizes(prefix)
    spool.mkdir(mode=0o700, exist_ok=True)
    if alone:
        _drop(slot)
    try:
        _hold_log(chain)
        yield chain
    finally:
        for path in spool.glob("*.partial"):
            path.unlink()
        if alone:
            shutil.rmtree(spool)
            _drop(slot)
            Part.objects.filter(target=target.place, name__startswith=prefix).delete()


def _hold_log(chain: Chain) -> None:
    """From now on the server keeps its log until it was fetched."""
    state = _one("SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s", chain.slot)
    if state == "lost":
        _drop(chain.slot)
    if state in (None, "lost"):
        for path in chain.spool.iterdir():  # of another life of this slot
            path.unlink()
        try:
            _one("SELECT lsn FROM pg_create_physical_replication_slot(%s, true)", chain.slot)
        except DatabaseError as error:
            if "replication slots" in str(error):
                raise _no_slot(str(error)) from error
            raise tools.may_not(str(error).splitlines()[0]) from error


def _drop(slot: str) -> None:
    _one(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
        "WHERE slot_name = %s AND NOT active",
        slot,
    )


def _start(base: Listed) -> str:
    """Where the log must begin for this base: its name says so."""
    return base.name.split("/")[-2]


def _piece(part: Listed) -> str:
    return part.name.rsplit("/", 1)[-1]


def _fitting_base(chain: Chain) -> Listed | None:
    """The newest base that is not too old, on this timeline, with the log behind it without a gap."""
    bases = chain.known("base")
    if not bases:
        return None
    newest = bases[-1]
    age = timezone.now() - moment(newest.name.rsplit("/", 1)[-1])
    if age > timedelta(days=settings.BACKUP_BASE_DAYS) or _start(newest)[:8] != chain.server.at[:8]:
        return None
    here = [path.name for path in chain.spool.iterdir() if len(path.name) == SEGMENT]
    names = sorted({*map(_piece, chain.known("log")), *here})
    reached = _following(names, _start(newest), chain.server.segment_bytes)
    slot = _one(
        "SELECT pg_walfile_name(restart_lsn) FROM pg_replication_slots WHERE slot_name = %s",
        chain.slot,
    )
    return newest if slot <= reached else None


def _following(names: Sequence[str], first: str, segment_bytes: int) -> str:
    """The piece of the log that is wanted next after those from `first` on without a gap."""
    held, wanted = set(names), first
    while wanted in held:
        wanted = _next(wanted, segment_bytes)
    return wanted


def _next(piece: str, segment_bytes: int) -> str:
    each = (1 << 32) // segment_bytes
    number = int(piece[8:16], 16) * each + int(piece[16:], 16) + 1
    return f"{piece[:8]}{number // each:08X}{number % each:08X}"


def _new_base(chain: Chain, name: str) -> Listed:
    """`pg_basebackup` to its output, encrypted on the way; it has its name only when it is whole."""
    command = [tools.program("pg_basebackup", version=chain.server.version)]
    command += ["-D", "-", "-F", "tar", "-X", "none", "-c", "fast", "--no-manifest", "-w"]
    start = _one("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
    source = tools.Reading(
        [*command, "-l", f"rongdang {name}"], tools.surroundings(connection.settings_dict)
    )
    try:
        return chain.add(f"{chain.prefix}base/{start}/{name}", source)
    finally:
        source.close()


def _receive(chain: Chain, now: Moment) -> None:
    """The log up to behind the moment, into the spool; a receiver left by a killed run ends first."""
    active = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
    for _ in range(SLOT_TRIES):
        if not _one(active, chain.slot):
            break
        time.sleep(0.25)
    program = tools.program("pg_receivewal", version=chain.server.version)
    command = [program, "-D", str(chain.spool), "-S", chain.slot, "-E", now.after, "-n", "-w"]
    tools.run(command, tools.surroundings(connection.settings_dict))


def _ship(chain: Chain) -> list[Listed]:
    """Whole pieces of the log go into the target, then from the spool; all that are there, in order."""
    known = {_piece(one): one for one in chain.known("log")}
    for path in sorted(path for path in chain.spool.iterdir() if len(path.name) == SEGMENT):
        if path.name not in known:
            with path.open("rb") as file:
                known[path.name] = chain.add(f"{chain.prefix}log/{path.name}", file)
        path.unlink()
    return [known[name] for name in sorted(known)]


def _let_go(chain: Chain, lsn: str) -> None:
    """What is whole in the target the server need not keep: the slot moves to the begun piece."""
    _one(
        "SELECT pg_replication_slot_advance(slot_name, begun) FROM pg_replication_slots, "
        "LATERAL (SELECT %s::pg_lsn - (%s::pg_lsn - '0/0'::pg_lsn) %% %s::numeric AS begun) AS piece "
        "WHERE slot_name = %s AND restart_lsn < begun",
        lsn,
        lsn,
        str(chain.server.segment_bytes),
        chain.slot,
    )


def _tail(chain: Chain, name: str) -> dict[str, Any] | None:
    """The piece that is being written, as far as it was: part of this copy alone."""
    partial = next(iter(sorted(chain.spool.glob("*.partial"))), None)
    if partial is None:
        return None
    whole = partial.read_bytes().rstrip(b"\0")
    stream = Encrypted(io.BytesIO(whole), chain.recipients)
    key = f"{COPIES}{name}/tail.age"
    chain.target.add(key, stream)
    assert stream.written is not None  # all its pieces were taken
    chain.new_bytes += stream.written.size
    piece = partial.name.removesuffix(".partial")
    return {"piece": piece, "key": key, **asdict(stream.written)}


def _no_log() -> BackupError:
    return BackupError(
        "这个 PostgreSQL 的 wal_level 是 minimal，在用时不能备份；没有备份。",
        "This PostgreSQL runs with wal_level = minimal and cannot be copied in use; nothing was backed up.",
        hint_zh="请数据库管理员设 wal_level = replica 并重启数据库。",
        hint_en="Have the database administrator set wal_level = replica and restart it.",
        code="postgresql-setting",
    )


def _no_slot(said: str) -> BackupError:
    return BackupError(
        f"数据库没有空的复制槽（{said.strip().splitlines()[0]}）；没有备份。",
        f"The database has no replication slot left ({said.strip().splitlines()[0]}); nothing was backed up.",
        hint_zh="请数据库管理员调高 max_replication_slots，或删掉没人用的槽。",
        hint_en="Have the database administrator raise max_replication_slots or drop unused slots.",
        code="postgresql-setting",
    )


def _tablespaces() -> BackupError:
    return BackupError(
        "数据库用了另外的表空间，这条命令不能复制；没有备份。",
        "The database uses further tablespaces, which this command cannot copy; nothing was backed up.",
        hint_zh="请把表移回 pg_default 再备份。",
        hint_en="Move the tables back to pg_default, then back up.",
        code="postgresql-setting",
    )
