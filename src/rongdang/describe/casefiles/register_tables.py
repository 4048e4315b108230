"""A unit's register as a table (CSV as spreadsheets save it): columns known by name, faults by line.

One line a person, or one line a material: a line without a name goes on with the person above it.
Columns are the fields of the dictionary under any label forms give them, the place of the paper
(库房 架 层 盒), and of a material 类号 材料名称 形成时间 页数 备注.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rongdang.base.errors import DomainError
from rongdang.base.vocab import categories, dates, fields, names, titles
from rongdang.base.vocab.values import settled
from rongdang.describe.casefiles.registering import RegisteredItem, RegisterRow
from rongdang.describe.casefiles.services import ItemDescription
from rongdang.describe.casefiles.spreadsheets import Line, no_register, table

NAME = "姓名"
PLACE = {"库房": 0, "架": 1, "架号": 1, "层": 2, "层号": 2, "盒": 3, "盒号": 3}
ITEM = {
    **dict.fromkeys(("材料名称", "题名", "材料题名"), "title"),
    **dict.fromkeys(("类号", "类别", "分类号"), "category"),
    **dict.fromkeys(("形成时间", "材料形成时间", "日期"), "formed"),
    **dict.fromkeys(("页数", "页"), "pages"),
    **dict.fromkeys(("备注", "附注"), "note"),
}
LONGEST_NAME = 60
NEVER_IN_NAMES = frozenset('"“”,;:|<>0123456789')  # after folding to half width
MOST_SHOWN = 5  # of the names in a refusal


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line of the file (the head is line 1), in both languages."""

    line: int
    zh: str
    en: str


