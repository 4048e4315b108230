"""The kinds of paper that can be drawn, and when in a life each was made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from random import Random

from rongdang.base.vocab.titles import all_titles
from rongdang.demo.paper.lives import Life
from rongdang.demo.paper.people import DATA, day_in
from rongdang.demo.paper.styles import Split


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of paper: class of 2018, years it was in use, titles by split, parts from top to bottom."""

    kind: str
    category: str
    when: str
    years: tuple[int, int]
    shape: str  # form, essay, order, letter
    titles: dict[
        str, list[str]
    ]  # train, test: official; fresh, unseen: theirs, in no list of names
    fields: tuple[str, ...]
    sections: tuple[str, ...]
    opinions: tuple[str, ...]
    photo: bool


@cache
def kinds() -> tuple[Kind, ...]:
    """Every kind of the catalogue (`data/forms.json`)."""
    rows = json.loads((DATA / "forms.json").read_text("utf-8"))["rows"]
    return tuple(
        Kind(
            row["kind"],
            row["category"],
            row["when"],
            (row["years"][0], row["years"][1]),
            row["shape"],
            row["titles"],
            tuple(row["fields"]),
            tuple(row["sections"]),
            tuple(row["opinions"]),
            row["photo"],
        )
        for row in rows
    )


@cache
def official_names() -> frozenset[str]:
    """Every name and alias of the shipped list."""
    return frozenset(name for title in all_titles() for name in (title.name, *title.aliases))


def title_of(kind: Kind, split: Split, chance: Random) -> str:
    """A title of this split; two in five of a test are in no list, one in five of a train stack."""
    if split == "train":
        fresh = kind.titles["fresh"] if chance.random() < 0.2 else []
        return chance.choice(fresh or kind.titles["train"])
    return chance.choice(kind.titles["test" if chance.random() < 0.6 else "unseen"])


def day_for(kind: Kind, life: Life, chance: Random) -> str | None:
    """The day in this life on which such a paper was made; None when there was none."""
    days = [
        day for day in _days(kind, life, chance) if kind.years[0] <= int(day[:4]) <= kind.years[1]
    ]
    return chance.choice(days) if days else None


def _days(kind: Kind, life: Life, chance: Random) -> list[str]:
    first, last = int(life.enlistment[:4]) + 1, int(life.retirement_date[:4]) - 1
    party = int(life.party_entry[:4])
    spans = {
        "any": (first, last),
        "pay": (first + 2, last),
        "early": (first, first + 8),
        "late": (last - 8, last),
        "before-party": (party - 1, party - 1),
        "party-later": (party + 2, last),
        "retired": (last + 2, last + 12),
    }
    if kind.when in spans:
        low = max(spans[kind.when][0], kind.years[0])
        high = min(spans[kind.when][1], kind.years[1])
        return [day_in(chance, chance.randint(low, high))] if low <= high else []
    return _events(kind, life, chance)


def _events(kind: Kind, life: Life, chance: Random) -> list[str]:
    def within(month: str) -> list[str]:
        return [f"{month}-{chance.randrange(10, 29)}"] if month else []

    retired = [life.retirement_date]
    known = {
        "party": within(life.party_entry),
        "league": within(life.league_entry),
        "graduation": within(life.graduation),
        "title": [day_in(chance, int(life.retirement_date[:4]) - 1)] if life.title else [],
        "award": [award.date for award in life.awards],
        "penalty": [life.penalty.date] if life.penalty else [],
        "disability": [life.disability.date] if life.disability else [],
        "post": [post.since for post in life.posts if post.grade],
        "rank": [step.since for step in life.ranks],
        "enlistment": [life.enlistment],
        "handover": [life.handover],
        "pay-reform": [
            day_in(chance, year)
            for year in (1985, 1993)
            if life.enlistment < str(year) < life.retirement_date
        ],
        "retirement-离休": retired if life.retirement_kind == "离休" else [],
        "retirement-退休": retired if life.retirement_kind == "退休" else [],
    }
    return known[kind.when]
