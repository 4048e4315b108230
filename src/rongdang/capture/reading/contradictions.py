"""三龄两历一身份: values that cannot both be true, by rules an archivist can read and change.

The rules are `data/contradictions.json`; here is only how each kind of rule is applied. A partial
date contradicts only when no day it may mean would fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from rongdang.base.vocab.dates import PartialDate, iso_partial, parse_date
from rongdang.base.vocab.ids import parse_id
from rongdang.capture.reading.values import Contradiction
from rongdang.capture.reading.words import rows

FORMED = "材料形成时间"  # key of `said` for the page's own date, where there is one
Said = Mapping[str, Sequence[str]]
Rule = Mapping[str, Any]


def contradictions(said: Said) -> Iterable[Contradiction]:
    """All contradictions among the values of each field, in the order of the rules."""
    for rule in rows("contradictions"):
        yield from KINDS[rule["kind"]](rule, said)


def _tell(rule: Rule, fields: Sequence[str] | None = None, **parts: object) -> Contradiction:
    return Contradiction(
        rule["severity"],
        rule["zh"].format(**parts),
        rule["en"].format(**parts),
        tuple(fields or rule["fields"]),
        rule["clause"],
    )


def _dates(said: Said, field: str) -> list[PartialDate]:
    found = (parse_date(value) for value in said.get(field, ()) if iso_partial(value) or value)
    return [one for one in found if one]


def _pairs(rule: Rule, said: Said) -> Iterator[tuple[PartialDate, PartialDate]]:
    first, second = rule["fields"]
    for one in _dates(said, first):
        for other in _dates(said, second):
            yield one, other


def _several(rule: Rule, said: Said) -> Iterator[Contradiction]:
    values = list(dict.fromkeys(said.get(rule["fields"][0], ())))
    distinct = [
        value
        for value in values
        if not any(other != value and other.startswith(value) for other in values)
    ]
    if len(distinct) > 1:
        yield _tell(rule, values="、".join(sorted(distinct)))


def _years(rule: Rule, said: Said) -> Iterator[Contradiction]:
    for first, second in _pairs(rule, said):
        most = _between(first.earliest, second.latest)
        least = _between(first.latest, second.earliest)
        if most < 0:
            continue  # the order is wrong; that is another rule's word
        if most < rule["least"] or least > rule["most"]:
            years = most if most < rule["least"] else least
            yield _tell(rule, years=years, first=first.value, second=second.value)


def _between(start: date, end: date) -> int:
    """Full years, as an age is counted."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def _order(rule: Rule, said: Said) -> Iterator[Contradiction]:
    for first, second in _pairs(rule, said):
        if second.latest < first.earliest:
            yield _tell(rule, first=first.value, second=second.value)


def _outside(rule: Rule, said: Said) -> Iterator[Contradiction]:
    spans = [(date.fromisoformat(start), date.fromisoformat(end)) for start, end in rule["spans"]]
    for one in _dates(said, rule["fields"][0]):
        if all(one.latest < start or one.earliest > end for start, end in spans):
            yield _tell(rule, value=one.value)


def _after(rule: Rule, said: Said) -> Iterator[Contradiction]:
    word, when = rule["fields"]
    limit = date.fromisoformat(rule["limit"])
    if rule["value"] not in said.get(word, ()):
        return
    for one in _dates(said, when):
        if one.earliest > limit:
            yield _tell(rule, second=one.value)


def _id_birth(rule: Rule, said: Said) -> Iterator[Contradiction]:
    for number, born in ((n, d) for n in _ids(said) for d in _dates(said, rule["fields"][1])):
        if number.birth and not born.earliest <= date.fromisoformat(number.birth) <= born.latest:
            yield _tell(rule, id=number.birth, value=born.value)


def _id_sex(rule: Rule, said: Said) -> Iterator[Contradiction]:
    for number in _ids(said):
        for value in said.get(rule["fields"][1], ()):
            if value[:1] in ("男", "女") and value[:1] != number.sex:
                yield _tell(rule, id=number.sex, value=value)


def _id_check(rule: Rule, said: Said) -> Iterator[Contradiction]:
    for value in said.get(rule["fields"][0], ()):
        parsed = parse_id(value)
        if parsed is None or not parsed.valid:
            yield _tell(rule, value=value)


def _ids(said: Said) -> list[Any]:
    found = (parse_id(value) for value in said.get("公民身份号码", ()))
    return [one for one in found if one and one.valid]


def _formed(rule: Rule, said: Said) -> Iterator[Contradiction]:
    for formed in _dates(said, FORMED):
        for field in rule["fields"]:
            for one in _dates(said, field):
                if one.earliest > formed.latest:
                    yield _tell(rule, [field], field=field, value=one.value, formed=formed.value)


KINDS: Mapping[str, Callable[[Rule, Said], Iterator[Contradiction]]] = {
    "several": _several,
    "years": _years,
    "order": _order,
    "outside": _outside,
    "after": _after,
    "id_birth": _id_birth,
    "id_sex": _id_sex,
    "id_check": _id_check,
    "formed": _formed,
}
