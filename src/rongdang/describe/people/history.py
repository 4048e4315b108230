"""The story of a record: what was known on a day, and what was so on a day, with every source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rongdang.base.vocab.dates import PartialDate, parse_date
from rongdang.describe.conflicts.finding import in_force
from rongdang.describe.conflicts.models import Ruling, RulingState
from rongdang.describe.people import projection
from rongdang.describe.people.claims import Claim
from rongdang.describe.people.projection import Rule, Rules


@dataclass(frozen=True, slots=True)
class FieldStory:
    """One field: what held at the moment asked for, and all that is or was said of it, oldest first."""

    field: str
    rule: Rule
    held: Claim | None
    claims: Sequence[Claim]
    rulings: Sequence[Ruling]


def stories(
    claims: Iterable[Claim],
    rulings: Iterable[Ruling],
    rules: Rules,
    *,
    known_at: dt.datetime,
    valid_on: dt.date | None = None,
) -> list[FieldStory]:
    """Every field as known at a moment; of what changes, as it was on a day, where a source has one.

    `claims` and `rulings` are all there ever were, `rules` those of that moment. In the order of
    the dictionary.
    """
    every, decisions = list(claims), list(rulings)
    known = [one for one in every if one.known_at(known_at)]
    counted = [one for one in known if valid_on is None or _was_so(one, rules, valid_on)]
    ruled = in_force(
        {one.field: one for one in decisions if held_at(one, known_at)}, counted, rules
    )
    held = projection.governing(counted, rules, ruled)
    said = projection.by_field(every)
    order = {name: place for place, name in enumerate(rules)}
    return [
        FieldStory(
            name,
            projection.rule_of(rules, name),
            held.get(name),
            sorted(said[name], key=lambda one: (one.recorded_at, one.id)),
            [one for one in decisions if one.field == name],
        )
        for name in sorted(said, key=lambda name: order.get(name, len(order)))
    ]


def held_at(ruling: Ruling, moment: dt.datetime) -> bool:
    """Was the decision in force? One that waits, or was refused, never was."""
    if ruling.state not in (RulingState.HOLDS, RulingState.REPLACED):
        return False
    since = ruling.agreed_at or ruling.decided_at
    return since <= moment and (ruling.ended_at is None or ruling.ended_at > moment)


def _was_so(claim: Claim, rules: Rules, day: dt.date) -> bool:
    """Of what lasts for life, always; of what changes, from the day its source was made."""
    if projection.rule_of(rules, claim.field).nature == "life":
        return True
    if claim.origin == "row":
        return claim.recorded_at.date() <= day
    formed: PartialDate | None = parse_date(claim.formed) if claim.formed else None
    return formed is not None and formed.earliest <= day
