"""One value a field from all that was found in a material; values that support each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from rongdang.base.vocab.ids import parse_id
from rongdang.capture.reading import reasons
from rongdang.capture.reading.fields import Found
from rongdang.capture.reading.reasons import Reason
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.values import FieldReading, Material

TABLES = ("简历", "家庭成员")  # fields that are tables
# What does not change in a life; a second value of it is a misreading or a matter to ask about.
LIFELONG = frozenset(
    "性别 民族 籍贯 出生地 出生日期 公民身份号码 家庭出身 本人成分 参加工作日期 入伍日期 入党日期".split()
)


def settle_fields(found: Sequence[Found], formed: str | None) -> Mapping[str, FieldReading]:
    """Field name → its reading; of several the best, lowered where they differ."""
    by_name: dict[str, list[FieldReading]] = defaultdict(list)
    for one in found:
        by_name[one.entry.name].append(one.reading)
    chosen = {name: _best(name, readings) for name, readings in by_name.items()}
    _cross(chosen)
    return {name: _not_after(reading, name, formed) for name, reading in chosen.items()}


def _one_table(readings: Sequence[FieldReading]) -> FieldReading | None:
    """A table that goes on from page to page as one value, None where it stands on one page."""
    pages = [reading.page for reading in readings]
    if len(pages) < 2 or any(b - a != 1 for a, b in pairwise(pages)):
        return None
    if len({reading.value for reading in readings}) < len(readings):
        return None
    least = min(readings, key=lambda reading: reading.confidence)
    return replace(
        readings[0],
        value="；".join(reading.value for reading in readings),
        original="；".join(reading.original for reading in readings),
        confidence=round(threshold("table_carried") * least.confidence, 3),
        reason_zh=least.reason_zh,
        reason_en=least.reason_en,
    )


def _best(name: str, readings: Sequence[FieldReading]) -> FieldReading:
    whole = _one_table(readings) if name in TABLES else None
    if whole:
        return whole
    first = readings[0].page
    page, place = threshold("later_page"), threshold("later_place")
    best = max(
        enumerate(readings),
        key=lambda one: one[1].confidence - page * (one[1].page - first) - place * one[0],
    )[1]
    others = {reading.value for reading in readings if reading is not best}
    if best.value in others and best.confidence > threshold("agreed_least"):
        raised = min(threshold("agreed"), best.confidence + threshold("agreed_step"))
        return replace(best, confidence=max(best.confidence, raised))
    if others and (name in LIFELONG or name == "姓名"):  # posts and awards may well be several
        return _doubted(best, threshold("pages_differ"), reasons.DISAGREES_PAGES)
    return best


def _cross(chosen: dict[str, FieldReading]) -> None:
    """Birth and sex against the ID number, whose check digit makes it the better witness."""
    number = chosen.get("公民身份号码")
    parsed = parse_id(number.value) if number else None
    if number is None or parsed is None or not parsed.valid:
        return
    birth, sex = chosen.get("出生日期"), chosen.get("性别")
    if birth:
        chosen["出生日期"] = _told(birth, agrees=parsed.birth.startswith(birth.value))
    if sex:
        chosen["性别"] = _told(sex, agrees=sex.value == parsed.sex)


def _told(reading: FieldReading, *, agrees: bool) -> FieldReading:
    """A value the ID number tells too; one of which half was not read stays half."""
    if agrees:
        whole = reading.confidence > threshold("agreed_least")
        return _supported(reading) if whole else reading
    return _doubted(reading, threshold("id_differs"), reasons.DISAGREES_ID)


def _not_after(reading: FieldReading, name: str, formed: str | None) -> FieldReading:
    """No date on a form lies behind the day it was signed."""
    if not formed or not name.endswith("日期") or name in ("离退休日期", "移交日期"):
        return reading
    value = reading.value
    if value[:4].isdigit() and value > formed and not formed.startswith(value):
        return _doubted(reading, threshold("after_signing"), reasons.DOUBTFUL_DATE)
    return reading


def compared(materials: Sequence[Material], spelling: Mapping[str, str]) -> list[Material]:
    """Each material's values beside those of the same person's other materials.

    A name is put as most pages spell it; any other value stays as it was read, but is doubted where
    two or more materials agree on something else, or one that was read as surely says so.
    """
    said: dict[tuple[str, str], list[FieldReading]] = defaultdict(list)
    for material in materials:
        for name, reading in material.fields.items():
            said[material.person or "", name].append(reading)
    return [
        replace(
            material,
            fields={
                name: _against(name, reading, said[material.person or "", name], spelling)
                for name, reading in material.fields.items()
            },
        )
        for material in materials
    ]


def _against(
    name: str, reading: FieldReading, said: Sequence[FieldReading], spelling: Mapping[str, str]
) -> FieldReading:
    if name == "姓名":
        settled = spelling.get(reading.value, reading.value)
        if settled != reading.value:
            zh, en = reasons.BY_STACK
            sure = threshold("name_by_stack")
            return replace(reading, value=settled, confidence=sure, reason_zh=zh, reason_en=en)
        return reading
    if name not in LIFELONG:
        return reading
    times = Counter(one.value for one in said)
    against = [
        one
        for one in said
        if not one.value.startswith(reading.value) and not reading.value.startswith(one.value)
    ]
    weight = (times[reading.value], reading.confidence)
    if any((times[one.value], one.confidence) >= weight for one in against):
        return _doubted(reading, threshold("others_differ"), reasons.OTHER_MATERIALS)
    return reading


def _supported(reading: FieldReading) -> FieldReading:
    return replace(
        reading,
        confidence=max(reading.confidence, threshold("agreed")),
        reason_zh=reasons.AGREES_ID[0],
        reason_en=reasons.AGREES_ID[1],
    )


def _doubted(reading: FieldReading, factor: float, reason: Reason) -> FieldReading:
    sure = round(reading.confidence * factor, 3)
    return replace(reading, confidence=sure, reason_zh=reason[0], reason_en=reason[1])
