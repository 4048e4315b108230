"""A recipe proposed for a table: by the headings of its columns and by what stands in them.

High confidence (0.9 and more) is given only where heading and content agree, or content proves itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rongdang.capture.sources import headings, kinds
from rongdang.capture.sources.fitting import Fit, by_content, fitted
from rongdang.capture.sources.meanings import meant
from rongdang.capture.sources.port import TableInfo
from rongdang.capture.sources.profiling import ColumnProfile, Profile
from rongdang.capture.sources.recipes import (
    INSIDE,
    KIN_FIELD,
    NAME,
    NUMBER,
    OUTSIDE,
    Kin,
    PassOver,
    Recipe,
    Take,
)
from rongdang.capture.sources.rules import words

LEAST, HIGH = 0.5, 0.9
SEVERAL = ("联系电话", "奖励", "处分")  # fields two columns may both speak of
ALONE = 0.98  # share of different values in a column that tells rows apart
FORMER = "曾用名"


@dataclass(frozen=True, slots=True)
class Guess:
    """What is proposed for one column: a field, a relative's column, or to leave it; and why."""

    column: str
    field: str  # "" = leave it
    sure: float
    zh: str
    en: str
    take: Take | None = None


def propose(table: TableInfo, profile: Profile) -> Recipe:
    """The recipe proposed; what stays below `LEAST` is left for a person to decide."""
    return recipe_of(guesses(profile), profile)


def guesses(profile: Profile) -> list[Guess]:
    """One guess for each column, in their order."""
    columns = profile.columns
    decided: dict[str, Guess] = {}
    for guess in (*_dates_in_parts(columns), *_kin_columns(columns)):
        decided[guess.column] = guess
    candidates = [
        (fit, column) for column in columns if column.name not in decided for fit in _fits(column)
    ]
    given = {guess.field for guess in decided.values() if guess.take}
    for fit, column in sorted(candidates, key=lambda pair: -pair[0].sure):
        if column.name in decided or fit.sure < LEAST:
            continue
        if fit.field in given and (fit.field not in SEVERAL or not fit.named):
            continue
        given.add(fit.field)
        decided[column.name] = _guess(fit, column)
    _dates_by_order(columns, decided, given)
    return [decided.get(column.name) or _left(column, given) for column in columns]


def recipe_of(found: Sequence[Guess], profile: Profile) -> Recipe:
    """The recipe that the guesses together make."""
    takes: dict[str, Take] = {}
    for guess in found:
        if guess.take is None:
            continue
        held = takes.get(guess.field)
        if held and held.columns != guess.take.columns:
            columns = (*held.columns, *guess.take.columns)
            takes[guess.field] = replace(held, columns=columns, join="；")
        else:
            takes[guess.field] = guess.take
    takes = _split_names(takes, profile)
    kin = _kin(found, profile)
    recipe = Recipe(
        profile.table,
        _key(profile, takes, kin),
        tuple(takes.values()),
        kin=kin,
        pass_over=tuple(_totals(profile)),
        nothing=words("nothing"),
    )
    used = set(recipe.columns())
    return replace(recipe, leave=tuple(c.name for c in profile.columns if c.name not in used))


def _fits(column: ColumnProfile) -> Iterator[Fit]:
    """What the column may be: by heading where it says something, else by content."""
    if not column.filled:
        return
    if headings.starts(column.name, "other") and not headings.meanings(column.name):
        return
    named = [fitted(meaning, column) for meaning in headings.meanings(column.name)]
    if headings.starts(column.name, "other"):
        named = [fit for fit in named if fit.sure >= HIGH]
    yield from named
    if not named or max(fit.sure for fit in named) < LEAST:
        silent = headings.is_none(column.name)
        for fit in by_content(column):
            yield fit if silent else replace(fit, sure=min(fit.sure, 0.85) - 0.1)


def _guess(fit: Fit, column: ColumnProfile) -> Guess:
    values, zh, en, sure = meant(fit.field, column)
    take = Take(fit.field, (column.name,), read=fit.read, values=values)
    told_zh = "；".join(part for part in (fit.zh, zh) if part)
    told_en = "; ".join(part for part in (fit.en, en) if part)
    return Guess(column.name, fit.field, min(fit.sure, sure), told_zh, told_en, take)


def _left(column: ColumnProfile, given: set[str]) -> Guess:
    if not column.filled:
        return Guess(column.name, "", 0.95, "整列是空的", "the whole column is empty")
    if headings.is_any(column.name, "row-number") or headings.is_any(column.name, "person-number"):
        return Guess(column.name, "", 0.9, "是编号，不是人员资料", "a number of the table, no fact")
    named = headings.meanings(column.name)
    if named and named[0].field in given:
        field = named[0].field
        return Guess(
            column.name,
            "",
            0.5,
            f"像{field}，但已由别的列给出",
            f"looks like {field}, which another column gives",
        )
    return Guess(column.name, "", 0.5, "没有认出是什么", "not recognised")


def _dates_in_parts(columns: Sequence[ColumnProfile]) -> Iterator[Guess]:
    """出生年、出生月、出生日: three columns, one date."""
    parts: dict[str, dict[str, str]] = {}
    for column in columns:
        field, part = headings.stem_of_date_part(column.name)
        if field and column.share(kinds.NUMBER) > 0.8:
            parts.setdefault(field, {}).setdefault(part, column.name)
    for field, named in parts.items():
        if "年" in named and "月" in named:
            together = tuple(named[part] for part in headings.PARTS_OF_DATE if part in named)
            take = Take(field, together, join=".")
            zh, en = f"{len(together)} 列合成{field}", f"{len(together)} columns make one date"
            yield from (Guess(name, field, 0.93, zh, en, take) for name in together)


