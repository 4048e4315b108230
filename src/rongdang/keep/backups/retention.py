"""Which copies stay: a rule in data/retention.json. An append-only target keeps them all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from django.utils import timezone

from rongdang.keep.backups.manifest import MANIFEST
from rongdang.keep.backups.ports import Target

COPIES = "copies/"
NAME = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class Rule:
    daily: int
    weekly: int
    monthly: int
    least: int
    unfinished_days: int


@cache
def rule() -> Rule:
    row = json.loads((Path(__file__).parent / "data" / "retention.json").read_text("utf-8"))
    return Rule(**{key: row[key] for key in Rule.__dataclass_fields__})


def copies_of(target: Target) -> tuple[list[str], list[str]]:
    """(finished, half-made) copies by name, oldest first."""
    names: dict[str, bool] = {}
    for key in target.sizes(COPIES):
        name, _, file = key.removeprefix(COPIES).partition("/")
        names[name] = names.get(name, False) or file == MANIFEST
    ordered = sorted(name for name in names if _is_copy(name))
    return [n for n in ordered if names[n]], [n for n in ordered if not names[n]]


def keep_copies(target: Target) -> list[str]:
    """Remove what the rule lets go; the names. Manifest last of all comes first to go: then half."""
    if target.append_only:
        return []
    finished, half = copies_of(target)
    limit = timezone.now() - timedelta(days=rule().unfinished_days)
    gone = [name for name in finished if name not in kept(finished, rule())]
    gone += [name for name in half if moment(name) < limit]
    for name in gone:
        keys = target.sizes(f"{COPIES}{name}/")
        for key in sorted(keys, key=lambda key: not key.endswith(MANIFEST)):
            target.remove(key)
    return gone


def kept(names: Iterable[str], by: Rule) -> set[str]:
    """Newest of each of the last days, weeks and months that have one, and the newest at all."""
    ordered = sorted(names, reverse=True)
    stays = set(ordered[: by.least])
    calendars: list[tuple[int, Callable[[datetime], object]]] = [
        (by.daily, lambda at: at.date()),
        (by.weekly, lambda at: at.isocalendar()[:2]),
        (by.monthly, lambda at: (at.year, at.month)),
    ]
    for most, period in calendars:
        seen: set[object] = set()
        for name in ordered:
            when = period(moment(name))
            if when in seen:
                continue
            if len(seen) >= most:
                break
            seen.add(when)
            stays.add(name)
    return stays


def moment(name: str) -> datetime:
    """When a copy of that name was made; raises ValueError for any other name."""
    return datetime.strptime(name, NAME).replace(tzinfo=UTC)


def _is_copy(name: str) -> bool:
    try:
        moment(name)
    except ValueError:
        return False
    return True
