"""Rotating, changing suite and root, splitting, escrow, destroying: acts of the security officer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require_everywhere
from rongdang.base.accounts.roles import Permission
from rongdang.base.cipher import escrow, shamir
from rongdang.base.cipher.keyring import COLUMNS, LEDGER, OBJECTS, SEALED
from rongdang.base.cipher.roots import RootAccess, read_passphrase
from rongdang.base.cipher.suites import suite
from rongdang.base.columns import rewriting
from rongdang.base.durable import write_durably
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.ledger.services import record
from rongdang.keep.objects import rewrapping
from rongdang.keep.objects.models import StoredObject

Say = Callable[[str, int, int], None]  # what, done, of how many (0: not known beforehand)
QUIET = timedelta(hours=1)  # longer than any write that began with the earlier key
ROTATABLE = (OBJECTS, COLUMNS, LEDGER, SEALED)


@dataclass(frozen=True, slots=True)
class KeyState:
    """One version of one purpose, as the security officer sees it."""

    id: str
    purpose: str
    version: int
    made: str
    active: bool
    objects: int | None  # that it wraps; None for purposes whose things are not counted


@dataclass(frozen=True, slots=True)
class Status:
    """Where the keys stand; nothing in it is secret."""

    root: str
    suite: str
    ring_suite: str
    keys: tuple[KeyState, ...]
    objects_outstanding: int  # under an earlier key, or whose key the other suite wraps
    objects_other_suite: int
    columns: tuple[tuple[str, int, int], ...]  # name, sealed by key and suite of today, all
    superseded_roots: tuple[str, ...]  # files of roots no ring speaks of: to be removed

    @property
    def settled(self) -> bool:
        """Is everything under the keys and the suite of today?"""
        return not (
            self.objects_outstanding
            or self.objects_other_suite
            or any(current < count for _name, current, count in self.columns)
            or self.suite != self.ring_suite
        )


def status() -> Status:
    keyring = settings.KEYRING
    record_of_root = keyring.root_record()
    counts = dict(
        StoredObject.objects.filter(shredded_at=None)
        .values_list("key_id")
        .annotate(count=Count("pk"))
    )
    newest = {key.purpose: key.id for key in keyring.held()}
    keys = tuple(
        KeyState(
            key.id,
            key.purpose,
            key.version,
            key.made,
            newest[key.purpose] == key.id,
            counts.get(key.id, 0) if key.purpose == OBJECTS else None,
        )
        for key in keyring.held()
    )
    return Status(
        root=str(record_of_root["provider"]),
        suite=suite(keyring.suite).name,
        ring_suite=suite(keyring.ring_suite()).name,
        keys=keys,
        objects_outstanding=rewrapping.outstanding(),
        objects_other_suite=rewrapping.other_suite(),
        columns=tuple((column.name, *column.count()) for column in rewriting.columns()),
        superseded_roots=tuple(
            path.name for path in keyring.access.files() if path.name != record_of_root.get("file")
        ),
    )


def rotate(purpose: str, *, acting_user: User | None, say: Say) -> str:
    """A new version of a purpose, and all it holds put under it; the id of the newest key.

    If an earlier rotation was stopped half way it is brought to its end, and no version is added.
    """
    require_everywhere(acting_user, Permission.KEY_MANAGE)
    if purpose not in ROTATABLE:
        raise DomainError(
            f"用途“{purpose}”的密钥不能轮换，没有改动。",
            f"Keys of “{purpose}” do not rotate; nothing changed.",
            hint_zh=f"可以轮换的：{'、'.join(ROTATABLE)}。数据库的密钥随备份恢复到新机时更换。",
            hint_en=f"These rotate: {', '.join(ROTATABLE)}.",
            code="no-rotation",
        )
    earlier = settings.KEYRING.active(purpose)
    if _left(purpose):
        _record("keys:resume", acting_user, purpose, {"key": earlier.id})
        newest = earlier
    else:
        newest = settings.KEYRING.rotate(purpose)
        _record("keys:rotate", acting_user, purpose, {"from": earlier.id, "to": newest.id})
    done = _renew(purpose, say)
    if purpose in (OBJECTS, COLUMNS):
        _record("keys:finish", acting_user, purpose, {"key": newest.id, "renewed": done})
    return str(newest.id)


def migrate_suite(*, acting_user: User | None, say: Say) -> dict[str, int]:
    """Bring all that can be rewritten to the suite of the setting; stopped, it goes on."""
    require_everywhere(acting_user, Permission.KEY_MANAGE)
    name = suite(settings.KEYRING.suite).name
    _record("keys:migrate-suite", acting_user, "all", {"suite": name})
    settings.KEYRING.change_suite()
    done = {
        "keys": _renew(OBJECTS, say),
        "columns": _renew(COLUMNS, say),
        "objects": rewrapping.reencrypt(lambda now, of: say("objects", now, of)),
    }
    _record("keys:finish", acting_user, "all", {"suite": name, **done})
    return done


def split(folder: Path, *, shares: int, threshold: int, acting_user: User | None) -> list[Path]:
    """The root in shares, one file each, to be handed to as many people and removed here."""
    require_everywhere(acting_user, Permission.KEY_MANAGE)
    made = shamir.split(settings.KEYRING.root_secret(), shares=shares, threshold=threshold)
    written = []
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for share in made:
        path = folder / f"share-{share.name}-{share.x}.txt"
        write_durably(path, f"{share.to_text()}\n".encode(), mode=0o600)
        written.append(path)
    told = {"set": made[0].name, "threshold": threshold, "shares": shares}
    _record("keys:split", acting_user, "root", told)
    return written


def write_escrow(
    path: Path,
    *,
    recipients: Sequence[str],
    passphrase_file: Path | None,
    acting_user: User | None,
) -> None:
    """All keys in one age file, for age public keys or under a passphrase."""
    require_everywhere(acting_user, Permission.KEY_MANAGE)
    if bool(recipients) == (passphrase_file is not None):
        raise DomainError(
            "收件人公钥和口令文件要给一样，只给一样；没有写文件。",
            "Give recipients or a passphrase file, one of the two; no file was written.",
            code="escrow-for-whom",
        )
    if path.exists():
        raise ConflictError(
            f"文件 {path.name} 已经存在，没有覆盖。",
            f"{path.name} exists already; it was not overwritten.",
        )
    keys = settings.KEYRING.held()
    passphrase = "" if recipients else read_passphrase(passphrase_file)
    sealed = escrow.write(keys, recipients=recipients, passphrase=passphrase)
    write_durably(path, sealed, mode=0o600)
    told = {"keys": len(keys), "recipients": list(recipients)}
    _record("keys:escrow", acting_user, "all", told)


def change_root(
    kind: str, *, passphrase_file: Path | None, acting_user: User | None
) -> dict[str, Any]:
    """Put the ring under a new root; what the ring holds stays, and so does all it encrypts."""
    require_everywhere(acting_user, Permission.KEY_MANAGE)
    access: RootAccess = replace(settings.KEYRING.access, kind=kind)
    if passphrase_file is not None:
        access = replace(access, passphrase_file=passphrase_file)
    made: dict[str, Any] = settings.KEYRING.change_root(access)
    _record("keys:change-root", acting_user, "root", {"to": made["provider"]})
    return made


def destroy(key_id: str, *, acting_user: User | None) -> None:
    """Destroy an earlier version that holds nothing any more.

    Wrapped keys that stayed in free pages of the database, its log or old backups are then noise.
    """
    require_everywhere(acting_user, Permission.KEY_MANAGE)
    key = settings.KEYRING.key(key_id)
    made = settings.KEYRING.active(key.purpose).made
    if made and timezone.now() - datetime.fromisoformat(made) < QUIET:
        raise ConflictError(
            f"新密钥启用还不到一小时，可能还有写入在途；密钥“{key_id}”没有销毁。",
            f"The new key is in use for less than an hour, and something may be on its way; “{key_id}” "
            "was not destroyed.",
            hint_zh="过一小时再做。",
            hint_en="Do it an hour later.",
        )
    if _left(key.purpose):
        raise ConflictError(
            f"还有内容在较早的密钥下面，密钥“{key_id}”没有销毁。",
            f"Things are still under earlier keys; the key “{key_id}” was not destroyed.",
            hint_zh=f"先运行 rongdang keys rotate {key.purpose} 把轮换做完。",
            hint_en=f"Bring the rotation to its end first: rongdang keys rotate {key.purpose}.",
        )
    settings.KEYRING.forget(key_id)
    _record("keys:destroy", acting_user, key.purpose, {"key": key_id})


def record_recovery(event: str, *, acting_user: User | None, root: str) -> None:
    """After shares were joined or an escrow was read: only then could the database be opened."""
    _record(event, acting_user, "root", {"root": root})


def _left(purpose: str) -> int:
    """How much is not yet under the newest key of the purpose."""
    if purpose == OBJECTS:
        return rewrapping.outstanding()
    if purpose == COLUMNS:
        counts = (column.count() for column in rewriting.columns())
        return sum(count - current for current, count in counts)
    return 0


def _renew(purpose: str, say: Say) -> int:
    if purpose == OBJECTS:
        return rewrapping.rewrap(lambda done, total: say("keys of objects", done, total))
    if purpose == COLUMNS:
        return rewriting.reseal(lambda name, done: say(name, done, 0))
    return 0


@transaction.atomic
def _record(event: str, actor: User | None, subject: str, detail: dict[str, Any]) -> None:
    record(event, actor=actor, subject_kind="keys", subject_id=subject, detail=detail)