@dataclass(slots=True)
class Register:
    """The people of the table, what keeps it from being taken over, and columns left aside."""

    rows: list[RegisterRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_aside: list[str] = field(default_factory=list)

    @property
    def item_count(self) -> int:
        return sum(len(row.items) for row in self.rows)

    @property
    def page_count(self) -> int:
        return sum(item.pages for row in self.rows for item in row.items)


@dataclass(slots=True)
class _Person:
    line: int
    name: str
    facts: dict[str, str]
    place: list[str]
    items: list[RegisteredItem] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        return names.normalise_name(self.name), self.facts.get("出生日期", "")


def read_register(text: str) -> Register:
    """The register in the text of a CSV file; DomainError when it is no table with names."""
    first, *lines = table(text)
    head = _head(first.cells)
    register = Register(
        left_aside=[
            cell
            for cell, column in zip(first.cells, head, strict=True)
            if column is None and cell and cell not in ("序号", "编号")
        ]
    )
    people: dict[tuple[str, str], _Person] = {}
    current: _Person | None = None
    for line in lines:
        said = _said(register, head, line)
        if not said:
            continue
        current = _person(register, people, current, said, line.number)
        if current is not None:
            _add_item(register, current, said, line.number)
    register.rows = [
        RegisterRow(one.name, one.facts, tuple(one.items), _four(one.place))
        for one in people.values()
    ]
    return register


def _four(place: Sequence[str]) -> tuple[str, str, str, str]:
    room, rack, layer, box = place
    return room, rack, layer, box


def _column(cell: str) -> str | None:
    """What a column of this name holds: a field, a place, a part of a material; None if unknown."""
    label = fields.label_core("".join(cell.split()))
    if label in PLACE or label in ITEM:
        return label
    entry = fields.of_column(label)
    return entry.name if entry else None


def _head(cells: Sequence[str]) -> list[str | None]:
    """What each column holds; DomainError when none holds names, or two the same."""
    head = [_column(cell) for cell in cells]
    if NAME not in head:
        raise no_register("第一行没有“姓名”这一列", "The first line has no column 姓名 (name)")
    meant = [PLACE.get(one, ITEM.get(one, one)) for one in head if one]
    twice = [
        cell for cell, one in zip(cells, head, strict=True) if one and _meant_twice(one, meant)
    ]
    if twice:
        named = "、".join(twice[:MOST_SHOWN])
        raise no_register(f"有几列说的是同一件事：{named}", f"Columns that mean the same: {named}")
    return head


def _meant_twice(column: str, meant: Sequence[object]) -> bool:
    return meant.count(PLACE.get(column, ITEM.get(column, column))) > 1


def _said(register: Register, head: Sequence[str | None], line: Line) -> dict[str, str]:
    """Column → what the line says in it; blanks say nothing, words beside every column are a fault."""
    if any(line.cells[len(head) :]):
        _fault(
            register,
            line.number,
            "右边有字不在任何一列里（多打了一个分隔号？）",
            "words to the right of the last column (one separator too many?)",
        )
    return {column: cell for column, cell in zip(head, line.cells, strict=False) if column and cell}


def _person(
    register: Register,
    people: dict[tuple[str, str], _Person],
    current: _Person | None,
    said: Mapping[str, str],
    number: int,
) -> _Person | None:
    """Whose line it is: that of the person above, of one met before, or of a new one."""
    if NAME not in said:
        if current is None:
            _fault(register, number, "没有姓名，上面也没有人", "no name, and nobody above it")
        return current
    if not _is_name(said[NAME]):
        _fault(
            register,
            number,
            f"姓名“{said[NAME][:20]}”不像姓名（引号不成对，或多打了分隔号？）",
            f"“{said[NAME][:20]}” is no name (an odd quotation mark or separator?)",
        )
        return None
    person = _Person(number, said[NAME], {}, ["", "", "", ""])
    person.facts = dict(_facts(register, said, number))
    for column, place in PLACE.items():
        person.place[place] = said.get(column, "")[:20] or person.place[place]
    known = people.setdefault(person.key, person)
    if known is person:
        return known
    if known is current or person.key[1]:
        _must_agree(register, known, person)
        return known
    _fault(
        register,
        number,
        f"和第 {known.line} 行同名，都没有出生日期，分不清是不是一个人",
        f"same name as line {known.line}, neither with a birth date: one person or two?",
    )
    return None


def _is_name(text: str) -> bool:
    """Letters, blanks between them and the dot of minority names; not a line that ran on."""
    if "\n" in text or "\r" in text:
        return False
    name = names.normalise_name(text)
    return 0 < len(name) <= LONGEST_NAME and not any(c in NEVER_IN_NAMES for c in name)


def _must_agree(register: Register, known: _Person, again: _Person) -> None:
    """A person's second line may tell more of him, nothing else."""
    for column, value in again.facts.items():
        if known.facts.setdefault(column, value) != value:
            _fault(
                register,
                again.line,
                f"{column}和第 {known.line} 行写的不一样",
                f"{column} differs from line {known.line}",
            )


def _facts(register: Register, said: Mapping[str, str], number: int) -> Iterator[tuple[str, str]]:
    """Fields of the person as the dictionary writes them; what cannot be so is a fault."""
    for column, value in said.items():
        entry = fields.dictionary().get(column)
        if entry is None or column == NAME:
            continue
        kept = settled(column, value)
        # Nobody looks at each line of a register: a number that cannot be right is none.
        wrong = kept.wrong or (kept.doubt if entry.type == "id" else None)
        if wrong:
            zh, en = wrong
            _fault(
                register,
                number,
                f"{column}“{value}”写得不对：{zh}",
                f"{column} “{value}” is wrong: {en}",
            )
        else:
            yield column, kept.value


def _add_item(register: Register, person: _Person, said: Mapping[str, str], number: int) -> None:
    part = {ITEM[column]: value for column, value in said.items() if column in ITEM}
    if not part.get("title"):
        return
    best = titles.best_title(part["title"], most=1)
    code = part.get("category", "") or (best[0][0].category if best and best[0][1] > 0.85 else "")
    pages = dates.number(part.get("pages", "").removesuffix("页").strip()) or 0
    formed = part.get("formed", "")
    parsed = dates.parse_date(formed) if formed else None
    if formed and parsed is None:
        _fault(register, number, f"形成时间“{formed}”看不懂", f"date “{formed}” is not understood")
    if pages < 1:
        _fault(register, number, "没有页数", "the number of pages is missing")
    try:
        canonical = categories.parse_code(code)
        if not categories.scheme("2018").entry(canonical).takes_items:
            raise categories.unknown(code)
    except DomainError:
        _fault(register, number, f"类号“{code}”不对", f"class “{code}” is wrong")
        return
    person.items.append(
        RegisteredItem(
            ItemDescription(
                title=part["title"][:200],
                category=canonical,
                formed=parsed.value if parsed else "",
                is_copy="复印" in part.get("note", ""),
                note=part.get("note", "")[:200],
            ),
            max(pages, 1),
        )
    )


def _fault(register: Register, line: int, zh: str, en: str) -> None:
    register.faults.append(Fault(line, zh, en))
