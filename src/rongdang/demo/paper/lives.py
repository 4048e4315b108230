"""An invented life, whole and without contradiction, from which every paper of a file is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from rongdang.base.vocab.fields import dictionary
from rongdang.demo.paper.careers import Post, RankStep, invent_posts, invent_ranks, pay_of
from rongdang.demo.paper.people import day_in, given_name, invent_id, invent_name, month_in, words

REVOLUTION = "1949-10-01"  # who served before this day retires as 离休


@dataclass(frozen=True, slots=True)
class Award:
    """An honour and why it was given; `kind` as in code_award."""

    date: str
    kind: str
    merit: str


@dataclass(frozen=True, slots=True)
class Penalty:
    """A punishment; `kind` as in code_discipline."""

    date: str
    kind: str
    fault: str


@dataclass(frozen=True, slots=True)
class Disability:
    """A disability granted on `date`; grade and kind as in the code tables."""

    date: str
    grade: str
    kind: str
    part: str


@dataclass(frozen=True, slots=True)
class Relative:
    """One line of the table of the family."""

    kinship: str
    name: str
    birth_year: int
    occupation: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a form of one day says of him."""

    post: Post
    rank: str
    rank_since: str
    pay_grade: str
    pay: str
    political: str
    education: str


@dataclass(frozen=True, slots=True)
class Life:
    """One retired cadre. Dates are ISO, cut where the life itself knows no more."""

    seed: int
    name: str
    former_name: str
    sex: str
    ethnic: str
    native_place: str
    birth_place: str
    birth: str
    id_number: str
    family_origin: str
    own_class: str
    schooling: str  # before enlisting
    education: str  # the highest
    school: str
    graduation: str
    enlistment: str
    league_entry: str
    party_entry: str
    party_full: str
    posts: tuple[Post, ...]
    ranks: tuple[RankStep, ...]
    title: str  # 专业技术职务, "" for most
    awards: tuple[Award, ...]
    penalty: Penalty | None
    disability: Disability | None
    retirement_kind: str
    retirement_date: str
    handover: str
    settlement: str
    settlement_kind: str
    health: str
    blood: str
    spouse: str
    family: tuple[Relative, ...]
    address: str
    phone: str

    def at(self, day: str) -> Standing:
        """Post, rank, pay, politics and schooling as a form written on that day shows them."""
        post = [one for one in self.posts if one.since <= day] or self.posts[:1]
        year = int(day[:4])
        ranks = [one for one in self.ranks if one.since <= day and _rank_counts(one, year)]
        pay_grade, pay = pay_of(post[-1].grade, year)
        return Standing(
            post[-1],
            ranks[-1].rank if ranks else "",
            ranks[-1].since if ranks else "",
            pay_grade,
            pay,
            self._politics(day),
            self.education if self.graduation and self.graduation <= day else self.schooling,
        )

    def _politics(self, day: str) -> str:
        if self.party_entry and self.party_entry <= day:
            return "中共党员"
        return "共青团员" if self.league_entry and self.league_entry <= day else "群众"

    def record(self) -> dict[str, str]:
        """Field name of the dictionary → final value, normalised; fields without a value are left out."""
        last = self.at("2030-01-01" if not self.retirement_date else self.retirement_date)
        values = {**self._person(), **self._service(last), **self._later()}
        assert values.keys() <= dictionary().keys()
        return {name: value for name, value in values.items() if value}

    def _person(self) -> dict[str, str]:
        return {
            "姓名": self.name,
            "曾用名": self.former_name,
            "性别": self.sex,
            "民族": self.ethnic,
            "籍贯": self.native_place,
            "出生地": self.birth_place,
            "出生日期": self.birth,
            "公民身份号码": self.id_number,
            "家庭出身": self.family_origin,
            "本人成分": self.own_class,
            "文化程度": self.education,
            "毕业院校": self.school,
            "健康状况": self.health,
            "血型": self.blood,
            "婚姻状况": "已婚" if self.spouse else "未婚",
            "配偶": self.spouse,
            "现住址": self.address,
            "联系电话": self.phone,
        }

    def _service(self, last: Standing) -> dict[str, str]:
        return {
            "政治面貌": last.political,
            "参加工作日期": self.enlistment,
            "入伍日期": self.enlistment,
            "入党日期": self.party_entry,
            "转正日期": self.party_full,
            "入团日期": self.league_entry,
            "部职别": last.post.unit + last.post.name,
            "职务": last.post.name,
            "职务等级": last.post.grade,
            "军衔": last.rank,
            "任职日期": last.post.since,
            "授衔日期": last.rank_since,
            "专业技术职务": self.title,
            "工资级别": last.pay_grade,
            "工资额": last.pay,
            "奖励": "、".join(one.kind for one in self.awards),
            "处分": self.penalty.kind if self.penalty else "",
        }

    def _later(self) -> dict[str, str]:
        grade = self.posts[-1].grade
        return {
            "残疾等级": self.disability.grade if self.disability else "",
            "残疾性质": self.disability.kind if self.disability else "",
            "军休类别": self.retirement_kind,
            "离退休日期": self.retirement_date,
            "享受待遇": f"{grade}职待遇" if grade else "",
            "安置地": self.settlement,
            "安置方式": self.settlement_kind,
            "移交日期": self.handover,
        }


def _rank_counts(step: RankStep, year: int) -> bool:
    """The ranks of 1955 were done away with in 1965."""
    return year < 1965 if step.since < "1965" else True


