"""Which of several claims holds, and where they disagree: rules as data (`data/projection.json`).

Pure: the same claims in any order give the same answer. What a rule may be made of:

    earliest  the source formed first          latest     the one formed last
    titled    a material with a word of the rule in its title
    order     page, then declaration, then row of a source     row first   the other way round
    surest    as written beside certain        valid      an ID number whose check digit fits

Compared from left to right; at the end the claim recorded first ("earliest") or last decides.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from rongdang.base.vocab import ids
from rongdang.base.vocab.agreeing import agree as values_agree
from rongdang.base.vocab.agreeing import more_precise, span_of
from rongdang.base.vocab.fields import dictionary
from rongdang.describe.people.claims import Claim

Nature = Literal["life", "changing", "collected"]
FILE = Path(__file__).parent / "data" / "projection.json"
UNDATED = 99999999


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field is decided: criteria from left to right, in words, and where that comes from."""

    field: str
    nature: Nature
    by: tuple[str, ...]
    severity: str  # of a disagreement: wrong, ask
    zh: str
    en: str
    clause: str
    titles: tuple[str, ...] = ()
    of_unit: str = ""  # path of the unit whose own rule it is


Rules = Mapping[str, Rule]  # name in the dictionary → rule; complete


@cache
def standard() -> Rules:
    """The rule of every field of the dictionary, as the data file has it."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["rows"]
    named = {name: row for row in rows for name in row["fields"]}
    return {name: _rule(name, named.get(name, named["*"])) for name in dictionary()}


def _rule(name: str, row: Mapping[str, Any]) -> Rule:
    told = {key: row[key] for key in ("nature", "severity", "zh", "en", "clause")}
    return Rule(field=name, by=tuple(row["by"]), titles=tuple(row.get("titles", ())), **told)


def rule_of(rules: Rules, field: str) -> Rule:
    """Of a field that the dictionary no longer has, as of any other."""
    return rules.get(field) or _rule(field, {**_ANY, "by": ("latest", "order", "surest")})


_ANY = {"nature": "changing", "severity": "ask", "zh": "", "en": "", "clause": ""}


def by_field(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    """Only what somebody answers for."""
    found: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.confirmed:
            found[claim.field].append(claim)
    return found


def governing(
    claims: Iterable[Claim], rules: Rules, ruled: Mapping[str, str] | None = None
) -> dict[str, Claim]:
    """Field → the claim that holds; `ruled`: field → the value somebody decided on, if a claim says it."""
    decided = ruled or {}
    return {
        field: held_among(said, rule_of(rules, field), decided.get(field, ""))
        for field, said in by_field(claims).items()
    }


def held_among(said: Sequence[Claim], rule: Rule, ruled: str = "") -> Claim:
    """The one of these claims of a field that holds; there is at least one."""
    if len(said) == 1:
        return said[0]
    ranked = sorted(said, key=lambda claim: rank(claim, rule))
    if ruled:
        exact = next((claim for claim in ranked if claim.value == ruled), None)
        if exact is not None:
            return exact
    held = ranked[0]
    while True:  # what agrees and says more holds instead
        finer = (c for c in ranked if agree(c, held) and more_precise(c.field, c.value, held.value))
        better = next(finer, None)
        if better is None:
            return held
        held = better


def agree(one: Claim, other: Claim) -> bool:
    """Do the two leave room for one truth? About and doubtful dates by what they may mean."""
    if one.value == other.value:
        return True
    if one.certainty == other.certainty == "sure":
        return values_agree(one.field, one.value, other.value)
    first = span_of(one.value, one.original, one.certainty)
    second = span_of(other.value, other.original, other.certainty)
    if first and second:
        return first[0] <= second[1] and second[0] <= first[1]
    return values_agree(one.field, one.value, other.value)


def rank(claim: Claim, rule: Rule) -> tuple[object, ...]:
    """The smaller, the sooner it holds; no two claims have the same."""
    first = "earliest" in rule.by
    at = claim.recorded_at.timestamp()
    return (
        *(CRITERIA[name](claim, rule) for name in rule.by),
        at if first else -at,
        claim.id,
    )


def _latest(claim: Claim, _rule: Rule) -> int:
    if claim.origin == "row":  # a table says what is so on the day it is read
        return -int(claim.recorded_at.strftime("%Y%m%d"))
    return -_day(claim.formed)


def _earliest(claim: Claim, _rule: Rule) -> int:
    return _day(claim.formed) or UNDATED


@lru_cache(maxsize=8192)
def _day(formed: str) -> int:
    """1953-07 → 19530700; 0 where there is none."""
    digits = formed.replace("-", "")[:8]
    return int(f"{digits:0<8}") if digits.isdecimal() else 0


@lru_cache(maxsize=4096)
def _is_valid(value: str) -> bool:
    number = ids.parse_id(value)
    return number is not None and number.valid


_ORDER = {"page": 0, "declared": 1, "row": 2}
_SURE = {"sure": 0, "approximate": 1, "doubtful": 2}
CRITERIA: Mapping[str, Callable[[Claim, Rule], int]] = {
    "earliest": _earliest,
    "latest": _latest,
    "titled": lambda claim, rule: int(
        claim.origin != "page" or not any(word in claim.title for word in rule.titles)
    ),
    "order": lambda claim, _rule: _ORDER[claim.origin],
    "row first": lambda claim, _rule: -_ORDER[claim.origin],
    "surest": lambda claim, _rule: _SURE.get(claim.certainty, 1),
    "valid": lambda claim, _rule: int(not _is_valid(claim.value)),
}


def conflicts(claims: Iterable[Claim], rules: Rules) -> dict[str, list[Claim]]:
    """Field → its claims, best first, where two of them cannot both be true; others are not in it."""
    found = {}
    for field, said in by_field(claims).items():
        rule = rule_of(rules, field)
        if rule.nature != "collected" and disagree(said, rule):
            found[field] = sorted(said, key=lambda claim: rank(claim, rule))
    return found


def disagree(said: Sequence[Claim], rule: Rule) -> bool:
    """Is there a pair that cannot both be true? Of what changes, only at one time."""
    if len(said) < 2 or len({claim.value for claim in said}) == 1:
        return False
    return any(
        not agree(one, other) and (rule.nature == "life" or _same_time(one, other))
        for n, one in enumerate(said)
        for other in said[:n]
    )


def _same_time(one: Claim, other: Claim) -> bool:
    """Rows of sources all say what is so now; of papers, those formed on one day."""
    if one.origin == other.origin == "row":
        return one.key != other.key
    return bool(one.formed) and one.formed == other.formed and one.origin == other.origin
