"""Invented people as many old systems have them, with exact truth: what linkage is measured with.

A person is drawn once; each copy of him goes through the disorder of one set of settings. Every error
made is told with the record, so that recall can be counted by kind. Two families of settings:
`train` is what weights and calibration may be made from, `test` is never looked at for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from rongdang.base.vocab.ids import check_digit
from rongdang.demo.misspelling import (
    areas,
    data,
    misspelt,
    places,
    traditional,
    weighted,
)
from rongdang.demo.paper.people import words
from rongdang.describe.linkage.records import Record

LAST_DAY = date(1990, 12, 31)


class Copy(NamedTuple):
    """A record, whose it is, and what went wrong with it."""

    record: Record
    truth: int
    errors: tuple[str, ...]


@dataclass(slots=True)
class Person:
    """One who never was."""

    name: str
    former: str
    childhood: str
    sex: str
    birth: date
    number: str
    enlisted: tuple[int, int]
    place: tuple[str, str]
    kin: tuple[str, ...]
    unit: str


@dataclass
class Population:
    """`settings` as in population.json; the same seed gives the same people and errors."""

    settings: Mapping[str, Any]
    seed: int
    size: int
    chance: Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Random(f"{self.seed} {self.settings['code']}")  # noqa: S311  # same seed, same people
        pools = data()
        self.surnames, self.surname_weights = weighted(
            [*words()["surnames"], *words()["odd_surnames"], *words()["compound_surnames"]], 6
        )
        given = list(pools["given"])
        Random(self.settings["code"]).shuffle(given)  # noqa: S311  # which names are common
        self.given, self.given_weights = weighted(given, self.settings["name_spread"])
        self.places = places(self.settings["code"])
        self.units = [f"{n:03d}所" for n in range(max(3, self.size // 250))]

    def copies(self) -> Iterator[Copy]:
        """Exactly `size` records, people one after another."""
        numbers = self.settings["copies"]
        made, truth, same_name = 0, 0, 0
        waiting: list[Person] = []
        while made < self.size:
            alike = bool(waiting)
            person = waiting.pop() if waiting else self.person()
            if not alike and same_name < self.settings.get("one_name", 0) * self.size // 1_000_000:
                person.name, person.former, same_name = "王建国", "", same_name + 1
            waiting += [] if alike else self.lookalikes(person)
            for number in range(self.chance.choices(range(1, len(numbers) + 1), numbers)[0]):
                if made == self.size:
                    return
                made += 1
                yield self.copy(person, truth, f"{made}", first=number == 0)
            truth += 1

    def name(self) -> str:
        draw = self.chance
        if draw.random() < 0.01:
            return str(draw.choice(draw.choice(words()["minority"])[1]))
        family = draw.choices(self.surnames, cum_weights=self.surname_weights)[0]
        return str(family) + self.given_name()

    def given_name(self) -> str:
        count = 1 if self.chance.random() < 0.22 else 2
        return "".join(self.chance.choices(self.given, cum_weights=self.given_weights, k=count))

    def another(self, character: str) -> str:
        return self.chance.choice([one for one in self.given if one != character])

    def person(self) -> Person:
        draw = self.chance
        days = int(min(max(draw.gauss(12500, 4300), 0), 24000))
        birth = date(1915, 1, 1) + timedelta(days=days + draw.randrange(30))
        sex = "女" if draw.random() < 0.11 else "男"
        name = self.name()
        former = name[0] + self.given_name() if draw.random() < 0.07 else ""
        childhood = name[0] + "小" + draw.choice(self.given) if draw.random() < 0.03 else ""
        enlisted = birth.year + draw.choice((16, 17, 18, 18, 18, 19, 19, 20, 21, 22))
        return Person(
            name,
            former,
            childhood,
            sex,
            birth,
            self.number(birth, sex, draw.randrange(len(areas()))),
            (enlisted, draw.choice((1, 2, 3, 3, 7, 8, 9, 11, 12, 12, 12))),
            draw.choice(self.places),
            tuple(self.name() for _ in range(3)),
            draw.choice(self.units),
        )

    def number(self, birth: date, sex: str, area: int, order: int | None = None) -> str:
        if order is None:
            order = self.chance.randrange(1, 250) * 2
        first17 = f"{areas()[area]}{birth:%Y%m%d}{(order // 2 * 2 + (sex == '男')) % 1000:03d}"
        return first17 + check_digit(first17)

    def lookalikes(self, one: Person) -> list[Person]:
        """People who are easily taken for this one, and are not."""
        draw, rates, found = self.chance, self.settings, []
        area = areas().index(one.number[:6])
        if draw.random() < rates["twin"]:
            other = self.person()
            other.sex = one.sex if draw.random() < 0.75 else other.sex
            given = one.name[1:-1] + self.another(one.name[-1])
            other.name, other.former, other.birth = one.name[0] + given, "", one.birth
            other.number = self.number(
                one.birth, other.sex, area, int(one.number[14:17]) + 2 * draw.randint(1, 3)
            )
            other.enlisted = one.enlisted if draw.random() < 0.7 else other.enlisted
            other.place, other.unit, other.kin = one.place, one.unit, (other.kin[0], *one.kin[1:])
            found.append(other)
        if draw.random() < rates["namesake"]:
            other = self.person()
            other.name, other.birth, other.sex, other.former = one.name, one.birth, one.sex, ""
            other.number = self.number(one.birth, one.sex, draw.randrange(len(areas())))
            if draw.random() < 0.5:
                other.place = (one.place[0], other.place[1])
            years = one.enlisted[0] - one.birth.year
            other.enlisted = (
                one.birth.year + years + draw.choice((-1, 0, 1, 2)),
                other.enlisted[1],
            )
            found.append(other)
        if draw.random() < rates["son"] and one.birth.year < 1960:
            other = self.person()
            other.name, other.former, other.sex = (
                one.name[:-1] + self.another(one.name[-1]),
                "",
                "男",
            )
            other.birth = min(one.birth + timedelta(days=draw.randint(7000, 12500)), LAST_DAY)
            other.number = self.number(other.birth, "男", area)
            other.enlisted = (other.birth.year + draw.randint(17, 21), other.enlisted[1])
            other.place, other.unit, other.kin = one.place, one.unit, (other.kin[0], *one.kin[1:])
            found.append(other)
        return found

    def copy(self, one: Person, truth: int, number: str, *, first: bool) -> Copy:
        """One record of a person. A first copy is the careful one: half as many errors in the name."""
        errors: list[str] = []
        name, former = self.written_name(one, errors, 0.5 if first else 1.0)
        sex = one.sex
        if self.happens("sex_wrong"):
            sex = "女" if sex == "男" else "男"
            errors.append("sex_wrong")
        record = Record(
            number,
            name,
            former,
            "" if self.happens("sex_missing") else sex,
            self.written_number(one.number, errors),
            self.written_birth(one.birth, errors),
            self.written_enlistment(one.enlisted, errors),
            self.written_place(one.place, errors),
            self.written_kin(one.kin),
            self.written_unit(one.unit),
        )
        return Copy(record, truth, tuple(errors))

    def happens(self, what: str, share: float = 1.0) -> bool:
        return bool(self.chance.random() < self.settings[what] * share)

    def written_name(
        self, one: Person, errors: list[str], share: float
    ) -> tuple[str, tuple[str, ...]]:
        draw, name = self.chance, one.name
        kinds = ("homophone", "near_sound", "look_alike", "dropped", "doubled", "other_character")
        kind = next((kind for kind in kinds if self.happens(kind, share)), "")
        if one.former and self.happens("under_former_name", share):
            errors.append("former_name")
            others = (one.name,) if draw.random() < 0.35 else ()
            return one.former, others
        if kind:
            changed = misspelt(name, kind, draw, self.settings["look_alikes"])
            if changed != name:
                errors.append(kind)
                name = changed
        if self.happens("traditional", share):
            name = traditional(name)
        told = [x for x in (one.former, one.childhood) if x and self.happens("former_told")]
        if len(name) < 5 and self.happens("blanks"):
            name = "　".join(name)
        return name, tuple(told)

    def written_number(self, number: str, errors: list[str]) -> str:
        draw = self.chance
        if self.happens("number_missing"):
            return ""
        if self.happens("number_of_another"):
            errors.append("number_of_another")
            other = self.person()
            return other.number
        if self.happens("number_short"):
            number = number[:6] + number[8:17]
        if self.happens("number_typo"):
            at = draw.randrange(len(number))
            errors.append("number_typo")
            number = number[:at] + draw.choice("0123456789") + number[at + 1 :]
        if self.happens("number_swapped"):
            at = draw.randrange(len(number) - 1)
            errors.append("number_swapped")
            number = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        if self.happens("number_dropped"):
            at = draw.randrange(6, len(number))
            errors.append("number_dropped")
            number = number[:at] + number[at + 1 :]
        return number

    def written_birth(self, birth: date, errors: list[str]) -> str:
        draw = self.chance
        if self.happens("birth_missing"):
            return ""
        if self.happens("birth_lunar"):
            errors.append("birth_lunar")
            birth += timedelta(days=draw.choice((-1, 1)) * draw.randint(19, 50))
        elif self.happens("birth_year"):
            errors.append("birth_year")
            year = birth.year + draw.choice((-2, -1, -1, 1, 1, 2))
            birth = birth.replace(year=year, day=min(birth.day, 28))
        elif self.happens("birth_day"):
            errors.append("birth_day")
            birth = birth.replace(day=draw.randint(1, 28))
        text = birth.isoformat()
        if self.happens("birth_no_day"):
            return text[:4] if self.happens("birth_no_month") else text[:7]
        return text

    def written_enlistment(self, enlisted: tuple[int, int], errors: list[str]) -> str:
        draw, (year, month) = self.chance, enlisted
        if self.happens("enlistment_missing"):
            return ""
        if self.happens("enlistment_year"):
            errors.append("enlistment_year")
            year += draw.choice((-1, 1))
        elif self.happens("enlistment_month"):
            errors.append("enlistment_month")
            month = draw.randint(1, 12)
        return f"{year}" if self.happens("enlistment_no_month") else f"{year}-{month:02d}"

    def written_place(self, place: tuple[str, str], errors: list[str]) -> str:
        draw = self.chance
        if self.happens("place_missing"):
            return ""
        if self.happens("place_wrong"):
            errors.append("place_wrong")
            place = draw.choice(self.places)
        elif self.happens("place_other_county"):
            errors.append("place_other_county")
            place = (place[0], draw.choice(self.places)[1])
        province, county = place
        form = draw.random()
        if form < 0.62:
            return f"{province}{county}"
        if form < 0.74:
            return f"{province}{county}{draw.choice(words()['townships'])}"
        if form < 0.84:
            return f"{province[:-1]}{county[:-1]}"
        return county if form < 0.93 else province

    def written_kin(self, kin: tuple[str, ...]) -> tuple[str, ...]:
        if not self.happens("kin_told"):
            return ()
        return tuple(name for name in kin if self.chance.random() < 0.6)

    def written_unit(self, unit: str) -> str:
        if not self.happens("unit_told"):
            return ""
        return self.chance.choice(self.units) if self.happens("unit_moved") else unit


def settings(code: str) -> Mapping[str, Any]:
    """One set of settings: those of its family, with what it says otherwise."""
    sets = data()["settings"]
    return {**sets["plain"], **sets[code], "code": code}


def family(name: str) -> list[str]:
    """The codes of the sets of a family: train or test."""
    return [code for code, one in data()["settings"].items() if one.get("family") == name]
