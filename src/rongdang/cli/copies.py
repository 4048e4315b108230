"""backup, backup-key, restore, drill, scrub: nothing is lost, and it can be proved."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rongdang.base.errors import DomainError
from rongdang.cli.running import django_only, migrate

if TYPE_CHECKING:
    from rongdang.keep.backups.findings import Finding
    from rongdang.keep.backups.ports import Target


def add_commands(add: Any) -> None:
    backup = add("backup", "备份，系统照常用 / back up while the house works", back_up)
    _target(backup)
    key = add("backup-key", "生成一对备份密钥 / make a pair of backup keys", backup_key)
    key.add_argument(
        "file", type=Path, help="私钥写到哪里（离线介质）/ private key: off-line medium"
    )
    again = add("restore", "恢复到一个空的地方 / restore into an empty place", restore)
    again.add_argument("source", help="文件夹或 s3://桶/前缀 / a folder or s3://bucket/prefix")
    again.add_argument("into", type=Path, help="空文件夹 / an empty folder")
    again.add_argument(
        "--identity", type=Path, required=True, help="一位负责人的私钥文件 / identity"
    )
    again.add_argument("--keys", type=Path, help="取回的密钥目录 / the escrowed key folder")
    again.add_argument("--copy", default="", help="哪一份（默认最近做完的）/ which copy")
    again.add_argument(
        "--until",
        type=datetime.fromisoformat,
        help="回到那一刻（PostgreSQL），如 2026-11-25T14:30+08:00 / come back to that moment",
    )
    again.add_argument(
        "--allow-damaged",
        action="store_true",
        help="坏了的文件略过，其余照样恢复 / leave damaged files out, restore the rest",
    )
    drill = add(
        "drill", "演练：备份、恢复、核对、记账 / drill: back up, restore, compare", drill_now
    )
    _target(drill)
    drill.add_argument(
        "--identity", type=Path, help="用负责人的私钥试最近一份 / try the newest copy"
    )
    drill.add_argument("--place", type=Path, help="在哪里恢复 / where to restore")
    scrub = add("scrub", "逐个核验，坏了就修 / re-read everything, mend what is damaged", scrub_now)
    scrub.add_argument("--minutes", type=float, default=0, help="到时就停，下次接着 / stop after")
    scrub.add_argument("--rate", type=int, help="每秒最多多少 MB（0 不限）/ MB a second at most")


def _target(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "target",
        nargs="?",
        default="",
        help="文件夹或 s3://桶/前缀 / a folder or s3://bucket/prefix",
    )


def back_up(options: argparse.Namespace) -> int:
    """A copy into the target; only what is new is copied."""
    migrate(options)
    from django.conf import settings

    from rongdang.keep.backups import backing_up, secrecy

    keys = secrecy.recipients(settings.BACKUP_RECIPIENTS)
    run = backing_up.back_up(_open(options.target), recipients=keys, progress=_progress)
    told = run.result
    text = (
        f"已备份到 {run.target}，第 {run.copy} 份：共 {told['parts']} 个文件，新的 {told['new_parts']} 个 / "
        f"copy {run.copy}: {told['parts']} files, {told['new_parts']} new"
    )
    if told["missing"]:
        text += f"\n有 {len(told['missing'])} 个文件本机已缺 / missing from the house: {told['missing'][:5]}"
    _report(options, {"ok": not told["missing"], "copy": run.copy, **told}, text)
    return 2 if told["missing"] else 0


def backup_key(options: argparse.Namespace) -> int:
    from rongdang.keep.backups import secrecy

    public = secrecy.write_identity(options.file)
    text = f"私钥在 {options.file}，请收好、离线保管。公钥 / public key:\n{public}"
    _report(options, {"public_key": public}, text)
    return 0


def restore(options: argparse.Namespace) -> int:
    """Into an empty place, compared with the manifest; this house is not touched."""
    if options.keys is not None:
        os.environ["RONGDANG_KEYS"] = str(options.keys.resolve())
    _must_hold_keys()
    django_only()
    from django.conf import settings

    from rongdang.keep.backups import restoring, secrecy

    identities = secrecy.identities(options.identity)
    source = _open(options.source)
    who: dict[str, Any] = {"identities": identities, "keyring": settings.KEYRING}
    if options.until is not None:
        copy = restoring.open_at(source, options.until.astimezone(), **who)
    else:
        copy = restoring.open_copy(source, name=options.copy, **who)
    done = restoring.restore(
        copy,
        options.into.resolve(),
        keyring=settings.KEYRING,
        allow_damaged=options.allow_damaged,
        say=_progress,
    )
    text = (
        f"已恢复到 {options.into}：{done.files} 个文件，{done.objects_read} 个对象逐字节核对，账 {done.ledger_size} 条，"
        f"与备份清单一致。/ Restored and equal to the manifest.\n"
        f"启用 / to use it: RONGDANG_VAR={options.into} RONGDANG_KEYS=… rongdang serve"
    )
    if copy.cluster is not None:
        text += f"\n数据库 / database: {options.into / 'postgresql'}"
    if done.left_out:
        text += f"\n略过坏的 / left out: {len(done.left_out)}: {done.left_out[:20]}"
    _report(options, {"ok": not done.left_out, **done.to_dict()}, text)
    return 2 if done.left_out else 0


def _must_hold_keys() -> None:
    """A fresh key ring would open nothing: none is made by a restore."""
    home = Path(os.environ.get("RONGDANG_VAR", "var"))
    folder = Path(os.environ.get("RONGDANG_KEYS", home / "keys"))
    if not (folder / "ring.json").exists():
        raise DomainError(
            f"“{folder}”里没有密钥，恢复了也打不开；没有恢复任何东西。",
            f"“{folder}” holds no keys; what came back would stay shut. Nothing was restored.",
            hint_zh="请安全保密员先从托管处取回密钥目录，再用 --keys 指明。",
            hint_en="Bring the escrowed key folder, then name it with --keys.",
            code="keys-missing",
        )


def drill_now(options: argparse.Namespace) -> int:
    migrate(options)
    from django.conf import settings

    from rongdang.keep.backups import drilling, secrecy

    keys = secrecy.recipients(settings.BACKUP_RECIPIENTS)
    identities = secrecy.identities(options.identity) if options.identity else []
    run = drilling.drill(
        _open(options.target),
        recipients=keys,
        identities=identities,
        place=options.place,
        say=_progress,
    )
    told = run.result
    text = (
        f"演练通过：恢复 {told['files']} 个文件，账 {told['ledger_size']} 条，与备份清单一致；已记账。/ "
        f"Drill passed: {told['files']} files came back equal; it is on the ledger."
    )
    _report(options, {"ok": True, **told}, text)
    return 0


def scrub_now(options: argparse.Namespace) -> int:
    """Objects and sealed files, oldest first; then database, ledger, catalogue and index."""
    migrate(options)
    from django.conf import settings

    from rongdang.keep.backups import scrubbing

    run = scrubbing.scrub(
        rate=settings.SCRUB_RATE if options.rate is None else options.rate,
        minutes=options.minutes,
        checks=(records_checked, index_checked),
        progress=_progress,
    )
    _report(options, run.result, scrubbing.text_of(run))
    return 2 if run.result["findings"] else 0


def records_checked() -> Iterator[Finding]:
    """Ledger, encrypted columns, catalogue and sealed store against one another."""
    from rongdang.describe.casefiles.verifying import verify_all
    from rongdang.keep.backups.findings import Finding

    for one in verify_all(read_objects=False, progress=_progress).findings:
        yield Finding(one.code, f"{one.area}/{one.name}", one.zh, one.en)


def index_checked() -> Iterator[Finding]:
    """The search index against the documents."""
    from rongdang.keep.backups.findings import Finding
    from rongdang.provide.search.checking import index_faults

    for zh, en in index_faults():
        yield Finding("index", "search", zh, en)


def _open(named: str) -> Target:
    from django.conf import settings

    from rongdang.keep.backups.targets import open_target

    return open_target(named or settings.BACKUP_TARGET)


def _report(options: argparse.Namespace, data: dict[str, Any], text: str) -> None:
    print(json.dumps(data, ensure_ascii=False) if options.json else text)


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
