"""The command `rongdang` does what the browser does; each long command can be stopped and resumed."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rongdang.base.durable import disk_trouble
from rongdang.base.errors import DomainError
from rongdang.cli import (
    archive,
    copies,
    importing,
    keys,
    ledger,
    linking,
    measuring,
    officers,
    parsing,
    rereading,
    running,
    vocab,
)
from rongdang.cli.jobs import STOPPED

Add = Callable[[str, str, object], argparse.ArgumentParser]
PEOPLE, STACKS = 320, 11  # of the demonstration
GOES_ON = (
    "已停下；做完的都已保存，再运行一次就接着做。"
    "/ Stopped; what was done is kept, run again to go on."
)
BEGINS_ANEW = (
    "已停下；什么也没有改动，再运行一次从头开始。/ Stopped; nothing was changed, it begins anew."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 only when all of it was done."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongdang.config.settings")
    options = parser().parse_args(arguments)
    try:
        with _stoppable():
            return int(options.run(options))
    except DomainError as error:
        _tell(options, error)
        return 1
    except KeyboardInterrupt:
        print(getattr(options, "when_stopped", GOES_ON), file=sys.stderr)
        return STOPPED
    except Exception as error:
        trouble = disk_trouble(error)
        if trouble is None:
            raise
        _tell(options, trouble)
        return 1


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """TERM stops a command as Ctrl+C does: what is half done is taken back, files are closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, running.interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(options: argparse.Namespace, error: DomainError) -> None:
    if getattr(options, "json", False):
        told = {"error": error.code, "zh": error.message(), "en": error.message("en")}
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(f"{error.message()}\n{error.message('en')}", file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="rongdang",
        description="荣档：从纸页到可信、可查的档案 / from paper to trusted archives",
    )
    commands = root.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, text: str, run: object) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument(
            "--json", action="store_true", help="机器可读的结果 / machine-readable result"
        )
        return command

    _measuring(add)
    parsing.add_commands(add)
    linking.add_commands(add)
    _taking_in(add)
    _keeping(add)
    copies.add_commands(add)
    _running(add)
    ledger.add_commands(commands)
    vocab.add_commands(commands)
    return root


def _measuring(add: Add) -> None:
    read = add(
        "read",
        "读一个文件夹的扫描件，不用数据库和服务 / read a folder of scans without database or server",
        measuring.read,
    )
    read.add_argument("folder", type=Path)
    read.add_argument("--jobs", type=int, default=2)
    read.set_defaults(when_stopped=BEGINS_ANEW)
    evaluate = add("evaluate", "测准确率 / measure accuracy", measuring.evaluate)
    evaluate.add_argument(
        "--scans", type=Path, help="真实扫描件（图像与同名 .txt）/ real scans with .txt"
    )
    evaluate.add_argument("--stacks", type=int, default=12, help="生成的叠数 / generated stacks")
    evaluate.add_argument("--seed", type=int, default=9000)


def _taking_in(add: Add) -> None:
    ingest = add("ingest", "把一个文件夹收进来 / take a folder in", archive.ingest)
    ingest.add_argument("folder", type=Path)
    ingest.add_argument("--unit", required=True, help="机构代码 / code of the unit")
    ingest.add_argument("--user", help="以谁的名义 / acting account")
    ingest.add_argument(
        "--no-secrets",
        action="store_true",
        help="声明不含涉密材料 / declare: no state secrets among the pages",
    )
    ingest.add_argument("--read", action="store_true", help="收完接着识读 / go on to read")
    _names(ingest)
    register = add(
        "register", "接收一个机构的登记册（CSV） / take over a unit's register", archive.register
    )
    register.add_argument("file", type=Path)
    _names(register)
    register.add_argument("--unit", required=True, help="机构代码 / code of the unit")
    register.add_argument("--user", required=True, help="以谁的名义 / acting account")
    register.add_argument(
        "--preview", action="store_true", help="只看看，不收 / look only, take nothing over"
    )


def _names(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--names",
        action="store_true",
        help="报告里写出姓名和文件名（不要写进日志） / name people and files (not into a log)",
    )


def _keeping(add: Add) -> None:
    verify = add("verify", "全部重读核对 / re-read and compare everything", archive.verify)
    verify.add_argument(
        "--quick", action="store_true", help="只核对账，不重读每个对象 / ledger and catalogue only"
    )
    export = add("export", "导出一位同志的档案 / export one person's file", archive.export)
    export.add_argument("number", help="档号 / file number")
    export.add_argument("--to", type=Path, required=True)
    export.add_argument("--form", choices=("gbt33870", "gbt33870-age", "pdf"), default="gbt33870")
    export.add_argument("--user", required=True)
    export.set_defaults(when_stopped=BEGINS_ANEW)
    export.add_argument(
        "--password-file", type=Path, help="加密口令所在文件 / file with the password"
    )
    taking = add(
        "import",
        "导入旧系统的表（--source），或 GB/T 33870 目录 / import a table (--source) or a directory",
        importing.run,
    )
    taking.add_argument("folder", type=Path, nargs="?", metavar="PATH")
    _names(taking)
    taking.add_argument("--unit", help="机构代码 / code of the unit")
    taking.add_argument("--user", required=True)
    importing.add_options(taking)
    taking.add_argument(
        "--password-file", type=Path, help="解密口令所在文件 / file with the password"
    )
    again = add(
        "reread",
        "用现在的引擎重读已归卷的页，旧文字留着 / read filed pages again, keeping the earlier text",
        rereading.reread,
    )
    again.add_argument("--user", required=True, help="以谁的名义 / acting account")
    again.add_argument(
        "--limit", type=int, default=100_000, help="最多几页 / at most so many pages"
    )
    again.add_argument("--read", action="store_true", help="接着就读 / go on to read them")


def _running(add: Add) -> None:
    demo = add("demo", "装入演示数据 / load the demonstration", running.demo)
    demo.add_argument("--people", type=int, default=PEOPLE)
    demo.add_argument("--stacks", type=int, default=STACKS, help="几叠扫描件 / piles of scans")
    work = add("work", "办后台任务 / run jobs", running.work)
    work.add_argument("--once", action="store_true", help="办完就停 / stop when nothing is left")
    work.add_argument("--processes", type=int, default=0)
    serve = add("serve", "开服务 / serve", running.serve)
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument(
        "--demo", action="store_true", help="先装演示数据 / load the demonstration first"
    )
    serve.set_defaults(people=PEOPLE, stacks=STACKS)
    keys.add_to(
        add("keys", "密钥：现状、轮换、拆分、托管 / keys: state, rotation, split, escrow", None)
    )
    officers.add_to(add("officers", "三员：首任、缺员恢复 / officers: the first, one lost", None))
    add("migrate", "升级数据库 / bring the database up to date", running.migrated)
