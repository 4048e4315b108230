"""`rongdang import`: a table of an old system by its recipe, tried, imported, taken back; or a GB/T 33870 directory."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rongdang.base.errors import DomainError
from rongdang.cli import archive
from rongdang.cli.running import migrate

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User
    from rongdang.capture.sources.models import Delivery, RecipeVersion, Run
    from rongdang.describe.statements.models import Source

LOOK_SECONDS = 1.0  # between two looks at a run that the worker has taken up
SHOWN = 100  # refused rows named in the report
FAILED, REFUSED = 1, 2  # exit codes


def add_options(command: argparse.ArgumentParser) -> None:
    """What a table needs beside path, unit and user; without --source the path is a directory."""
    command.add_argument("--source", help="来源名称：导入一张表 / name of the source of a table")
    command.add_argument(
        "--recipe", type=Path, help="对照方案（TOML）/ the recipe; else the last one"
    )
    command.add_argument("--table", default="", help="工作表或表名 / sheet or table in the file")
    command.add_argument(
        "--dry-run", action="store_true", help="只试读，看会改什么 / only look what would change"
    )
    command.add_argument(
        "--part", action="store_true", help="不是整张表 / not the whole table: nothing is missing"
    )
    command.add_argument("--undo", metavar="RUN", help="撤销这次导入 / take this run back")


def run(options: argparse.Namespace) -> int:
    """0: all taken; 2: some rows were refused; 1: it failed, and says how to go on."""
    if not options.undo and (options.folder is None or not options.unit):
        raise DomainError(
            "要写明导入哪个文件或文件夹、归哪个机构（--unit），什么也没有收。",
            "Name the file or folder and the unit (--unit); nothing was taken in.",
            code="no-path",
        )
    if not options.source and not options.undo:
        return archive.import_directory(options)
    migrate(options)
    user = archive.user_called(options.user)
    if options.undo:
        return _tell(options, _undone(options.undo, user))
    return _tell(options, _read(options, user))


def _read(options: argparse.Namespace, user: User) -> Run:
    from rongdang.capture.sources import running, services

    source = _source(options, user)
    recipe = _recipe(options, source, user)
    delivery = _delivery(options, source, user)
    begun = None if options.dry_run else _begun(delivery, recipe)
    if begun is None:
        begun = services.start(delivery, recipe, acting_user=user, dry=options.dry_run)
    elif begun.state in ("stopped", "failed"):
        begun = services.resume(begun, acting_user=user)
    return _ended(running.read_on(begun.pk, progress=_progress))


def _begun(delivery: Delivery, recipe: RecipeVersion) -> Run | None:
    """The same file by the same recipe, begun and not ended: it goes on."""
    from rongdang.capture.sources.models import Run

    return Run.objects.filter(
        source=delivery.source,
        delivery__digest=delivery.digest,
        recipe=recipe,
        dry=False,
        state__in=["waiting", "running", "stopped", "failed"],
    ).first()


def _undone(run_id: str, user: User) -> Run:
    from rongdang.capture.sources import services, undoing
    from rongdang.capture.sources.models import Run

    found = None
    with contextlib.suppress(ValueError):  # what is no identifier names no run
        wanted = Run.objects.visible_to(user).filter(pk=uuid.UUID(run_id))
        found = wanted.select_related("source").first()
    if found is None:
        raise DomainError(
            "没有这次导入，没有撤销什么。",
            "There is no such run; nothing was taken back.",
            code="no-run",
            status=404,
        )
    if found.state != "undoing":  # killed half-way it goes on
        services.undo(found, acting_user=user)
    return _ended(undoing.undo_on(found.pk))


def _ended(run: Run) -> Run:
    """The worker may have taken it up: then its end is awaited."""
    while run.state in ("waiting", "running", "undoing"):
        time.sleep(LOOK_SECONDS)
        run.refresh_from_db()
        _progress(run)
    return run


def _source(options: argparse.Namespace, user: User) -> Source:
    from rongdang.describe.statements.models import Source
    from rongdang.describe.statements.services import make_source

    unit = archive.unit_of(options.unit)
    name = " ".join(options.source.split())
    known = Source.objects.filter(unit=unit, name=name).select_related("unit").first()
    return known or make_source(unit=unit, name=name, kind="table", acting_user=user)


def _recipe(options: argparse.Namespace, source: Source, user: User) -> RecipeVersion:
    from rongdang.capture.sources import services

    if options.recipe is not None:
        text = archive.content_of(options.recipe).decode("utf-8-sig", errors="replace")
        why = f"rongdang import {options.recipe.name}"
        return services.save_recipe(source, text, why=why, acting_user=user)
    last = source.recipes.order_by("-number").first()
    if last is None:
        raise DomainError(
            f"来源“{source.name}”还没有对照方案，没有导入。",
            f"The source “{source.name}” has no recipe yet; nothing was imported.",
            hint_zh="用 --recipe 给一个，或在网页上先做对照。",
            hint_en="Give one with --recipe, or map the columns on its page first.",
            code="no-recipe",
        )
    return last


def _delivery(options: argparse.Namespace, source: Source, user: User) -> Delivery:
    from rongdang.capture.sources import recipe_text, services
    from rongdang.capture.sources.connectors.opening import with_memo

    table = options.table
    if not table:
        last = source.recipes.order_by("-number").first()
        table = recipe_text.from_text(last.text).table if last else options.folder.stem
    with contextlib.ExitStack() as stack:
        try:
            files = [
                (path.name, stack.enter_context(path.open("rb")))
                for path in with_memo(options.folder)
            ]
        except OSError as error:
            raise DomainError(
                f"文件“{options.folder.name}”读不出来，什么也没有收。",
                f"The file “{options.folder.name}” cannot be read; nothing was taken in.",
                code="unreadable",
            ) from error
        return services.deliver(source, files, table=table, acting_user=user, part=options.part)


def _progress(run: Run) -> None:
    counts = run.counts
    told = f"{counts.get('read', 0)} 行，新 {counts.get('new', 0)}，改 {counts.get('changed', 0)}"
    print(f"{told} / rows, new, changed", file=sys.stderr, flush=True)


def _tell(options: argparse.Namespace, run: Run) -> int:
    data = _told(run)
    refused = data["refused_rows"]
    if options.json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print("\n".join(_lines(data)))
    if run.state not in ("done", "undone"):
        return FAILED
    return REFUSED if refused and run.state == "done" else 0


def _told(run: Run) -> dict[str, Any]:
    """Numbers of rows and codes of reasons; what stands in a row is told on its page only."""
    counts = {n: v for n, v in run.counts.items() if n not in ("filled", "altered")}
    rows = run.refused.order_by("row")[:SHOWN]
    return {
        "ok": run.state in ("done", "undone"),
        "run": str(run.pk),
        "source": run.source.name,
        "state": run.state,
        "dry": run.dry,
        "counts": counts,
        "refused_rows": [
            {"row": row.row, "reasons": [reason["code"] for reason in row.reasons]} for row in rows
        ],
        "problem": run.problem,
    }


def _lines(data: dict[str, Any]) -> list[str]:
    counts = Counter(data["counts"])
    numbers = (
        f"{data['source']}：读 {counts['read']} 行，新 {counts['new']}，改 {counts['changed']}，"
        f"没变 {counts['unchanged']}，退回 {counts['refused']}，来源里没有了 {counts['missing']}"
    )
    lines = [
        f"{numbers} / rows, new, changed, unchanged, refused, missing",
        f"{data['state']} {data['run']}",
    ]
    if data["problem"]:
        lines += [data["problem"]["zh"], data["problem"]["en"]]
    for row in data["refused_rows"]:
        lines.append(f"第 {row['row']} 行 / row {row['row']}: {', '.join(row['reasons'])}")
    return lines
