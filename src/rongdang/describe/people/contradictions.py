"""三龄两历一身份: values that cannot both be true, by rules an archivist can read and change.

The rules are `data/contradictions.json`; here is only how each kind of rule is applied. A partial
date contradicts only when no day it may mean would fit.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from rongdang.base.vocab.agreeing import agree
from rongdang.base.vocab.dates import PartialDate, iso_partial, parse_date
from rongdang.base.vocab.ids import IdNumber, parse_id
from rongdang.describe.people import kin_rules
from rongdang.describe.people.kin_rules import Kin

FILE = Path(__file__).parent / "data" / "contradictions.json"
FORMED = "材料形成时间"  # key of what is said for the page's own date, where there is one
Said = Mapping[str, Sequence[str]]
Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Values that cannot both be true, or that a careful clerk would ask about."""

    severity: str  # "wrong" or "ask"
    zh: str
    en: str
    fields: tuple[str, ...]
    clause: str = ""
    code: str = ""  # name of the rule


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules look at of one person."""

    said: Said  # field → every value said of it
    groups: Sequence[Said] = ()  # what one material, or one row, says by itself
    classes: frozenset[str] | None = None  # the ten classes that hold materials; None = not known
    numbers_elsewhere: frozenset[str] = frozenset()  # ID numbers said that are another's too
    kin: Kin = field(default_factory=Kin)  # relatives named, and who names him
    today: date | None = None


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(json.loads(FILE.read_text(encoding="utf-8"))["rows"])


def contradictions(known: Known | Said) -> Iterable[Contradiction]:
    """All contradictions among the values of each field, in the order of the rules, each once."""
    if not isinstance(known, Known):
        known = Known(known, (known,))
    apart, together = _rules_by_reach()
    told: dict[Contradiction, None] = {}
    for rule, needed, apply in apart:
        if needed <= known.said.keys():
            told |= dict.fromkeys(apply(rule, known.said, known))
    for rule, needed, apply in together:
        for said in known.groups:
            if needed <= said.keys():
                told |= dict.fromkeys(apply(rule, said, known))
    return list(told)


Applied = tuple[Rule, frozenset[str], Callable[[Rule, Said, "Known"], Iterator[Contradiction]]]


@cache
def _rules_by_reach() -> tuple[tuple[Applied, ...], tuple[Applied, ...]]:
    """Rules over all that is said, and rules over what one material or row says; each with the
    fields without which it has nothing to say.
    """
    applied = [
        (bool(rule.get("together")), (rule, _needed(rule), KINDS[rule["kind"]])) for rule in rules()
    ]
    return (
        tuple(one for together, one in applied if not together),
        tuple(one for together, one in applied if together),
    )


def _needed(rule: Rule) -> frozenset[str]:
    if rule["kind"] == "formed":
        return frozenset({FORMED})
    return frozenset(rule["fields"][:1] if rule["kind"].startswith("kin_") else rule["fields"])


def _tell(rule: Rule, fields: Sequence[str] | None = None, **parts: object) -> Contradiction:
    return Contradiction(
        rule["severity"],
        rule["zh"].format(**parts),
        rule["en"].format(**parts),
        tuple(fields or rule["fields"]),
        rule["clause"],
        rule["id"],
    )


def _dates(said: Said, name: str) -> list[PartialDate]:
    return [one for value in said.get(name, ()) if (one := _date(value))]


@lru_cache(maxsize=16384)
def _date(value: str) -> PartialDate | None:
    return parse_date(value) if value and (iso_partial(value) or len(value) > 1) else None


def _pairs(rule: Rule, said: Said) -> Iterator[tuple[PartialDate, PartialDate]]:
    first, second = rule["fields"]
    if first not in said or second not in said:
        return
    others = _dates(said, second)
    for one in _dates(said, first):
        for other in others:
            yield one, other


def _several(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    name = rule["fields"][0]
    if len(said[name]) < 2:
        return
    values = list(dict.fromkeys(value for value in said[name] if value))
    at_odds = [value for value in values if any(not agree(name, value, other) for other in values)]
    if at_odds:
        yield _tell(rule, values="、".join(sorted(at_odds)))


def _years(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    for first, second in _pairs(rule, said):
        most = years_between(first.earliest, second.latest)
        least = years_between(first.latest, second.earliest)
        if most < 0:
            continue  # the order is wrong; that is another rule's word
        if most < rule["least"] or least > rule["most"]:
            years = most if most < rule["least"] else least
            yield _tell(rule, years=years, first=first.value, second=second.value)


def years_between(start: date, end: date) -> int:
    """Full years, as an age is counted."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def _order(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    for first, second in _pairs(rule, said):
        if second.latest < first.earliest:
            yield _tell(rule, first=first.value, second=second.value)


def _spans(rule: Rule) -> list[tuple[date, date]]:
    return [(date.fromisoformat(start), date.fromisoformat(end)) for start, end in rule["spans"]]


