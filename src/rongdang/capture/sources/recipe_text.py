"""The recipe as a file: TOML that a clerk reads and compares line by line, always written the same way."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING
from dataclasses import fields as parts_of
from typing import Any, TypeVar

from rongdang.capture.sources.recipes import (
    FORMAT,
    Kin,
    PassOver,
    Recipe,
    RecipeError,
    Take,
    checked,
)

T = TypeVar("T", bound=Recipe | Take | Kin | PassOver)
MOST = 400_000  # characters of a file; the longest honest one has a few thousand
BARE = re.compile(r"[A-Za-z0-9_-]+$")
ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\b": "\\b",
    "\f": "\\f",
}
HEAD = ("table", "version", "author", "words", "key", "leave", "nothing", "unreadable", "first_row")


def to_text(recipe: Recipe) -> str:
    """The file of a recipe. Equal recipes give equal bytes."""
    return "\n".join(_lines(recipe)) + "\n"


def from_text(text: str) -> Recipe:
    """The recipe a file holds, checked; RecipeError says what in it is wrong."""
    if len(text) > MOST:
        raise _unreadable("文件太长", "the file is too long")
    try:
        body = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        where = re.search(r"line (\d+)", str(error))
        zh = f"第 {where[1]} 行写得不对" if where else "写得不对"
        raise _unreadable(zh, str(error).lower()) from error
    if body.pop("format", None) != FORMAT:
        raise _unreadable(f"不是第 {FORMAT} 种格式", f"its format is not {FORMAT}")
    groups: dict[str, list[Any]] = {
        "takes": [_made(Take, row, "take") for row in _rows(body, "take")],
        "kin": [_made(Kin, row, "kin") for row in _rows(body, "kin")],
        "pass_over": [_made(PassOver, row, "pass_over") for row in _rows(body, "pass_over")],
    }
    return checked(_made(Recipe, {**body, **groups}, ""))


def _rows(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = body.pop(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _unreadable(f"“{name}”要写成 [[{name}]]", f"“{name}” must be written [[{name}]]")
    return rows


def _made(kind: type[T], row: Mapping[str, Any], where: str) -> T:
    """The row as one of ours; every value of the type its field has."""
    known = {part.name: part for part in parts_of(kind)}
    for name, value in row.items():
        if name not in known or not _fits(str(known[name].type), value):
            place = f"[[{where}]] " if where else ""
            raise _unreadable(
                f"{place}“{name}”不认识或写得不对", f"{place}“{name}” is unknown or ill-typed"
            )
    for name, part in known.items():
        if name not in row and part.default is MISSING and part.default_factory is MISSING:
            raise _unreadable(f"没有写“{name}”", f"“{name}” is missing")
    build: Callable[..., T] = kind
    return build(**{name: tuple(v) if isinstance(v, list) else v for name, v in row.items()})


def _fits(annotation: str, value: object) -> bool:
    if annotation.startswith("tuple["):
        kind = str if annotation == "tuple[str, ...]" else (Take, Kin, PassOver)
        return isinstance(value, list) and all(isinstance(one, kind) for one in value)
    if annotation.startswith("Mapping"):
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    if annotation == "int":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    return isinstance(value, str)


def _lines(recipe: Recipe) -> Iterator[str]:
    yield f"format = {FORMAT}"
    for name in HEAD:
        value = getattr(recipe, name)
        if name == "table" or value not in ("", (), 0):
            yield f"{name} = {_written(value)}"
    if recipe.constants:
        yield from ("", "[constants]", *_pairs(recipe.constants))
    for heading, rows in (
        ("pass_over", recipe.pass_over),
        ("take", recipe.takes),
        ("kin", recipe.kin),
    ):
        for row in rows:
            yield from ("", f"[[{heading}]]", *_row_lines(heading, row))


def _row_lines(heading: str, row: Take | Kin | PassOver) -> Iterator[str]:
    tables = []
    for part in parts_of(row):
        value = getattr(row, part.name)
        if isinstance(value, Mapping):
            tables.append((part.name, value))
        elif value != part.default:
            yield f"{part.name} = {_written(value)}"
    for name, pairs in tables:
        if pairs:
            yield from (f"[{heading}.{name}]", *_pairs(pairs))


def _pairs(pairs: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(pairs):
        key = name if BARE.match(name) else _quoted(name)
        yield f"{key} = {_quoted(pairs[name])}"


def _written(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_quoted(one) for one in value)}]"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    return f'"{"".join(ESCAPES.get(c) or _sign(c) for c in text)}"'


def _sign(character: str) -> str:
    at = ord(character)
    return f"\\u{at:04X}" if at < 32 or at == 127 else character


def _unreadable(zh: str, en: str) -> RecipeError:
    return RecipeError(
        f"这份对照方案读不了：{zh}。什么也没有改。",
        f"This recipe cannot be read: {en}. Nothing has changed.",
        hint_zh="从对照页重新下载一份，或改好那一行再传。",
        hint_en="Download it again from the mapping page, or mend that line.",
    )
