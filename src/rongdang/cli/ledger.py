"""`rongdang ledger …`: what the audit officer does with the log, and what anybody may check.

Exit codes: 0 done and all holds, 1 refused, 2 the log does not hold.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rongdang.base.errors import DomainError
from rongdang.cli.running import migrate

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User

Add = Callable[[str, str, object], argparse.ArgumentParser]


def add_commands(commands: Any) -> None:
    root = commands.add_parser("ledger", help="账本 / the log", description="账本 / the log")
    inner = root.add_subparsers(required=True, metavar="ACT")

    def add(name: str, text: str, run: object) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = inner.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument(
            "--json", action="store_true", help="机器可读的结果 / machine-readable result"
        )
        return command

    _checking(add)
    _agreeing(add)


def _checking(add: Add) -> None:
    add("verify", "从头重算，与外存的账头比对 / recompute all, compare with heads outside", verify)
    head = add("head", "最近的账本头 / the newest signed head", show_head)
    head.add_argument(
        "--sign", action="store_true", help="现在签一个并送出 / sign one now and take it outside"
    )
    proof = add("prove", "一条在账上的证明，或前后一致的证明 / proofs", prove)
    proof.add_argument("--entry", type=int, help="第几条 / which entry")
    proof.add_argument("--from", type=int, dest="first", help="较早的条数 / the earlier size")
    proof.add_argument("--to", type=int, dest="within", help="较晚的条数 / the later size")
    leaving = add("export", "导出，供独立核验 / write it out to be checked elsewhere", export)
    leaving.add_argument("--to", type=Path, required=True)
    leaving.add_argument("--user", required=True, help="以谁的名义 / acting account")
    leaving.add_argument(
        "--without-details", action="store_true", help="不带个人明细 / no personal detail leaves"
    )


def _agreeing(add: Add) -> None:
    for name, text, run in (
        ("acknowledge", "同意在账本退回后继续 / agree to go on after a rollback", acknowledge),
        ("release", "见证方：同意对方恢复后的账 / as a witness: accept a restored log", release),
    ):
        command = add(name, text, run)
        if run is release:
            command.add_argument("log", help="账本编号 / the log")
        command.add_argument("--user", required=True, help="谁同意 / who agrees")
        command.add_argument(
            "--reason", required=True, help="原因和批准依据 / why, and by whose order"
        )
        command.add_argument(
            "--password-file", type=Path, help="口令所在文件 / file with the password"
        )
        command.add_argument(
            "--code", help="验证器上的数字或恢复码，只用一次 / code of the app, or a recovery code"
        )


def verify(options: argparse.Namespace) -> int:
    """Everything about the log that can be wrong; names the first bad entry."""
    migrate(options)
    from rongdang.base.ledger import auditing

    found = auditing.examine(progress=_progress).to_dict()
    lines = [f"{one['zh']} / {one['en']}" for one in found["faults"]]
    lines += [f"没有答复 / no answer: {text}" for text in found["silent"]]
    if found["ok"]:
        lines.insert(0, f"{found['size']} 条全部对得上 / entries, all hold; root {found['root']}")
    _report(options, found, "\n".join(lines))
    return 0 if found["ok"] else 2


def show_head(options: argparse.Namespace) -> int:
    """The newest head as it stands on the public page; --sign makes one and takes it outside."""
    migrate(options)
    from rongdang.base.ledger import queries
    from rongdang.base.ledger.anchoring import anchor

    failures = []
    if options.sign:
        failures = [{"zh": one.zh, "en": one.en} for one in anchor().failures]
    head = queries.latest_head()
    if head is None:
        raise DomainError(
            "账本还没有签过头。", "The log has no signed head yet.", code="no-head", status=404
        )
    told = head.signed(queries.log_id()).to_dict()
    text = "\n".join(f"{name}: {value}" for name, value in told.items())
    lines = [text, *(f"{one['zh']} / {one['en']}" for one in failures)]
    _report(options, {**told, "failures": failures}, "\n".join(lines))
    return 1 if failures else 0


def prove(options: argparse.Namespace) -> int:
    """An inclusion proof (--entry N) or a consistency proof (--from A), up to --to or the last head."""
    migrate(options)
    from rongdang.base.ledger import queries

    head = queries.latest_head()
    size = options.within or (head.size if head else queries.size())
    if options.entry is not None:
        told = _inclusion(options.entry, max(size, options.within or options.entry))
    elif options.first is not None:
        told = _consistency(options.first, size)
    else:
        raise DomainError(
            "要么给出 --entry，要么给出 --from。", "Name --entry or --from.", code="what-to-prove"
        )
    _report(options, told, json.dumps(told, ensure_ascii=False, indent=1))
    return 0


def _inclusion(seq: int, size: int) -> dict[str, Any]:
    from rongdang.base.ledger import queries
    from rongdang.base.ledger.models import Entry

    proof = queries.inclusion(seq, size)
    return {
        "kind": "inclusion",
        "log": queries.log_id(),
        "entry": seq,
        "size": size,
        "body": bytes(Entry.objects.get(pk=seq).body).decode(),
        "leaf": proof.leaf.hex(),
        "proof": [step.hex() for step in proof.path],
        "root": proof.root.hex(),
        "head": _head_at(size),
    }


def _consistency(first: int, second: int) -> dict[str, Any]:
    from rongdang.base.ledger import queries

    return {
        "kind": "consistency",
        "log": queries.log_id(),
        "from": first,
        "to": second,
        "proof": [step.hex() for step in queries.consistency(first, second)],
        "from_root": queries.root_at(first).hex(),
        "to_root": queries.root_at(second).hex(),
        "head": _head_at(second),
    }


def _head_at(size: int) -> dict[str, Any] | None:
    from rongdang.base.ledger import queries
    from rongdang.base.ledger.models import Head

    head = Head.objects.filter(pk=size).first()
    return head.signed(queries.log_id()).to_dict() if head else None


def export(options: argparse.Namespace) -> int:
    """The whole log as JSON lines, up to a head signed now."""
    migrate(options)
    from rongdang.base.ledger import exporting

    size = exporting.export(
        options.to,
        acting_user=_account(options.user),
        details=not options.without_details,
        progress=_progress,
    )
    _report(options, {"written": options.to.name, "size": size}, f"{options.to}: {size}")
    return 0


def acknowledge(options: argparse.Namespace) -> int:
    """One of two officers agrees that the log fits no more what was kept outside, and why."""
    migrate(options)
    from rongdang.base.ledger import rollback

    waiting = rollback.acknowledge(reason=options.reason, acting_user=_officer(options))
    text = "可以启动了 / it can be started" if not waiting else "还要另一位 / one more has to agree"
    _report(options, {"waiting": waiting}, text)
    return 0


def release(options: argparse.Namespace) -> int:
    """One of two officers of a witness agrees to a log that was lawfully restored elsewhere."""
    migrate(options)
    from rongdang.base.ledger import witnessing

    witnessing.release(options.log, reason=options.reason, acting_user=_officer(options))
    _report(options, {"log": options.log}, "记下了；要两位都同意 / noted; it takes two")
    return 0


def _account(name: str) -> User:
    from rongdang.base.accounts.models import User

    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise DomainError(f"没有账号“{name}”。", f"There is no account “{name}”.", code="no-user")
    return user


def _officer(options: argparse.Namespace) -> User:
    """Whoever agrees proves who it is: two agreements are worth nothing if one hand types both."""
    from rongdang.base.accounts import proving
    from rongdang.cli.archive import _password

    password = _password(options.password_file) or getpass.getpass("口令 / password: ")
    code = options.code
    if code is None:
        asked = sys.stdin.isatty()
        code = getpass.getpass("验证码，没有设就回车 / code, or Enter: ") if asked else ""
    return proving.prove(options.user, password, code)


def _report(options: argparse.Namespace, data: dict[str, Any], text: str) -> None:
    print(json.dumps(data, ensure_ascii=False) if options.json else text)


def _progress(done: int) -> None:
    print(f"账 / ledger {done}", file=sys.stderr, flush=True)
