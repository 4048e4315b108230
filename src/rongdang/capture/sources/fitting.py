"""How well what stands in a column fits a field, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rongdang.base.vocab import fields
from rongdang.capture.sources import kinds
from rongdang.capture.sources.headings import Meaning
from rongdang.capture.sources.profiling import ColumnProfile
from rongdang.capture.sources.recipes import NAME, NUMBER, Read

ENOUGH, FEW = 0.8, 0.3
BY_CODE = {
    # code table → field, and how sure words of this table alone make it
    "sex": ("性别", 0.93),
    "ethnic": ("民族", 0.92),
    "political": ("政治面貌", 0.9),
    "education": ("文化程度", 0.87),
    "rank": ("军衔", 0.88),
    "post_grade": ("职务等级", 0.8),
    "retirement": ("军休类别", 0.85),
    "settlement": ("安置方式", 0.75),
}
BY_KIND = {kinds.ID: (NUMBER, 0.92), kinds.PHONE: ("联系电话", 0.85)}
SPECIFIC = (kinds.ID, kinds.PHONE, "code")  # content that proves a doubtful heading


@dataclass(frozen=True, slots=True)
class Fit:
    """A field for a column; `named`: the heading says it too."""

    field: str
    sure: float
    zh: str
    en: str
    read: Read = ""
    named: bool = True


def fitted(meaning: Meaning, column: ColumnProfile) -> Fit:
    """What the heading means, weighed by what stands below it."""
    kind, share = _expected(meaning.field, column)
    read: Read = ""
    if kind == kinds.DATE and share < ENOUGH:
        read, turned = _turned(column)
        share = max(share, turned)
    if not kind:
        loose = _loose(meaning.field, column)
        zh, en = ("", "") if loose >= 1 else ("内容不像", "its content does not look like it")
        return Fit(
            meaning.field, meaning.sure * loose, _joined(meaning.zh, zh), _en(meaning.en, en)
        )
    zh = f"{share:.0%} 是{kinds.WORDS_ZH[kinds.base(kind)]}"
    en = f"{share:.0%} are {kinds.WORDS_EN[kinds.base(kind)]}"
    if share >= ENOUGH:
        proved = share if kinds.base(kind) in SPECIFIC and not _figures_only(column) else 0
        sure = min(0.99, max(meaning.sure + 0.03, 0.92 * proved))
        if read in ("day-first", "month-first") and column.share(read) == 0:
            sure = 0.6  # nothing in it says which comes first
    elif share >= FEW:
        sure = meaning.sure * 0.85
    else:
        sure = meaning.sure * 0.4
    return Fit(meaning.field, sure, _joined(meaning.zh, zh), _en(meaning.en, en), read)


def by_content(column: ColumnProfile) -> Iterator[Fit]:
    """What the column is by its content alone."""
    if column.sex and column.distinct <= 4:
        yield _content(
            "性别", 0.95, "和身份号码里的性别一致", "agrees with the sex in the ID numbers"
        )
    if column.birth > ENOUGH:
        yield _content(
            "出生日期",
            0.95,
            f"{column.birth:.0%} 和身份号码里的出生日期一致",
            f"{column.birth:.0%} agree with the birth in the ID numbers",
        )
    for kind, share in column.kinds:
        field, sure = _of_kind(kind, column) if share >= ENOUGH else ("", 0.0)
        if fields.is_known(field):
            what = kinds.base(kind)
            zh = f"{share:.0%} 是{field if what == 'code' else kinds.WORDS_ZH[what]}"
            yield _content(field, sure * share, zh, f"{share:.0%} are {kinds.WORDS_EN[what]}")


def _of_kind(kind: str, column: ColumnProfile) -> tuple[str, float]:
    """The field whose values are of that kind, and how sure the kind alone makes it."""
    if kind.startswith(kinds.CODE):
        field, sure = BY_CODE.get(kind.removeprefix(kinds.CODE), ("", 0.0))
        return field, sure - (0.15 if column.distinct < 2 else 0.0)
    if kind == kinds.NAME and column.distinct > 0.6 * column.filled:
        return NAME, 0.75
    if kind == kinds.PLACE:
        return "现住址" if column.longest > 12 else "籍贯", 0.55
    if kind == kinds.DATE and "1895" < column.most[:4] < "1985":
        return "出生日期", 0.55
    return BY_KIND.get(kind, ("", 0.0))


def _content(field: str, sure: float, zh: str, en: str) -> Fit:
    return Fit(field, sure, zh, en, named=False)


def _expected(field: str, column: ColumnProfile) -> tuple[str, float]:
    """The kind of value the field has, and how much of the column is of it; "" for free text."""
    entry = fields.dictionary()[field]
    if field in (NAME, "曾用名"):
        return kinds.NAME, _share(kinds.NAME, column)
    if field == "联系电话":
        return kinds.PHONE, _share(kinds.PHONE, column)
    if entry.type == "date":
        return kinds.DATE, _share(kinds.DATE, column)
    if field == NUMBER:
        return kinds.ID, _share(kinds.ID, column)
    if entry.type == "code":
        return f"{kinds.CODE}{entry.table}", _coded(entry.table, column)
    return "", 0.0


def _coded(table: str, column: ColumnProfile) -> float:
    """Words of the table; of figures and letters so few that they are its codes."""
    share = _share(f"{kinds.CODE}{table}", column)
    if table == "sex" and column.sex:
        return 1.0
    signs = column.longest <= 3 and all(word.isascii() for word, _ in column.words)
    if share < ENOUGH and signs and 1 < column.distinct <= 60:
        return max(share, column.share(kinds.NUMBER), ENOUGH)
    return share


def _figures_only(column: ColumnProfile) -> bool:
    """Codes in figures or letters: any table may have them, unless ID numbers prove the sex."""
    return column.longest <= 3 and column.share(kinds.NUMBER) > 0.5 and not column.sex


def _share(kind: str, column: ColumnProfile) -> float:
    """Share of the kind among cells that say something."""
    said = 1 - column.share(kinds.NOTHING)
    return min(1.0, column.share(kind) / said) if said > 0.02 else 0.0


def _loose(field: str, column: ColumnProfile) -> float:
    """For fields of free text: what it surely is not."""
    if fields.dictionary()[field].type == "place" and column.share(kinds.PLACE) > 0.6:
        return 1.2
    for kind in (kinds.ID, kinds.PHONE, kinds.ACCOUNT):
        if column.share(kind) > 0.5:
            return 0.3
    paid = field in ("工资额", "工资级别", "享受待遇")
    if not paid and column.share(kinds.NUMBER) > 0.9:
        return 0.6
    if column.share(kinds.DATE) > 0.9 and not paid:
        return 0.4
    return 1.0


def _turned(column: ColumnProfile) -> tuple[Read, float]:
    """Dates with the year last, or days counted by a spreadsheet."""
    first, second = column.share(kinds.DAY_FIRST), column.share(kinds.MONTH_FIRST)
    either = column.share(kinds.EITHER_FIRST)
    if first + second + either > 0.5:
        read: Read = "month-first" if second > first else "day-first"
        return read, max(first, second) + either
    counted = column.share(kinds.NUMBER)
    if counted >= ENOUGH and 4 <= column.shortest <= column.longest == 5:
        return "serial-1900", counted
    return "", 0.0


def _joined(one: str, other: str) -> str:
    return "；".join(part for part in (one, other) if part)


def _en(one: str, other: str) -> str:
    return "; ".join(part for part in (one, other) if part)
