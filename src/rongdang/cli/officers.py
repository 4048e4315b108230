"""officers begin, officers recover: the first three officers, and one lost, by two people."""

from __future__ import annotations

import argparse
import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rongdang.cli.running import migrate

if TYPE_CHECKING:
    from rongdang.base.accounts.founding import Appointee
    from rongdang.base.accounts.models import User

ROLES = {"system": "系统管理员", "security": "安全保密员", "audit": "安全审计员", "leader": "领导"}


def add_to(command: argparse.ArgumentParser) -> None:
    acts = command.add_subparsers(required=True, metavar="ACT")
    first = acts.add_parser(
        "begin", help="首次安装：建三员和领导 / first start: officers and leader"
    )
    first.set_defaults(run=begin)
    first.add_argument("--name", required=True, help="最上面机构的名称 / name of the top unit")
    for role, word in ROLES.items():
        first.add_argument(f"--{role}", required=True, metavar="USER:姓名", help=word)
    again = acts.add_parser("recover", help="三员缺员：两人恢复 / a lost officer, by two people")
    again.set_defaults(run=recover)
    again.add_argument("--role", required=True, choices=("system", "security", "audit"))
    again.add_argument("--user", required=True, metavar="USER:姓名", help="新任 / who is appointed")
    again.add_argument("--instead-of", default="", metavar="USER", help="不能履职的 / who is lost")
    again.add_argument("--first", required=True, metavar="USER")
    again.add_argument("--second", required=True, metavar="USER")
    for one in (first, again):
        one.add_argument("--code", required=True, help="机构代码 / code of the unit")
        one.add_argument(
            "--answers",
            type=Path,
            help="口令、验证码、身份证号的 JSON 文件，代替逐项询问 / JSON instead of questions",
        )
        one.add_argument("--json", action="store_true")


def begin(options: argparse.Namespace) -> int:
    """Make the top unit, three officers and a leader; refused when there are officers."""
    migrate(options)
    from rongdang.base.accounts import founding

    ask = _asker(options.answers)
    named = [_appointee(role, getattr(options, role), ask) for role in ROLES]
    made = founding.begin(code=options.code, name=options.name, appointees=named)
    _say(options, made)
    return 0


def recover(options: argparse.Namespace) -> int:
    """Appoint an officer in place of one who cannot act; two others prove who they are."""
    migrate(options)
    from rongdang.base.accounts import founding

    ask = _asker(options.answers)
    two = [_prove(name, ask) for name in (options.first, options.second)]
    user = founding.recover(
        appointee=_appointee(options.role, options.user, ask),
        code=options.code,
        first=two[0],
        second=two[1],
        instead_of=options.instead_of,
    )
    _say(options, [user])
    return 0


def _prove(name: str, ask: Any) -> User:
    from rongdang.base.accounts import proving

    password = ask(name, "password", f"{name} 的口令 / password: ")
    code = ask(name, "code", f"{name} 的验证码，没有设就回车 / code, or Enter: ")
    return proving.prove(name, password, code)


def _appointee(role: str, told: str, ask: Any) -> Appointee:
    from rongdang.base.accounts.founding import Appointee

    username, _, name = told.partition(":")
    return Appointee(
        role=role,
        username=username,
        display_name=name or username,
        password=ask(username, "password", f"{ROLES[role]} {told} 的首次口令 / first password: "),
        id_number=ask(username, "id_number", f"{told} 的身份证号（只存摘要）/ ID number: "),
    )


def _asker(answers: Path | None) -> Any:
    """ask(account, what, question) → the answer, from the file or from the keyboard unseen."""
    if answers is None:
        return lambda _name, _what, question: getpass.getpass(question)
    told: dict[str, dict[str, str]] = json.loads(answers.read_text(encoding="utf-8"))
    return lambda name, what, _question: told.get(name, {}).get(what, "")


def _say(options: argparse.Namespace, users: list[User]) -> None:
    if options.json:
        print(json.dumps({"accounts": [user.username for user in users]}))
        return
    for user in users:
        print(f"{user.username} {user.display_name}: {'、'.join(map(str, user.role_names))}")
    print("首次登录要换口令、设第二验证。/ At first login: a new password and a second factor.")
