"""Records of one person, grouped so that a chain of likenesses does not make two people one.

The surest pairs join first. Two groups join only if no member of the one contradicts a member of the
other: two valid ID numbers that differ, or another sex with another year of birth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

# (valid ID number, sex, year of birth) of a record; None is missing
Marks = tuple[str | None, str | None, int | None]


class Edge(NamedTuple):
    """A pair that may be one person, surest first in a list of edges."""

    first: int
    second: int
    probability: float
    weight: float


def clusters_of(size: int, edges: Sequence[Edge], marks: Mapping[int, Marks]) -> list[int]:
    """For each record the smallest number in its group."""
    group = list(range(size))
    members: dict[int, list[int]] = {}
    for edge in edges:
        one, other = group[edge.first], group[edge.second]
        if one == other:
            continue
        mine, theirs = members.get(one, [one]), members.get(other, [other])
        if _contradict(mine, theirs, marks):
            continue
        if other < one:
            one, other, mine, theirs = other, one, theirs, mine
        for record in theirs:
            group[record] = one
        members[one] = mine + theirs
        members.pop(other, None)
    return group


def _contradict(mine: Sequence[int], theirs: Sequence[int], marks: Mapping[int, Marks]) -> bool:
    return any(contradictory(marks[a], marks[b]) for a in mine for b in theirs)


def contradictory(a: Marks, b: Marks) -> bool:
    """Whether two records cannot be one person, whatever links them through a third."""
    (number, sex, year), (other_number, other_sex, other_year) = a, b
    if number and other_number and number != other_number:
        return True
    if sex and other_sex and sex != other_sex and year and other_year:
        return year != other_year
    return bool(year and other_year and abs(year - other_year) > 12)
