"""Names, places and numbers of people who never were."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from rongdang.base.vocab.ids import check_digit

DATA = Path(__file__).parent / "data"
# GB/T 2260 issues no area codes that begin with 99, so no living citizen bears such a number.
AREAS = ("990101", "990102", "990103", "990201", "990202", "990301")


@cache
def words() -> dict[str, Any]:
    """The word lists lives are made of."""
    loaded: dict[str, Any] = json.loads((DATA / "words.json").read_text("utf-8"))
    return loaded


def invent_name(chance: Random, *, sex: str, birth_year: int) -> tuple[str, str]:
    """A name and the ethnic group it goes with; now and then rare, compound or of a minority."""
    lists = words()
    kind = chance.random()
    if kind < 0.06:
        ethnic, names = chance.choice(lists["minority"])
        return chance.choice(names), ethnic
    if kind < 0.10:
        family = chance.choice(lists["compound_surnames"])
    elif kind < 0.14:
        family = chance.choice(lists["odd_surnames"])
    else:
        family = chance.choice(lists["surnames"])
    ethnic = chance.choice(lists["ethnic_plain"]) if chance.random() < 0.05 else "汉族"
    return family + given_name(chance, sex=sex, birth_year=birth_year), ethnic


def given_name(chance: Random, *, sex: str, birth_year: int) -> str:
    """One or two characters in the taste of the time."""
    lists = words()
    early = lists["given_early" if birth_year < 1944 else "given_later"]
    pool = lists["given_women"] if sex == "女" else early
    first, second = chance.choice(pool), chance.choice(pool)
    if chance.random() < 0.08:
        second = chance.choice(lists["given_rare"])
    return str(second if chance.random() < 0.2 or first == second else first + second)


def invent_id(chance: Random, *, birth: str, sex: str) -> str:
    """An 18-digit number with a valid check digit in an area that does not exist."""
    order = chance.randrange(1, 490) * 2 + (sex == "男")
    first17 = f"{chance.choice(AREAS)}{birth.replace('-', '')}{order:03d}"
    return first17 + check_digit(first17)


def day_in(chance: Random, year: int, *, month: int | None = None, last_month: int = 12) -> str:
    """An ISO day of that year."""
    month = month or chance.randrange(1, last_month + 1)
    return f"{year:04d}-{month:02d}-{chance.randrange(1, 29):02d}"


def month_in(chance: Random, year: int) -> str:
    """An ISO month of that year."""
    return f"{year:04d}-{chance.randrange(1, 13):02d}"
