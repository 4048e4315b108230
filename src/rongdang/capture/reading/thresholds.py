"""How far what is read is believed, in figures an archivist can read and change (`data/trust.json`).

The file is read and checked once; a figure that cannot be is refused in words, before any value is
shown by it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rongdang.base.errors import DomainError

FILE = Path(__file__).parent / "data" / "trust.json"
SHOWN = "shown_sure"
UNITS = {"share": (0.0, 1.0), "times": (1.0, 10.0)}  # above the first, up to the second


@dataclass(frozen=True, slots=True)
class Threshold:
    """One figure: what it means and what it was measured on, (zh, en) each.

    `asks`: it must lie below 可信, so that a person looks at whatever it is used on.
    """

    name: str
    value: float
    part: str
    meaning: tuple[str, str]
    basis: tuple[str, str]
    asks: bool = False


@cache
def threshold(name: str) -> float:
    """The figure of that name; KeyError for a name that is none, DomainError for a faulty file."""
    return thresholds()[name].value


@cache
def thresholds() -> Mapping[str, Threshold]:
    """Every figure by name, in the order of the file."""
    return load(FILE)


def load(path: Path) -> Mapping[str, Threshold]:
    """The figures of a file; DomainError names the first that cannot be used."""
    body = json.loads(path.read_text(encoding="utf-8"))
    found: dict[str, Threshold] = {}
    for row in body["rows"]:
        if row["name"] in found:
            raise _faulty(row["name"], "写了两次", "stands there twice")
        found[row["name"]] = _threshold(row, body["bases"])
    for one in found.values():
        if one.asks and not one.value < found[SHOWN].value:
            raise _faulty(one.name, "应低于“可信”的界限", "must lie below the line of 可信")
    return found


def _threshold(row: Mapping[str, Any], bases: Mapping[str, Mapping[str, str]]) -> Threshold:
    name, value = row["name"], row["value"]
    low, high = UNITS[row.get("unit", "share")]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low < value <= high:
        raise _faulty(
            name, f"应大于 {low:g}、不大于 {high:g}", f"must be over {low:g}, to {high:g}"
        )
    meaning, basis = row, bases.get(row["basis"], {})
    texts = [source.get(key, "").strip() for source in (meaning, basis) for key in ("zh", "en")]
    if not all(texts):
        raise _faulty(name, "没有说明含义或依据", "does not say what it means or rests on")
    asks = bool(row.get("asks", False))
    return Threshold(
        name, float(value), row["part"], (texts[0], texts[1]), (texts[2], texts[3]), asks
    )


def _faulty(name: str, zh: str, en: str) -> DomainError:
    return DomainError(
        f"可信程度的规则 trust.json 里，“{name}”{zh}；没有按它判断，数据没有改动。",
        f"In the rules of trust (trust.json) “{name}” {en}; nothing was judged by it, no data changed.",
        hint_zh="请改正这一项，或恢复原来的文件后再试。",
        hint_en="Put it right or bring back the file as it was, then try again.",
        code="bad-thresholds",
    )
