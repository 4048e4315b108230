"""The invented people of the old tables: the same number and seed, the same people."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from rongdang.base.vocab import ids

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董"
GIVEN = "国建华志明德福文玉春长永海山河平安宁忠学军生光庆祥"
PEOPLES = ("汉族", "回族", "满族", "蒙古族", "壮族")
PLACES = ("甲省乙县", "丙省丁市", "戊省己县", "庚省辛县", "壬省癸市")
RANKS = ("少校", "中校", "上校", "大校", "大尉")
GRADES = ("正团", "副团", "正营", "副营", "正师")


@dataclass(frozen=True)
class Person:
    number: int
    name: str
    former: str
    sex: str
    people: str
    birth: date
    id_number: str
    place: str
    party: str
    school: str
    enlisted: date
    joined: date
    retired: date
    rank: str
    post: str
    grade: str
    kind: str
    address: str
    phone: str
    spouse: str


def people(count: int, seed: int) -> list[Person]:
    chance = random.Random(seed)
    return [_person(chance, number) for number in range(1, count + 1)]


def _person(chance: random.Random, number: int) -> Person:
    birth = date(1925, 1, 1) + timedelta(days=chance.randrange(12_000))
    enlisted = birth + timedelta(days=6_500 + chance.randrange(1_400))
    sex = chance.choice("男男男女")
    first = (
        f"990101{birth:%Y%m%d}{chance.randrange(99):02d}{chance.randrange(5) * 2 + (sex == '男')}"
    )
    return Person(
        number,
        _name(chance),
        _name(chance) if number % 9 == 0 else "",
        sex,
        chance.choice(PEOPLES) if number % 4 == 0 else "汉族",
        birth,
        first + ids.check_digit(first),
        chance.choice(PLACES),
        chance.choice(("中共党员", "中共党员", "群众")),
        chance.choice(("初中", "高中", "大专", "小学")),
        enlisted,
        enlisted + timedelta(days=chance.randrange(400, 2_500)),
        birth + timedelta(days=365 * 56 + chance.randrange(900)),
        chance.choice(RANKS),
        chance.choice(("参谋", "股长", "主任", "军医", "助理员")),
        chance.choice(GRADES),
        chance.choice(("离休", "退休")),
        f"{chance.choice(PLACES)}长安路{chance.randrange(1, 99)}号{chance.randrange(1, 20)}楼",
        f"139{chance.randrange(10**8):08d}",
        _name(chance),
    )


def _name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(("", *GIVEN))
