"""`rongdang link TABLE…`: which rows of which tables speak of one person, and why.

Needs no server, database or keys, and stores nothing. A table is mapped by the recipe of its name in
`--recipes`, or by the proposal for it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rongdang.base.errors import DomainError

Add = Callable[[str, str, object], argparse.ArgumentParser]


@dataclass
class Row:
    """Where a record comes from."""

    file: str
    table: str
    number: int


@dataclass
class Read:
    """What was read of the tables, in order; `refused` rows are told, not compared."""

    rows: list[Row] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)


def add_commands(add: Add) -> None:
    command = add(
        "link",
        "看各表哪些行是同一个人，不存任何东西 / which rows are one person; nothing is stored",
        run,
    )
    command.add_argument("tables", nargs="+", type=Path, metavar="TABLE")
    command.add_argument(
        "--recipes", type=Path, help="对照方案（*.toml）所在文件夹 / folder of recipes"
    )
    command.add_argument(
        "--least",
        type=float,
        default=0.5,
        help="低于此概率的对不打印 / pairs less probable are not printed",
    )
    command.add_argument("--threads", type=int, default=2)


def run(options: argparse.Namespace) -> int:
    """0 when every table was read to its end; rows that were refused are told."""
    from rongdang.describe.linkage.engine import link
    from rongdang.describe.linkage.model import usual_model

    recipes = _recipes(options.recipes)
    read = Read()
    model = usual_model()
    with link(_records(options.tables, recipes, read), model, threads=options.threads) as linkage:
        groups = linkage.clusters()
        told = _pairs(linkage, read.rows, options.least)
        if options.json:
            _print_json(read, groups, told)
        else:
            _print_words(read, groups, told)
    return 0


def _recipes(folder: Path | None) -> dict[str, Any]:
    """Table → recipe."""
    from rongdang.capture.sources.recipe_text import from_text

    if folder is None:
        return {}
    if not folder.is_dir():
        raise DomainError(
            "对照方案的文件夹不存在，没有读入任何一行。",
            "There is no such folder of recipes; no row was taken.",
            hint_zh="请核对 --recipes。",
            hint_en="Check --recipes.",
            code="no-recipes",
        )
    found = [from_text(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))]
    return {recipe.table: recipe for recipe in found}


def _records(tables: Sequence[Path], recipes: Mapping[str, Any], read: Read) -> Iterator[Any]:
    """A record for each row that is somebody's, noted in `read` as it goes by."""
    from rongdang.capture.sources.connectors.opening import open_table

    for path in tables:
        with closing(open_table(path)) as source:
            for info in source.tables():
                yield from _of_table(path, source, info, recipes.get(info.name), read)


def _of_table(path: Path, source: Any, info: Any, recipe: Any, read: Read) -> Iterator[Any]:
    from rongdang.capture.sources.applying import Refused, Taken, apply, compiled
    from rongdang.capture.sources.profiling import profiled
    from rongdang.capture.sources.proposing import propose
    from rongdang.describe.linkage.told import record_of

    recipe = recipe or propose(info, profiled(info, source.rows(info.name)))
    plan = compiled(recipe, info.columns)
    for row in source.rows(info.name):
        outcome = apply(plan, row)
        if isinstance(outcome, Taken):
            read.rows.append(Row(path.name, info.name, outcome.row))
            yield record_of(str(len(read.rows)), outcome.sayings)
        elif isinstance(outcome, Refused):
            why = [{"zh": reason.zh, "en": reason.en} for reason in outcome.reasons]
            read.refused.append(
                {"file": path.name, "table": info.name, "row": row.number, "reasons": why}
            )


def _pairs(linkage: Any, rows: Sequence[Row], least: float) -> Iterator[dict[str, Any]]:
    from rongdang.describe.linkage.scoring import in_words

    for pair in linkage.pairs(least):
        reasons, guards = pair.reasons(), pair.guards(linkage.model)
        yield {
            "first": _place(rows[pair.first]),
            "second": _place(rows[pair.second]),
            "probability": round(pair.probability, 6),
            "certain": pair.probability >= linkage.model.certain,
            "reason": {
                "zh": in_words(reasons, guards),
                "en": in_words(reasons, guards, language="en"),
            },
        }


def _place(row: Row) -> dict[str, Any]:
    return {"file": row.file, "table": row.table, "row": row.number}


def _print_json(read: Read, groups: Sequence[int], pairs: Iterator[dict[str, Any]]) -> None:
    """One object, a row or a pair on a line, so that a large result is never held as a whole."""
    out = sys.stdout

    def listed(name: str, values: Iterator[dict[str, Any]], end: str) -> None:
        out.write(f' "{name}": [')
        for number, value in enumerate(values):
            out.write((",\n  " if number else "\n  ") + json.dumps(value, ensure_ascii=False))
        out.write(f"\n ]{end}\n")

    out.write("{\n")
    clustered = (
        {**_place(row), "cluster": group} for row, group in zip(read.rows, groups, strict=True)
    )
    listed("rows", clustered, ",")
    listed("pairs", pairs, ",")
    listed("refused", iter(read.refused), "")
    out.write("}\n")


def _print_words(read: Read, groups: Sequence[int], pairs: Iterator[dict[str, Any]]) -> None:
    for row, group in zip(read.rows, groups, strict=True):
        print(f"{row.file}\t{row.table}\t{row.number}\t{group}")
    print()
    for pair in pairs:
        first, second = pair["first"], pair["second"]
        print(
            f"{first['file']}:{first['row']} = {second['file']}:{second['row']}"
            f"\t{pair['probability']:.4f}\t{pair['reason']['zh']}"
        )
    for told in read.refused:
        print(f"{told['file']}:{told['row']}: {told['reasons'][0]['zh']}", file=sys.stderr)
    print(
        f"{len(read.rows)} 行，{len(set(groups))} 人；退回 {len(read.refused)} 行 / "
        f"{len(read.rows)} rows, {len(set(groups))} people; {len(read.refused)} rows refused",
        file=sys.stderr,
    )
