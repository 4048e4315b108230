"""`rongdang vocab report|migrate`: what a new version of the tables changes in the records, and doing it.

Exit codes: 0 done, 3 done and some values wait for a person.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rongdang.base.errors import DomainError
from rongdang.cli.running import migrate

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User
    from rongdang.base.vocab.changes import Kind
    from rongdang.describe.standard.report import Report, Value

Add = Callable[[str, str, object], argparse.ArgumentParser]
WAITING = 3
KINDS: dict[Kind, str] = {
    "rewritten": "改写 / rewritten",
    "split": "要人定 / a person decides",
    "retired": "停用，照旧 / retired, kept",
    "unlisted": "不在表里，照旧 / in no table, kept",
}


def add_commands(commands: Any) -> None:
    text = "数据标准：改版报告、改写 / the data standard: report, bring records up to date"
    root = commands.add_parser("vocab", help=text, description=text)
    inner = root.add_subparsers(required=True, metavar="ACT")
    for name, words, run in (
        ("report", "现在的表会改动什么，只看 / what the tables would change; looks only", look),
        ("migrate", "照现在的表改写，停下再跑就接着做 / rewrite; stopped, it goes on", rewrite),
    ):
        command = inner.add_parser(name, help=words, description=words)
        command.set_defaults(run=run)
        command.add_argument("--unit", required=True, help="机构代码 / code of the unit")
        command.add_argument("--user", required=True, help="以谁的名义 / acting account")
        command.add_argument(
            "--names",
            action="store_true",
            help="写出不在表里的值和要人定的是谁（不要写进日志） / with values and people (not into a log)",
        )
        command.add_argument(
            "--json", action="store_true", help="机器可读的结果 / machine-readable"
        )


def look(options: argparse.Namespace) -> int:
    """Print what would change; nothing is written."""
    user, scope = _who(options)
    return _print(options, _report(user, scope))


def rewrite(options: argparse.Namespace) -> int:
    """Rewrite what can be, then print what is left."""
    user, scope = _who(options)
    from rongdang.describe.standard.services import restate

    done = restate([scope], acting_user=user)
    return _print(options, _report(user, scope), {
        "people": done.people, "facts": done.facts, "rows": done.rows,
    })  # fmt: skip


def _who(options: argparse.Namespace) -> tuple[User, str]:
    migrate(options)
    from rongdang.base.accounts.models import User
    from rongdang.base.orgs.models import Unit

    user = User.objects.filter(username=options.user, is_active=True).first()
    unit = Unit.objects.filter(code=options.unit).first()
    if user is None or unit is None:
        zh, en = ("账号", "account") if user is None else ("机构", "unit")
        sought = options.user if user is None else options.unit
        raise DomainError(f"没有{zh}“{sought}”。", f"There is no {en} “{sought}”.", code="no-user")
    return user, unit.path


def _report(user: User, scope: str) -> Report:
    from rongdang.describe.standard.report import report

    return report(user, [scope])


def _print(options: argparse.Namespace, report: Report, done: dict[str, int] | None = None) -> int:
    from rongdang.base.vocab import publishing

    if options.json:
        told = {"standard": publishing.digest(), "people": report.people, "done": done}
        lines = {kind: _rows(options, report, kind) for kind in KINDS}
        sys.stdout.write(json.dumps({**told, **lines}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(options, report, done)))
    return WAITING if report.asks else 0


def _rows(options: argparse.Namespace, report: Report, kind: Kind) -> list[dict[str, Any]]:
    return [
        {
            "field": value.field,
            "old": _shown(options, value),
            "new": value.new,
            "choices": list(value.choices),
            "facts": facts,
            "rows": rows,
            "people": _people(options, report, value),
        }
        for value, (facts, rows) in report.of_kind(kind).items()
    ]


def _shown(options: argparse.Namespace, value: Value) -> str:
    """What is in no table may be anything somebody typed: shown only where it is asked for."""
    return value.old if options.names or value.kind != "unlisted" else ""


def _people(options: argparse.Namespace, report: Report, value: Value) -> list[str]:
    asked = [str(person) for person, values in report.asks.items() if value in values]
    return asked if options.names else []


def _lines(options: argparse.Namespace, report: Report, done: dict[str, int] | None) -> list[str]:
    lines = [f"看了 {report.people} 人 / {report.people} people looked at"]
    if done is not None:
        lines.append(
            f"改写了 {done['people']} 人的 {done['facts']} 条事实、{done['rows']} 行来源 / "
            f"rewritten: {done['facts']} facts and {done['rows']} rows of {done['people']} people"
        )
    for kind, words in KINDS.items():
        lines.append(f"{words}: {report.count(kind)}")
        for row in _rows(options, report, kind):
            becomes = row["new"] or " | ".join(row["choices"])
            arrow = f" → {becomes}" if becomes else ""
            lines.append(f"  {row['field']} {row['old']}{arrow}  {row['facts']} + {row['rows']}")
            lines += [f"    {person}" for person in row["people"]]
    return lines
