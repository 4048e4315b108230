"""Taking over a unit's paper register (移交清册): people, their files and catalogues, no images yet.

Most files begin this way: the paper and its catalogue exist long before anything is scanned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.refusals import alarmed
from rongdang.base.errors import DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import Draft, record_many
from rongdang.base.orgs.models import Unit
from rongdang.base.vocab import categories, fields, names
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.casefiles.services import ItemDescription, next_file_numbers
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.people.services import name_keys, project


@dataclass(frozen=True, slots=True)
class RegisteredItem:
    """A line of the paper catalogue and how many pages it counts."""

    description: ItemDescription
    pages: int


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One person of the register: what it says of him, his catalogue, and where the paper lies."""

    name: str
    facts: Mapping[str, str]
    items: Sequence[RegisteredItem] = ()
    place: tuple[str, str, str, str] = ("", "", "", "")  # room, rack, layer, box
    scheme: str = ""

    @property
    def birth(self) -> str:
        return self.facts.get("出生日期", "")

    @property
    def has_place(self) -> bool:
        return any(self.place)


@alarmed
@transaction.atomic
def take_over_register(
    unit: Unit, rows: Sequence[RegisterRow], *, acting_user: User
) -> list[CaseFile]:
    """Open a file for each person of the register; the same register again adds nothing.

    A row whose name and birth are those of a person of the unit is left alone. One ledger entry
    for each file; raises DomainError, and takes nothing over, when a row cannot be right.
    """
    require(acting_user, Permission.CASEFILE_EDIT, unit.path)
    require(acting_user, Permission.PERSON_EDIT, unit.path)
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    fresh = not_yet_known(unit, rows)
    for number, row in enumerate(rows, 1):
        _check(number, row)
    refuse_marks(*_words(rows), scope=unit.path, acting_user=acting_user, place="register")
    people = Person.objects.bulk_create(
        Person(
            unit=unit,
            scope=unit.path,
            name=names.normalise_name(row.name),
            name_keys=name_keys(row.name),
        )
        for row in fresh
    )
    files = _open_files(unit, people, fresh)
    _write_facts(people, fresh, acting_user)
    Item.objects.bulk_create(
        item
        for case_file, row in zip(files, fresh, strict=True)
        for item in _items(case_file, row, acting_user)
    )
    record_many(
        [
            Draft(
                event="casefile:register",
                actor=acting_user,
                subject=case_file,
                detail={"items": case_file.item_count, "pages": case_file.page_count},
            )
            for case_file in files
        ]
    )
    return files


def _words(rows: Sequence[RegisterRow]) -> Iterator[str]:
    for row in rows:
        yield from (row.name, *row.facts.values(), *row.place)
        for item in row.items:
            yield from (item.description.title, item.description.note)


def not_yet_known(unit: Unit, rows: Sequence[RegisterRow]) -> list[RegisterRow]:
    """The rows whose name and birth are nobody's in the unit."""
    known = set(Person.objects.open().filter(unit=unit).values_list("name", "birth"))
    return [row for row in rows if _key(row) not in known]


def _key(row: RegisterRow) -> tuple[str, str]:
    return names.normalise_name(row.name), row.birth


def _check(number: int, row: RegisterRow) -> None:
    wrong = [name for name in row.facts if not fields.is_known(name)]
    wrong += [item.description.title for item in row.items if item.pages < 1]
    if not row.name.strip() or wrong:
        named = "、".join(wrong) or "（没有姓名）"
        raise DomainError(
            f"清册第 {number} 行不对：{named}。整册都没有收。",
            f"Row {number} of the register is wrong: {named}. Nothing of it was taken over.",
            hint_zh="改好这一行再交：姓名要有，字段要在字段表里，每份材料至少 1 页。",
            hint_en="Mend the row: a name, known fields, at least one page for each material.",
            code="register-row",
        )


def _open_files(
    unit: Unit, people: Sequence[Person], rows: Sequence[RegisterRow]
) -> list[CaseFile]:
    numbers = next_file_numbers(unit, len(people))
    return CaseFile.objects.bulk_create(
        CaseFile(
            number=number,
            person=person,
            custodian=unit,
            scope=unit.path,
            scheme=row.scheme or settings.CATEGORY_SCHEME,
            item_count=len(row.items),
            page_count=sum(item.pages for item in row.items),
            room=row.place[0],
            rack=row.place[1],
            layer=row.place[2],
            box=row.place[3],
        )
        for number, person, row in zip(numbers, people, rows, strict=True)
    )


def _write_facts(people: Sequence[Person], rows: Sequence[RegisterRow], acting_user: User) -> None:
    """What the register says, on the word of whoever takes it over; no page is its evidence."""
    Fact.objects.bulk_create(
        Fact(
            person=person,
            field=name,
            value=value,
            original=value,
            state=FactState.CONFIRMED,
            confidence=1.0,
            recorded_by=acting_user,
        )
        for person, row in zip(people, rows, strict=True)
        for name, value in {"姓名": person.name, **row.facts}.items()
        if value
    )
    for person in people:
        project(person, acting_user)


def _items(case_file: CaseFile, row: RegisterRow, acting_user: User) -> list[Item]:
    """The lines of the catalogue, numbered inside their classes in the order given."""
    scheme = categories.scheme(case_file.scheme)
    counted: dict[str, int] = {}
    items = []
    for line in row.items:
        entry = scheme.entry(line.description.category)
        counted[entry.code] = counted.get(entry.code, 0) + 1
        items.append(
            Item(
                case_file=case_file,
                category=entry.code,
                level=entry.level,
                sequence=counted[entry.code],
                title=line.description.title,
                title_made=line.description.title_made,
                formed=line.description.formed,
                page_count=line.pages,
                is_copy=line.description.is_copy,
                note=line.description.note,
                paper_only=True,
                filed_by=acting_user,
            )
        )
    return items
