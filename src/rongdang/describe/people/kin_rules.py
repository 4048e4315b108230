"""What cannot be of relatives: one's own father, a father younger than his child, kin in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rongdang.base.vocab.dates import PartialDate
from rongdang.describe.access.kinship import Relative

OWN = ("本人", "户主")
Rule = Mapping[str, Any]
Parts = Iterator[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Kin:
    """The relatives a person's sources name, his own names, and who names him as an elder."""

    relatives: Sequence[Relative] = ()
    names: frozenset[str] = frozenset()
    elders_of: Sequence[tuple[str, str]] = ()  # (name of the other, relation said there of him)


def himself(_rule: Rule, kin: Kin, births: Sequence[PartialDate]) -> Parts:
    """Of the same name and the same year: sons were named after nobody, so it is asked."""
    years = {born.value[:4] for born in births}
    for one in kin.relatives:
        same = kin.names & set(one.names)
        if same and one.relation not in OWN and one.birth and one.birth in years:
            yield {"relation": one.relation, "name": min(same)}


def age(rule: Rule, kin: Kin, births: Sequence[PartialDate]) -> Parts:
    """Full years that could lie between at most: a year alone may mean its first or its last day."""
    for one in kin.relatives:
        if one.relation not in rule["relations"] or not one.birth:
            continue
        for born in births:
            year = int(one.birth)
            years = born.latest.year - year if rule["older"] else year - born.earliest.year
            if years < rule["least"]:
                yield {
                    "relation": one.relation,
                    "name": one.names[0] if len(one.names) == 1 else max(one.names, key=len),
                    "year": one.birth,
                    "own": born.value,
                    "years": years,
                }


def circle(rule: Rule, kin: Kin, _births: Sequence[PartialDate]) -> Parts:
    """One relative above and below at once."""
    above = [one for one in kin.relatives if one.relation in rule["up"]]
    below = [one for one in kin.relatives if one.relation in rule["down"]]
    for one in above:
        for other in below:
            same = set(one.names) & set(other.names)
            if same and one.birth == other.birth and one.birth:
                yield {"name": max(same, key=len), "one": one.relation, "other": other.relation}


def mutual(_rule: Rule, kin: Kin, _births: Sequence[PartialDate]) -> Parts:
    """Whom he names as his elder names him as theirs."""
    for name, relation in kin.elders_of:
        yield {"name": name, "relation": relation}
