"""Kin in a circle over two files: he names somebody his father, whose file names him as the father."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from rongdang.base.vocab.names import normalise_name
from rongdang.describe.access.finding import index_of
from rongdang.describe.access.kinship import Relative, same_year
from rongdang.describe.access.models import NamedKin
from rongdang.describe.people.models import Person

ELDERS = (
    "父亲",
    "父",
    "爸爸",
    "母亲",
    "母",
    "妈妈",
    "祖父",
    "祖母",
    "爷爷",
    "奶奶",
    "外祖父",
    "外祖母",
)


def elders_named(
    people: Sequence[Person], kin: Mapping[uuid.UUID, Sequence[Relative]]
) -> dict[uuid.UUID, list[tuple[str, str]]]:
    """Person → (name, relation) of everybody he names as an elder who names him as one; one query.

    The year of birth must agree where both say one: namesakes are many.
    """
    naming = {
        person.pk: person
        for person in people
        if any(one.relation in ELDERS for one in kin.get(person.pk, ()))
    }
    if not naming:
        return {}
    by_index = defaultdict(list)
    for person in naming.values():
        by_index[index_of(normalise_name(person.name))].append(person)
    rows = NamedKin.objects.filter(name_index__in=list(by_index), relation__in=ELDERS)
    found: dict[uuid.UUID, list[tuple[str, str]]] = defaultdict(list)
    for row in rows.select_related("person"):
        for person in by_index[row.name_index]:
            if row.person_id != person.pk and _named_back(person, row, kin[person.pk]):
                found[person.pk].append((row.person.name, row.relation))
    return found


def _named_back(person: Person, row: NamedKin, kin: Sequence[Relative]) -> bool:
    return same_year(person.birth, row.birth) is not False and any(
        one.relation in ELDERS
        and normalise_name(row.person.name) in one.names
        and same_year(row.person.birth, one.birth) is not False
        for one in kin
    )
