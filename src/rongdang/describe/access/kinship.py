"""What a file says of relatives: 妻赵小兰1934年群众；子林小河1958年团员 → relation, name, year of birth."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rongdang.base.vocab import codes
from rongdang.base.vocab.names import COMPOUND, normalise_name

KIN_FIELDS = {"配偶": "配偶", "家庭成员": ""}  # field → the relation it says by itself
SEPARATORS = re.compile(r"[；;、，,。\n|/]+")
YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
LEADING = re.compile(r"[\u3400-\u9fff·]+")


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody named as a relative. Where the words run on, every length the name may have."""

    relation: str
    names: tuple[str, ...]
    birth: str  # year, or ""


def relatives(field: str, value: str) -> list[Relative]:
    """Everybody a fact of 配偶 or 家庭成员 names; [] for other fields."""
    if field not in KIN_FIELDS:
        return []
    found = [_relative(part.strip(), KIN_FIELDS[field]) for part in SEPARATORS.split(value)]
    return [one for one in found if one is not None]


def _relative(text: str, relation: str) -> Relative | None:
    text = "".join(text.split())
    said = next((word for word in codes.words("kinship") if text.startswith(word)), "")
    run = LEADING.match(text[len(said) :].lstrip("：:（(）)"))
    if run is None or (not said and not relation):
        return None
    year = YEAR.search(text)
    names = _names(run.group())
    return Relative(said or relation, names, year.group() if year else "") if names else None


def _names(run: str) -> tuple[str, ...]:
    """A name alone, or the beginnings of a run of characters that may be one."""
    lengths = (3, 4) if run[:2] in COMPOUND else (2, 3)
    if len(run) in (2, 3, 4):
        return tuple({normalise_name(run)} | {normalise_name(run[:n]) for n in lengths})
    return tuple({normalise_name(run[:n]) for n in lengths if len(run) >= n})


def same_year(one: str, other: str) -> bool | None:
    """Do two partial dates begin with the same year? None when one of them does not say."""
    return one[:4] == other[:4] if one and other else None