def invent(seed: int) -> Life:
    """The life of that seed; the same seed is always the same person."""
    chance = Random(f"life:{seed}")  # noqa: S311  # the same seed, the same life
    birth = day_in(
        chance, chance.choices((1927, 1936, 1948), (3, 4, 3))[0] + chance.randrange(-4, 8)
    )
    born = int(birth[:4])
    sex = "女" if chance.random() < 0.16 else "男"
    name, ethnic = invent_name(chance, sex=sex, birth_year=born)
    enlisted = day_in(chance, born + chance.randrange(17, 21))
    leaves = max(1979, born + chance.randrange(50, 60))
    posts = invent_posts(chance, enlisted=enlisted, leaves=leaves)
    party = month_in(chance, int(enlisted[:4]) + chance.randrange(1, 6))
    party_full = f"{int(party[:4]) + 1}{party[4:]}"
    retired = day_in(chance, leaves)
    place, address = chance.choice(words()["settlements"])
    parts = (
        _schooling(chance, enlisted)
        | _family(chance, name, sex, born)
        | _honours(chance, posts, leaves)
    )
    return Life(
        seed=seed,
        name=name,
        former_name=_former(chance, name, sex, born),
        sex=sex,
        ethnic=ethnic,
        birth=birth,
        id_number=invent_id(chance, birth=birth, sex=sex),
        enlistment=enlisted,
        party_entry=party,
        party_full=party_full,
        posts=posts,
        ranks=invent_ranks(chance, posts, leaves),
        retirement_kind="离休" if enlisted < REVOLUTION else "退休",
        retirement_date=retired,
        handover=day_in(chance, leaves + chance.randrange(1, 4)),
        settlement=place,
        settlement_kind=chance.choice(("就地", "易地")),
        health=chance.choice(words()["health"]),
        blood=chance.choice(words()["blood"]),
        address=f"{address}{chance.randrange(1, 30)}号",
        phone=f"0990-{chance.randrange(2000000, 8999999)}",
        **parts,
    )


def _former(chance: Random, name: str, sex: str, born: int) -> str:
    if "·" in name or chance.random() > 0.25:
        return ""
    return name[0] + given_name(chance, sex=sex, birth_year=min(born, 1930))


def _schooling(chance: Random, enlisted: str) -> dict[str, Any]:
    first = int(enlisted[:4])
    before = chance.choices(("小学", "初中", "高中"), (4, 4, 2) if first < 1955 else (1, 4, 5))[0]
    studied = chance.random() < 0.5
    finished = month_in(chance, first + chance.randrange(4, 12)) if studied else ""
    highest = chance.choice(("中等专科", "大学专科", "大学本科")) if studied else before
    lists = words()
    place = chance.choice(lists["provinces"]) + chance.choice(lists["counties"])
    return {
        "schooling": before,
        "education": highest,
        "school": chance.choice(lists["schools"]) if studied else "",
        "graduation": finished,
        "native_place": place,
        "birth_place": place + chance.choice(lists["townships"]),
        "family_origin": chance.choice(lists["origins"]),
        "own_class": chance.choice(lists["own_classes"]),
        "league_entry": month_in(chance, first - chance.randrange(0, 2))
        if chance.random() < 0.6
        else "",
        "title": chance.choice(lists["titles"]) if chance.random() < 0.2 else "",
    }


def _family(chance: Random, name: str, sex: str, born: int) -> dict[str, Any]:
    lists = words()
    other = "女" if sex == "男" else "男"
    spouse, _ethnic = invent_name(chance, sex=other, birth_year=born)
    own = name[:2] if name[:2] in lists["compound_surnames"] else name[0]
    family = own if "·" not in name else ""
    people = [
        Relative(
            "父亲", family + given_name(chance, sex="男", birth_year=born - 25), born - 25, "务农"
        ),
        Relative("母亲", invent_name(chance, sex="女", birth_year=born - 23)[0], born - 23, "家务"),
        Relative(
            "妻" if sex == "男" else "夫", spouse, born + 2, chance.choice(lists["occupations"])
        ),
    ]
    for order, kinship in enumerate(
        chance.sample(("长子", "次子", "长女", "次女"), chance.randrange(1, 4))
    ):
        year = born + 25 + 2 * order
        child = given_name(chance, sex="男" if "子" in kinship else "女", birth_year=year)
        people.append(
            Relative(kinship, (family or own) + child, year, chance.choice(lists["occupations"]))
        )
    return {"spouse": spouse, "family": tuple(people)}


def _honours(chance: Random, posts: tuple[Post, ...], leaves: int) -> dict[str, Any]:
    lists = words()
    first = int(posts[0].since[:4]) + 1
    years = sorted(chance.sample(range(first, leaves), chance.randrange(0, 4)))
    kinds = ("嘉奖", "三等功", "三等功", "二等功")
    awards = tuple(
        Award(day_in(chance, y), chance.choice(kinds), chance.choice(lists["merits"]))
        for y in years
    )
    penalty = disability = None
    if chance.random() < 0.12:
        day = day_in(chance, chance.randrange(first, leaves))
        penalty = Penalty(
            day, chance.choice(("警告", "严重警告", "记过")), chance.choice(lists["faults"])
        )
    if chance.random() < 0.25:
        year = chance.randrange(first, leaves)
        old = ("二等乙级", "三等甲级", "三等乙级")
        grade = chance.choice(old if year < 2004 else ("七级", "八级", "九级"))
        kind = chance.choice(("因战", "因公", "因病"))
        disability = Disability(day_in(chance, year), grade, kind, chance.choice(lists["wounds"]))
    return {"awards": awards, "penalty": penalty, "disability": disability}
