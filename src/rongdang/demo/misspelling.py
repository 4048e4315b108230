"""The pools invented people are drawn from, and how their names are misspelt."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from rongdang.describe.linkage.sounds import syllable

DATA = Path(__file__).parent / "data" / "population.json"


def misspelt(name: str, kind: str, draw: Random, look: str) -> str:
    """A name with one error of a kind; unchanged where the kind does not fit it."""
    at = draw.randrange(1, len(name))
    if kind == "dropped":
        return name[:at] + name[at + 1 :] if len(name) == 3 else name
    if kind == "doubled":
        return name[:at] + name[at] + name[at:] if len(name) < 4 else name
    if kind == "homophone":
        pool = [c for c in same_sound(name[at]) if c != name[at]]
    elif kind == "near_sound":
        pool = near_sound(name[at])
    elif kind == "look_alike":
        at = draw.randrange(len(name))
        pairs = look_alikes(look)
        at = next((i for i in (*range(at, len(name)), *range(at)) if name[i] in pairs), at)
        pool = list(pairs.get(name[at], ""))
    else:
        pool = list(data()["given"])
    return name[:at] + draw.choice(pool) + name[at + 1 :] if pool else name


@cache
def data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DATA.read_text("utf-8"))
    return loaded


def weighted(values: list[str], spread: float) -> tuple[list[str], list[float]]:
    """Values with weights that fall with their rank, summed up."""
    return values, list(accumulate(1000 / (rank + spread) for rank in range(len(values))))


@cache
def areas() -> tuple[str, ...]:
    # GB/T 2260 issues no code that begins with 99.
    return tuple(f"99{city:02d}{county:02d}" for city in range(1, 41) for county in range(1, 31))


def places(code: str) -> list[tuple[str, str]]:
    """Provinces and counties that no map shows; some counties share a name, as real ones do."""
    draw = Random(f"places {code}")  # noqa: S311  # the same map each time
    first, second = data()["place_characters"]
    names = [a + b for a in first for b in second]
    draw.shuffle(names)
    provinces = [f"{name}省" for name in names[:28]]
    counties = [f"{name}县" for name in names[28:]]
    return [(draw.choice(provinces), draw.choice(counties)) for _ in range(1600)]


@cache
def same_sound(character: str) -> list[str]:
    return _by_sound().get(syllable(character), [])


@cache
def near_sound(character: str) -> list[str]:
    sound = syllable(character)
    near = {sound.replace(a, b, 1) for a, b in data()["near_sounds"] if a in sound}
    near |= {sound.replace(b, a, 1) for a, b in data()["near_sounds"] if b in sound}
    return [c for one in sorted(near - {sound}) for c in _by_sound().get(one, [])]


@cache
def _by_sound() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for character in dict.fromkeys(data()["given"] + data()["heard"]):
        found[syllable(character)].append(character)
    return found


@cache
def look_alikes(which: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in data()["look_alikes"][which].split():
        for character in pair:
            found[character] = found.get(character, "") + pair.replace(character, "")
    return found


def traditional(name: str) -> str:
    return str(_converter().convert(name))


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")
