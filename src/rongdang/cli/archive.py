"""ingest, register, verify, export, import: the browser's acts from the command line, by the same services."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rongdang.base.errors import DomainError, unquoted
from rongdang.cli.jobs import work_off
from rongdang.cli.running import migrate

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User
    from rongdang.base.orgs.models import Unit


def ingest(options: argparse.Namespace) -> int:
    """Take every file of a folder into one batch; run again, and what is in is recognised."""
    migrate(options)
    from rongdang.capture.batches import folders

    unit = unit_of(options.unit)
    user = user_called(options.user) if options.user else folders.default_clerk(unit)
    result = folders.take_in(
        options.folder, unit=unit, acting_user=user, declared=options.no_secrets, progress=_progress
    )
    code = 0
    if options.read:
        run = work_off()
        result, code = folders.summary(result.batch_id), run.code
        if code:
            _progress(run.to_text())
    told = {"names": options.names}
    _report(options, result.to_dict(**told), result.to_text(**told))
    return code or (0 if result.ok else 1)


def register(options: argparse.Namespace) -> int:
    """A register of people and their catalogues: shown, or taken over whole; again adds nothing."""
    migrate(options)
    from rongdang.describe.casefiles import registering
    from rongdang.describe.casefiles.register_tables import read_register
    from rongdang.describe.casefiles.spreadsheets import text_of

    unit, user = unit_of(options.unit), user_called(options.user)
    read = read_register(text_of(content_of(options.file)))
    fresh = registering.not_yet_known(unit, read.rows)
    taken = 0
    if not read.faults and not options.preview:
        taken = len(registering.take_over_register(unit, read.rows, acting_user=user))
    say = str if options.names else unquoted
    told = {
        "ok": not read.faults,
        "people": len(read.rows),
        "new": len(fresh),
        "items": read.item_count,
        "pages": read.page_count,
        "taken": taken,
        "left_aside": read.left_aside,
        "faults": [{"line": one.line, "zh": say(one.zh), "en": say(one.en)} for one in read.faults],
    }
    head = (
        f"{told['people']} 人（新的 {told['new']}），{told['items']} 份，{told['pages']} 页，"
        f"已接收 {taken} 卷 / people (new), items, pages, files taken over"
    )
    faults = (
        f"第 {one.line} 行：{say(one.zh)} / line {one.line}: {say(one.en)}" for one in read.faults
    )
    lines = [head, *faults]
    if read.left_aside:
        lines.append(f"没有收的列 / columns left aside: {'、'.join(read.left_aside)}")
    _report(options, told, "\n".join(lines))
    return 1 if read.faults else 0


def content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DomainError(
            f"文件“{path.name}”读不出来，什么也没有收。",
            f"The file “{path.name}” cannot be read; nothing was taken over.",
            code="unreadable",
        ) from error


def verify(options: argparse.Namespace) -> int:
    """Digests, ledger, catalogue against objects, sealed packages; names what is wrong."""
    migrate(options)
    from rongdang.describe.casefiles.verifying import verify_all

    report = verify_all(read_objects=not options.quick, progress=_progress)
    _report(options, report.to_dict(), report.to_text())
    return 0 if report.ok else 2


def export(options: argparse.Namespace) -> int:
    """One person's file as an encrypted archive or a searchable PDF/A."""
    migrate(options)
    from rongdang.describe.casefiles import exporting

    written = exporting.export(
        options.number,
        form=options.form,
        folder=options.to,
        password=_password(options.password_file),
        acting_user=user_called(options.user),
        progress=_progress,
    )
    _report(
        options,
        {"written": [path.name for path in written]},
        "\n".join(str(path) for path in written),
    )
    return 0


def import_directory(options: argparse.Namespace) -> int:
    """GB/T 33870 deliveries (a folder of one person or many, zip, encrypted zip, age) become files.

    Run again, it goes on: what was imported before is recognised.
    """
    migrate(options)
    from rongdang.keep.packages.gbt33870.sources import person_folders

    unit, user = unit_of(options.unit), user_called(options.user)
    password = _password(options.password_file)
    folders = person_folders(options.folder)
    if len(folders) == 1:
        told = _import_one(folders[0], unit, user, password)
        text = f"{told['number']}：{told['items']} 份材料，{told['pages']} 页 / materials, pages"
        _report(options, told, text)
        return 0
    rows = []
    for done, folder in enumerate(folders, 1):
        _progress(f"{done}/{len(folders)}")
        name = folder.name if options.names else str(done)  # it is a person's name and number
        try:
            rows.append({"folder": name, **_import_one(folder, unit, user, password)})
        except DomainError as error:
            row = {"folder": name, "error": error.code}
            said = {"zh": error.message(), "en": error.message("en")} if options.names else {}
            rows.append({**row, **said})
    refused = [row for row in rows if row.get("error") not in (None, "delivery-known")]
    text = "\n".join(
        f"{row['folder']}：{row.get('number') or row.get('zh') or row['error']}" for row in rows
    )
    _report(options, {"ok": not refused, "deliveries": rows}, text)
    return 1 if refused else 0


def _import_one(folder: Path, unit: Unit, user: User, password: str) -> dict[str, object]:
    from rongdang.describe.casefiles.importing import import_directory as take

    case_file = take(folder, unit=unit, acting_user=user, password=password)
    return {
        "number": case_file.number,
        "items": case_file.item_count,
        "pages": case_file.page_count,
    }


def unit_of(code: str) -> Unit:
    from rongdang.base.orgs.models import Unit

    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise DomainError(
            f"没有代码为“{code}”的机构，什么也没有收。",
            f"There is no unit “{code}”; nothing was taken in.",
            code="no-unit",
        )
    return unit


def _password(path: Path | None) -> str:
    """The first line of the password's file; empty when none was named."""
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise DomainError(
            f"口令文件“{path.name}”读不出来。",
            f"The password file “{path.name}” cannot be read.",
            code="password-file",
        ) from error


def user_called(name: str) -> User:
    from rongdang.base.accounts.models import User

    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise DomainError(f"没有账号“{name}”。", f"There is no account “{name}”.", code="no-user")
    return user


def _report(options: argparse.Namespace, data: dict[str, object], text: str) -> None:
    print(json.dumps(data, ensure_ascii=False) if options.json else text)


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