def _kin_columns(columns: Sequence[ColumnProfile]) -> Iterator[Guess]:
    """配偶姓名 with 配偶工作单位: columns of one relative; and tables of one relative a row."""
    relation = _relation_column(columns)
    if relation:
        for column in columns:
            if column is relation or headings.is_any(column.name, "kin-name"):
                zh, en = "每行是一位家属", "each row is a relative"
                yield Guess(column.name, KIN_FIELD, 0.9, zh, en)
    for who, group in _groups(columns).items():
        if len(group) > 1 and _one_kin(who, group):
            zh, en = f"说的是{who}，不是本人", f"speaks of a relative ({who})"
            yield from (Guess(column.name, KIN_FIELD, 0.9, zh, en) for column in group)


def _groups(columns: Sequence[ColumnProfile]) -> dict[str, list[ColumnProfile]]:
    """Word for a relative → the filled columns whose headings begin with it."""
    groups: dict[str, list[ColumnProfile]] = {}
    for column in columns:
        who = headings.starts(column.name, "kin") or headings.starts(column.name, "kin-pinyin")
        if who and column.filled:
            groups.setdefault(who, []).append(column)
    return groups


def _relation_column(columns: Sequence[ColumnProfile]) -> ColumnProfile | None:
    """The column of a table with one relative a row that says which."""
    if not any(headings.is_any(column.name, "kin-name") for column in columns):
        return None
    return next((c for c in columns if headings.is_any(c.name, "relation")), None)


def _kin(found: Sequence[Guess], profile: Profile) -> tuple[Kin, ...]:
    kin_guesses = [guess for guess in found if guess.field == KIN_FIELD and not guess.take]
    columns = [profile.column(guess.column) for guess in kin_guesses]
    relation = _relation_column(columns)
    if relation:
        name = next(c.name for c in columns if headings.is_any(c.name, "kin-name"))
        return (Kin("", name, relation.name),)
    made = (_one_kin(who, group) for who, group in _groups(columns).items())
    return tuple(kin for kin in made if kin)


def _one_kin(who: str, group: list[ColumnProfile]) -> Kin | None:
    name = next((c.name for c in group if c.share(kinds.NAME) > 0.5), "")
    if not name:
        return None
    birth = next((c.name for c in group if c.share(kinds.DATE) > 0.5), "")
    more = tuple(
        c.name
        for c in group
        if c.name not in (name, birth) and not c.share(kinds.ID) and not c.share(kinds.PHONE)
    )
    relation = who if "\u4e00" <= who[:1] <= "\u9fff" else "配偶"
    return Kin(relation.rstrip("0123456789一二三"), name, birth_column=birth, more=more)


def _dates_by_order(
    columns: Sequence[ColumnProfile], decided: dict[str, Guess], given: set[str]
) -> None:
    """Dates under no heading, by the years between them and the birth: a guess, never a sure one."""
    birth = next((g.column for g in decided.values() if g.field == "出生日期"), "")
    start = next((c.least for c in columns if c.name == birth), "")[:4]
    if not start.isdigit():
        return
    for column in columns:
        if column.name in decided or not headings.is_none(column.name):
            continue
        if column.share(kinds.DATE) < HIGH or not column.least[:4].isdigit():
            continue
        years = int(column.least[:4]) - int(start)
        field = next(
            (name for name, low, high in ORDER if low <= years <= high and name not in given), ""
        )
        if field:
            given.add(field)
            zh, en = f"比出生晚 {years} 年上下，像{field}", f"about {years} years after birth"
            take = Take(field, (column.name,))
            decided[column.name] = Guess(column.name, field, 0.55, zh, en, take)


ORDER = (
    ("入伍日期", 13, 24),
    ("参加工作日期", 13, 24),
    ("入党日期", 16, 34),
    ("离退休日期", 38, 66),
)


def _split_names(takes: dict[str, Take], profile: Profile) -> dict[str, Take]:
    """姓名 whose brackets hold the former name: one column, two fields."""
    name = takes.get(NAME)
    if not name or profile.column(name.columns[0]).share(kinds.BRACKETED) == 0:
        return takes
    split = {**takes, NAME: replace(name, part=OUTSIDE)}
    if FORMER not in takes:
        split[FORMER] = Take(FORMER, name.columns, part=INSIDE)
    return split


def _totals(profile: Profile) -> Iterator[PassOver]:
    seen = dict.fromkeys(o.column for o in profile.oddities if o.code == "totals-row")
    yield from (PassOver(name, words("total")) for name in seen if name)


def _key(profile: Profile, takes: dict[str, Take], kin: tuple[Kin, ...]) -> tuple[str, ...]:
    """Columns that tell the rows apart: the table's own number of a person, an ID number, or a few."""
    for column in profile.columns:
        if headings.is_any(column.name, "person-number") and _tells_apart(column, profile.rows):
            return (column.name,)
    number = takes.get(NUMBER)
    if (
        number
        and not kin_rows(kin)
        and _tells_apart(profile.column(number.columns[0]), profile.rows)
    ):
        return number.columns[:1]
    names = [takes[field].columns[0] for field in (NUMBER, NAME, "出生日期") if field in takes]
    names += [column for one in kin if one.relation_column for column in one.columns]
    return tuple(dict.fromkeys(names)) or tuple(c.name for c in profile.columns[:1])


def kin_rows(kin: tuple[Kin, ...]) -> bool:
    return any(one.relation_column for one in kin)


def _tells_apart(column: ColumnProfile, rows: int) -> bool:
    if not rows or column.filled < ALONE * rows:
        return False
    return column.distinct >= (ALONE if column.exact else 0.93) * column.filled