def _outside(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    for one in _dates(said, rule["fields"][0]):
        if all(one.latest < start or one.earliest > end for start, end in _spans(rule)):
            yield _tell(rule, value=one.value)


def _word_outside(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    name, when = rule["fields"]
    words = [w for w in rule["words"] if any(value.endswith(w) for value in said.get(name, ()))]
    for one in _dates(said, when) if words else ():
        if all(one.latest < start or one.earliest > end for start, end in _spans(rule)):
            yield _tell(rule, word=words[0], value=one.value)


def _grade_rank(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    """Only of a paper or row that is surely of the time since the table of grades and ranks."""
    grade, rank = rule["fields"]
    since = date.fromisoformat(rule["since"])
    days = _dates(said, FORMED) or _dates(said, "授衔日期")
    if not days or any(day.earliest < since for day in days):
        return
    for value in said.get(grade, ()):
        usual = rule["pairs"].get(value.removesuffix("级").removesuffix("职"))
        for held in said.get(rank, ()) if usual else ():
            officer = any(held.endswith(one) for ranks in rule["pairs"].values() for one in ranks)
            if officer and not held.endswith(tuple(usual)):
                yield _tell(rule, first=value, second=held, usual="、".join(usual))


def _after(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    word, when = rule["fields"]
    limit = date.fromisoformat(rule["limit"])
    if rule["value"] not in said.get(word, ()):
        return
    for one in _dates(said, when):
        if one.earliest > limit:
            yield _tell(rule, second=one.value)


def _age_now(rule: Rule, said: Said, known: Known) -> Iterator[Contradiction]:
    today = known.today or dt.datetime.now(dt.UTC).date()
    if said.get("去世日期"):
        return
    for one in _dates(said, rule["fields"][0]):
        years = years_between(one.latest, today)
        if years > rule["most"]:
            yield _tell(rule, value=one.value, years=years)


def _unproved(rule: Rule, said: Said, known: Known) -> Iterator[Contradiction]:
    values = [one for one in said.get(rule["fields"][0], ()) if one.strip() not in _NOTHING]
    if values and known.classes is not None and rule["category"] not in known.classes:
        yield _tell(rule, value=values[0][:40])


_NOTHING = ("", "无", "没有", "未受", "从未", "-", "/")


def _id_birth(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    for number, born in ((n, d) for n in _ids(said) for d in _dates(said, rule["fields"][1])):
        if number.birth and not born.earliest <= date.fromisoformat(number.birth) <= born.latest:
            yield _tell(rule, id=number.birth, value=born.value)


def _id_sex(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    for number in _ids(said):
        for value in said.get(rule["fields"][1], ()):
            if value[:1] in ("男", "女") and value[:1] != number.sex:
                yield _tell(rule, id=number.sex, value=value)


def _id_check(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    for value in said.get(rule["fields"][0], ()):
        parsed = _number(value)
        if parsed is None or not parsed.valid:
            yield _tell(rule, value=value)


def _elsewhere(rule: Rule, said: Said, known: Known) -> Iterator[Contradiction]:
    if known.numbers_elsewhere:
        yield _tell(rule)


def _ids(said: Said) -> list[IdNumber]:
    found = (_number(value) for value in said.get("公民身份号码", ()))
    return [one for one in found if one and one.valid]


@lru_cache(maxsize=64)
def _number(value: str) -> IdNumber | None:
    """Several rules ask for the same number one after another."""
    return parse_id(value)


def _formed(rule: Rule, said: Said, _known: Known) -> Iterator[Contradiction]:
    for formed in _dates(said, FORMED):
        for name in rule["fields"]:
            for one in _dates(said, name):
                if one.earliest > formed.latest:
                    yield _tell(rule, [name], field=name, value=one.value, formed=formed.value)


def _kin(
    check: Callable[[Rule, Kin, list[PartialDate]], Iterator[dict[str, object]]],
) -> Callable[[Rule, Said, Known], Iterator[Contradiction]]:
    def applied(rule: Rule, said: Said, known: Known) -> Iterator[Contradiction]:
        for parts in check(rule, known.kin, _dates(said, "出生日期")):
            yield _tell(rule, None, **parts)

    return applied


KINDS: Mapping[str, Callable[[Rule, Said, Known], Iterator[Contradiction]]] = {
    "several": _several,
    "years": _years,
    "order": _order,
    "outside": _outside,
    "word_outside": _word_outside,
    "grade_rank": _grade_rank,
    "after": _after,
    "age_now": _age_now,
    "unproved": _unproved,
    "id_birth": _id_birth,
    "id_sex": _id_sex,
    "id_check": _id_check,
    "elsewhere": _elsewhere,
    "formed": _formed,
    "kin_self": _kin(kin_rules.himself),
    "kin_age": _kin(kin_rules.age),
    "kin_circle": _kin(kin_rules.circle),
    "kin_mutual": _kin(kin_rules.mutual),
}
