"""ingest, verify, export, import: the browser's acts from the command line, by the same services."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from rongdang.base.errors import DomainError
from rongdang.cli.running import migrate

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


def ingest(options: argparse.Namespace) -> int:
    """Take every file of a folder into one batch; run again, and what is in is recognised."""
    migrate(options)
    from rongdang.base.jobs.worker import run_worker
    from rongdang.base.orgs.models import Unit
    from rongdang.capture.batches import folders

    unit = Unit.objects.filter(code=options.unit).first()
    if unit is None:
        raise DomainError(
            f"没有代码为“{options.unit}”的机构，什么也没有收。",
            f"There is no unit “{options.unit}”; nothing was taken in.",
            code="no-unit",
        )
    user = _user(options.user) if options.user else folders.default_clerk(unit)
    result = folders.take_in(
        options.folder, unit=unit, acting_user=user, declared=options.no_secrets, progress=_progress
    )
    if options.read:
        run_worker(concurrency=2, until_idle=True)
        result = folders.summary(result.batch_id)
    _report(options, result.to_dict(), result.to_text())
    return 0 if result.ok else 1


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

    user = _user(options.user)
    password = (
        options.password_file.read_text(encoding="utf-8").strip() if options.password_file else ""
    )
    written = exporting.export(
        options.number, form=options.form, folder=options.to, password=password, acting_user=user
    )
    _report(
        options,
        {"written": [path.name for path in written]},
        "\n".join(str(path) for path in written),
    )
    return 0


def import_directory(options: argparse.Namespace) -> int:
    """A GB/T 33870 directory becomes a file of the unit."""
    migrate(options)
    from rongdang.base.orgs.models import Unit
    from rongdang.describe.casefiles import importing

    unit = Unit.objects.get(code=options.unit)
    case_file = importing.import_directory(
        options.folder, unit=unit, acting_user=_user(options.user)
    )
    _report(options, {"number": case_file.number, "items": case_file.item_count}, case_file.number)
    return 0


def _user(name: str) -> User:
    from rongdang.base.accounts.models import User

    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise DomainError(f"没有账号“{name}”。", f"There is no account “{name}”.", code="no-user")
    return user


def _report(options: argparse.Namespace, data: dict[str, object], text: str) -> None:
    print(json.dumps(data, ensure_ascii=False) if options.json else text)


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
