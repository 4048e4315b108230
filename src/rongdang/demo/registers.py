"""The paper registers of the invented homes: who is in their care, and what his paper file lists."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rongdang.base.vocab import categories
from rongdang.demo.paper.lives import Life, invent
from rongdang.describe.casefiles.registering import RegisteredItem, RegisterRow
from rongdang.describe.casefiles.services import ItemDescription

# What a register says of a person; the rest is found when the file itself is read.
KEPT = (
    "曾用名 性别 民族 籍贯 出生日期 公民身份号码 文化程度 毕业院校 政治面貌 入伍日期 入党日期 职务等级 军衔 "
    "奖励 残疾等级 残疾性质 军休类别 离退休日期 移交日期 安置方式"
).split()

Listed = tuple[str, str, str, int]  # class, title, partial date, pages


def register(code: str, count: int, *, first_seed: int) -> Iterator[RegisterRow]:
    """The rows of one home's register; the same arguments give the same people."""
    for number in range(count):
        yield row_of(invent(first_seed + number), number)


def row_of(life: Life, number: int, *, catalogued: bool = True) -> RegisterRow:
    """One person as the register has him; without a catalogue while the box is unopened."""
    draw = Random(f"register:{life.seed}")  # noqa: S311  the same register each time
    facts = life.record()
    return RegisterRow(
        name=life.name,
        facts={name: facts[name] for name in KEPT if name in facts},
        items=tuple(_items(life, draw)) if catalogued else (),
        place=("1", str(1 + number // 20), str(1 + number // 4 % 5), f"{number + 1:03d}"),
        scheme="2012" if catalogued and draw.random() < 0.15 else "2018",
    )


def _items(life: Life, draw: Random) -> Iterator[RegisteredItem]:
    """What the paper catalogue lists, class by class in the order of time; nothing twice."""
    order = [entry.code for entry in categories.scheme("2018").entries]
    listed = [one for one in _papers(life) if draw.random() < 0.9 and one[2]]
    for category, title, formed, pages in sorted(
        set(listed), key=lambda o: (order.index(o[0]), o[2])
    ):
        exact = draw.random()
        date = formed if exact > 0.4 else formed[:7] if exact > 0.1 else formed[:4]
        description = ItemDescription(
            title=title,
            category=category,
            formed=date,
            is_copy=draw.random() < 0.05,
            note="原件存原部队" if draw.random() < 0.02 else "",
        )
        yield RegisteredItem(description, max(1, pages + draw.choice((-1, 0, 0, 0, 1, 2))))


def _papers(life: Life) -> Iterator[Listed]:
    """The papers such a life leaves; "" for a day that never came."""
    officer = next((post.since for post in life.posts if post.grade), "")
    yield "9-2", "应征公民入伍登记表", life.enlistment, 2
    yield "1", "军人登记表", _later(life.enlistment, 1), 2
    yield "3", "战士鉴定表", _later(life.enlistment, 2), 2
    yield "6", "入团志愿书", life.league_entry, 3
    yield "6", "入党志愿书", life.party_entry, 8
    yield "2", "自传", life.party_entry, 5
    yield "5", "家庭成员及社会关系登记表", life.party_entry, 2
    yield "5", "政治历史审查结论", _later(life.party_full, 1), 3
    yield "4-1", "学员毕业登记表", life.graduation, 4
    yield "1", "干部履历表", _later(officer, 1), 6
    yield "9-1", "工资级别审批表", _later(officer, 1), 1
    yield from _career(life)
    yield from _turns(life)
    yield "1", "军队离休退休干部登记表", life.retirement_date, 4
    yield "9-1", "离退休费审批表", life.retirement_date, 2
    yield "10", "干部体检表", life.retirement_date, 3
    yield "9-2", "离退休干部移交登记表", life.handover, 2
    yield "9-2", "移交政府安置审批表", life.handover, 3


def _career(life: Life) -> Iterator[Listed]:
    for place, post in enumerate(post for post in life.posts if post.grade):
        yield "9-2", "干部任免呈报表" if place else "提升军官呈报表", post.since, 3
        yield "3", "军官鉴定表", _later(post.since, 2), 3
    for place, step in enumerate(life.ranks):
        yield "9-2", "晋升军衔审批表" if place else "授予军衔审批表", step.since, 2
    if life.title:
        yield "4-2", "专业技术职务评审表", _later(life.posts[-1].since, 1), 6


def _turns(life: Life) -> Iterator[Listed]:
    for award in life.awards:
        title = "嘉奖审批表" if award.kind == "嘉奖" else "立功登记表"
        yield "7", title, award.date, 2
    if life.penalty:
        yield "8", f"{life.penalty.kind}处分决定", life.penalty.date, 2
    if life.disability:
        yield "10", "评定伤残等级审批表", life.disability.date, 3


def _later(day: str, years: int) -> str:
    return f"{int(day[:4]) + years}{day[4:]}" if day else ""
