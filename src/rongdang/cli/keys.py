"""keys: the life of the key ring from the command line, for the security officer."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rongdang.base.cipher.roots import PROVIDERS
from rongdang.base.errors import DomainError
from rongdang.cli.running import migrate

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User

PURPOSES = ("objects", "columns", "ledger", "sealed")


def add_to(command: argparse.ArgumentParser) -> None:
    """The acts of `rongdang keys`."""
    acts = command.add_subparsers(required=True, metavar="ACT")

    def add(name: str, text: str, run: object) -> argparse.ArgumentParser:
        act = acts.add_parser(name, help=text, description=text)
        act.set_defaults(run=run)
        act.add_argument("--user", required=True, help="以谁的名义 / acting account")
        act.add_argument("--json", action="store_true", help="机器可读 / machine-readable")
        return act

    add("status", "密钥现状 / where the keys stand", status)
    rotating = add("rotate", "轮换一种用途的密钥，可接着做 / rotate, resumable", rotate)
    rotating.add_argument("purpose", choices=PURPOSES)
    add(
        "migrate-suite",
        "全部改用设置的算法套件 / bring all to the suite of the setting",
        migrate_suite,
    )
    splitting = add("split", "把根密钥拆成几份 / split the root", split)
    splitting.add_argument("--to", type=Path, required=True)
    splitting.add_argument("--shares", type=int, default=3)
    splitting.add_argument("--threshold", type=int, default=2)
    joining = add("join", "用几份合出根密钥 / put the root back from shares", join)
    joining.add_argument("shares", type=Path, nargs="+")
    escrowing = add("escrow", "托管全部密钥 / write all keys to an age file", escrow)
    escrowing.add_argument("--to", type=Path, required=True)
    escrowing.add_argument("--recipient", action="append", default=[], help="age1…")
    escrowing.add_argument("--passphrase-file", type=Path)
    restoring = add("restore", "从托管恢复密钥环 / make the ring anew from an escrow", restore)
    restoring.add_argument("file", type=Path)
    restoring.add_argument("--identity-file", type=Path, help="AGE-SECRET-KEY-1…")
    restoring.add_argument("--passphrase-file", type=Path)
    changing = add("change-root", "换根密钥 / change the root", change_root)
    changing.add_argument("kind", choices=PROVIDERS)
    changing.add_argument("--passphrase-file", type=Path, help="新口令 / the new passphrase")
    destroying = add("destroy", "销毁不再用的旧密钥 / destroy an earlier key", destroy)
    destroying.add_argument("key")


def status(options: argparse.Namespace) -> int:
    user = _user(options)
    from rongdang.base.accounts.rights import require_everywhere
    from rongdang.base.accounts.roles import Permission
    from rongdang.keep.keys import services

    require_everywhere(user, Permission.KEY_MANAGE)
    now = services.status()
    lines = [
        f"根密钥 / root: {now.root}",
        f"写入用 / writes with: {now.suite}; 密钥环 / ring: {now.ring_suite}",
        *(
            f"{'*' if key.active else ' '} {key.id:32} {key.made or '-':26}"
            + (f"{key.objects} 个对象 / objects" if key.objects is not None else "")
            for key in now.keys
        ),
        f"还在较早密钥下的对象 / objects under earlier keys: {now.objects_outstanding}",
        f"还是另一套算法的对象 / objects of the other suite: {now.objects_other_suite}",
        *(f"{name}: {current}/{count}" for name, current, count in now.columns),
        *(
            f"多余的根密钥文件，请移走 / superseded root, remove it: {name}"
            for name in now.superseded_roots
        ),
    ]
    _report(options, {**asdict(now), "settled": now.settled}, "\n".join(lines))
    return 0


def rotate(options: argparse.Namespace) -> int:
    user = _user(options)
    from rongdang.keep.keys import services

    key = services.rotate(options.purpose, acting_user=user, say=_say)
    _report(options, {"key": key}, f"现用密钥 / in use now: {key}")
    return 0


def migrate_suite(options: argparse.Namespace) -> int:
    user = _user(options)
    from rongdang.keep.keys import services

    done = services.migrate_suite(acting_user=user, say=_say)
    _report(options, done, "，".join(f"{name} {count}" for name, count in done.items()))
    return 0


def split(options: argparse.Namespace) -> int:
    user = _user(options)
    from rongdang.keep.keys import services

    written = services.split(
        options.to,
        shares=options.shares,
        threshold=options.threshold,
        acting_user=user,
    )
    names = [path.name for path in written]
    told = "分交各人保管，然后删去这里的文件 / hand one to each keeper, then remove them here"
    _report(options, {"written": names}, "\n".join([*names, told]))
    return 0


def join(options: argparse.Namespace) -> int:
    """Before this the database does not open: so first the root, then the entry on the ledger."""
    from rongdang.base.cipher.shamir import Share
    from rongdang.base.cipher.shamir import join as joined

    shares = [Share.from_text(_text(path)) for path in options.shares]
    made = _keyring_alone().recover(joined(shares))
    return _recovered(options, "keys:join", made)


def escrow(options: argparse.Namespace) -> int:
    user = _user(options)
    from rongdang.keep.keys import services

    services.write_escrow(
        options.to,
        recipients=options.recipient,
        passphrase_file=options.passphrase_file,
        acting_user=user,
    )
    _report(options, {"written": options.to.name}, options.to.name)
    return 0


def restore(options: argparse.Namespace) -> int:
    """A ring where there is none, from an escrow; then the database opens again."""
    from rongdang.base.cipher import escrow as escrowed
    from rongdang.base.cipher.roots import read_passphrase

    way = (
        {"identity": _identity(options.identity_file)}
        if options.identity_file
        else {"passphrase": read_passphrase(options.passphrase_file)}
    )
    ring = _keyring_alone()
    ring.take_over(escrowed.read(_bytes(options.file), **way))
    return _recovered(options, "keys:restore", ring.root_record())


def change_root(options: argparse.Namespace) -> int:
    user = _user(options)
    from rongdang.keep.keys import services

    made = services.change_root(
        options.kind, passphrase_file=options.passphrase_file, acting_user=user
    )
    _report(
        options, {"root": made["provider"]}, f"根密钥现在是 / the root is now: {made['provider']}"
    )
    return 0


def destroy(options: argparse.Namespace) -> int:
    user = _user(options)
    from rongdang.keep.keys import services

    services.destroy(options.key, acting_user=user)
    _report(options, {"destroyed": options.key}, f"已销毁 / destroyed: {options.key}")
    return 0


def _keyring_alone() -> Any:
    """The ring of the settings, without asking it for a key."""
    from rongdang.config import keys

    return keys.keyring()


def _recovered(options: argparse.Namespace, event: str, root: dict[str, Any]) -> int:
    user = _user(options)
    from rongdang.keep.keys import services

    services.record_recovery(event, acting_user=user, root=root["provider"])
    _report(
        options, {"root": root["provider"]}, f"根密钥回来了 / the root is back: {root['provider']}"
    )
    return 0


def _user(options: argparse.Namespace) -> User:
    migrate(options)
    from rongdang.base.accounts.models import User

    user = User.objects.filter(username=options.user, is_active=True).first()
    if user is None:
        raise DomainError(
            f"没有账号“{options.user}”。", f"There is no account “{options.user}”.", code="no-user"
        )
    return user


def _bytes(path: Path) -> bytes:
    found: bytes = _read(path, Path.read_bytes)
    return found


def _text(path: Path) -> str:
    found: str = _read(path, lambda one: one.read_text(encoding="utf-8"))
    return found


def _identity(path: Path) -> str:
    """The secret line of a file as age-keygen writes it."""
    lines = [line.strip() for line in _text(path).splitlines()]
    return next((line for line in lines if line.startswith("AGE-SECRET-KEY-")), "none")


def _read(path: Path, how: Callable[[Path], Any]) -> Any:
    try:
        return how(path)
    except (OSError, UnicodeDecodeError) as error:
        raise DomainError(
            f"文件“{path.name}”读不出来，什么也没有做。",
            f"The file “{path.name}” cannot be read; nothing was done.",
            code="unreadable",
        ) from error


def _report(options: argparse.Namespace, data: dict[str, Any], text: str) -> None:
    print(json.dumps(data, ensure_ascii=False) if options.json else text)


def _say(what: str, done: int, total: int) -> None:
    print(f"{what} {done}/{total}" if total else f"{what} {done}", file=sys.stderr, flush=True)
