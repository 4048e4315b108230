"""Posts, ranks and pay of an invented career, by the scales of their time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from rongdang.demo.paper.people import day_in

# Grade → posts of command, of politics, of the staff, and of the medical service.
POSTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "": (("战士", "班长", "副班长"), ("战士", "班长"), ("文书", "通信员"), ("卫生员",)),
    "排": (("排长",), ("青年干事", "排长"), ("司务长", "技术员"), ("助理军医", "司药")),
    "副连": (("副连长",), ("副指导员",), ("助理员", "参谋"), ("军医",)),
    "正连": (("连长",), ("指导员", "政治指导员"), ("参谋", "助理员"), ("军医",)),
    "副营": (("副营长",), ("副教导员",), ("参谋", "助理员"), ("主治军医",)),
    "正营": (("营长",), ("教导员", "政治教导员"), ("股长", "参谋"), ("所长", "主治军医")),
    "副团": (("副团长", "副参谋长"), ("政治处副主任",), ("副处长",), ("副院长",)),
    "正团": (("团长", "参谋长"), ("政治委员", "政治处主任"), ("处长",), ("院长",)),
    "副师": (("副师长",), ("政治部副主任",), ("后勤部副部长",), ("卫生部副部长",)),
    "正师": (("师长",), ("政治委员",), ("后勤部部长",), ("卫生部部长",)),
}
COMPANY, BATTALION, REGIMENT = (
    ("某部三连", "某部七连", "某部汽车连"),
    ("某部二营", "某部一营"),
    ("某团", "某炮兵团"),
)
STAFF = ("某师司令部", "某团后勤处", "某军分区", "某部通信站", "某军后勤部", "某教导队")
MEDICAL = ("某部卫生队", "某部医院", "某师医院")
GRADES = tuple(grade for grade in POSTS if grade)
RANK_1955 = dict(zip(GRADES, "少尉 中尉 上尉 大尉 少校 中校 上校 大校 少将".split(), strict=True))
RANK_1988 = dict(zip(GRADES, "少尉 中尉 上尉 少校 少校 中校 上校 大校 大校".split(), strict=True))
YEARS_OF_RANKS = ((1955, 1964, RANK_1955), (1988, 2030, RANK_1988))


@dataclass(frozen=True, slots=True)
class Post:
    """A post held from `since` (ISO day) to the next one; `grade` is "" before promotion to officer."""

    since: str
    unit: str
    name: str
    grade: str


@dataclass(frozen=True, slots=True)
class RankStep:
    """A rank given on `since` (ISO day)."""

    since: str
    rank: str


def invent_posts(chance: Random, *, enlisted: str, leaves: int) -> tuple[Post, ...]:
    """From soldier upward; nobody climbs after `leaves`, and few reach a division."""
    line = chance.choices((0, 1, 2, 3), weights=(5, 3, 3, 1))[0]
    first = int(enlisted[:4])
    posts = [Post(enlisted, _unit(chance, line, ""), chance.choice(POSTS[""][line]), "")]
    year, top = (
        first + chance.randrange(2, 5),
        chance.choices(range(3, 10), (2, 3, 4, 5, 5, 2, 1))[0],
    )
    for grade in GRADES[:top]:
        if year >= leaves:
            break
        unit = _unit(chance, line, grade)
        posts.append(Post(day_in(chance, year), unit, chance.choice(POSTS[grade][line]), grade))
        year += chance.randrange(2, 6)
    return tuple(posts)


def _unit(chance: Random, line: int, grade: str) -> str:
    """A unit in which that post exists; none of them is real."""
    if line >= 2:
        return chance.choice(STAFF if line == 2 else MEDICAL)
    if "师" in grade:
        return "某师"
    if "团" in grade:
        return chance.choice(REGIMENT)
    return chance.choice(BATTALION if "营" in grade else COMPANY)


def invent_ranks(chance: Random, posts: tuple[Post, ...], leaves: int) -> tuple[RankStep, ...]:
    """Ranks of the systems of 1955 and 1988, following the grade held."""
    steps: list[RankStep] = []
    for begins, ends, scale in YEARS_OF_RANKS:
        last = ""
        for year in range(begins, min(ends, leaves - 1) + 1):
            held = [post for post in posts if post.since[:4] < str(year)]
            rank = scale.get(held[-1].grade, "") if held else ""
            if rank and rank != last:
                month = 9 if year == begins else chance.randrange(1, 13)
                steps.append(RankStep(day_in(chance, year, month=month), rank))
                last = rank
    return tuple(steps)


def pay_of(grade: str, year: int) -> tuple[str, str]:
    """Pay grade and monthly sum as forms of that year print them."""
    step = GRADES.index(grade) if grade in GRADES else 0
    if year < 1985:
        ladder = "二十三 二十二 二十一 二十 十九 十八 十七 十六 十五 十四"
        grades = ladder.split()
        return f"行政{grades[step]}级", f"{(52, 59, 66, 74, 82, 92, 102, 114, 126)[step]}元"
    if year < 1993:
        return f"{step + 4}级", f"{(97, 108, 122, 140, 158, 180, 205, 230, 262)[step]}元"
    return (
        f"{step + 6}级",
        f"{(320, 365, 420, 480, 545, 620, 705, 800, 910)[step] + (year - 1993) * 42}元",
    )
