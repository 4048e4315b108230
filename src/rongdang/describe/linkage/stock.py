"""The people of the house as records to compare, and the keys by which one is found among a million."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from django.conf import settings
from django.db import transaction

from rongdang.base.cipher.keyring import BLIND_INDEX
from rongdang.describe.linkage import scoring
from rongdang.describe.linkage.keys import keys_of
from rongdang.describe.linkage.models import Key
from rongdang.describe.linkage.newcomer import candidates
from rongdang.describe.linkage.records import Features, Record, prepare
from rongdang.describe.linkage.told import record_of
from rongdang.describe.people.models import Person
from rongdang.describe.statements.said import Said

AT_ONCE = 500
COUNTED_SECONDS = 600  # how old the number of people may be that chances are worked out from
SURE_SHARE = 0.05  # of a stock nobody compared yet: records that have another of the same person


def record_of_person(person: Person) -> Record:
    """What holds of the person, as it is compared."""
    return record_of(str(person.pk), {name: Said(value) for name, value in person.record.items()})


def records(people: Iterable[Person]) -> Iterator[Record]:
    """One record for each person."""
    return map(record_of_person, people)


@transaction.atomic
def keep_keys(people: Collection[uuid.UUID]) -> None:
    """The keys of these people as their records say them now; a closed record has none."""
    ordered = sorted(people)
    for start in range(0, len(ordered), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        Key.objects.filter(person__in=some).delete()
        rows = [
            Key(person=person, key=_number(key))
            for person in Person.objects.open().filter(pk__in=some)
            for key in keys_of(prepare(record_of_person(person)))
        ]
        Key.objects.bulk_create(rows, batch_size=AT_ONCE)


def near(features: Features) -> set[str]:
    """Keys of people who share a key of comparing with this record."""
    return candidates(features, _bearers)


def _bearers(key: str, most: int) -> list[str]:
    rows = Key.objects.filter(key=_number(key)).values_list("person", flat=True)
    return [str(person) for person in rows[:most]]


def stock() -> scoring.Stock:
    """What scoring a pair must know of all people together."""
    size = max(_size(int(time.time() // COUNTED_SECONDS)), 2)
    prior = min(0.5, SURE_SHARE * size / (size * (size - 1) / 2))
    return scoring.Stock(prior, lambda column, value: _share(column, value, size))


@lru_cache(maxsize=1)
def _size(_moment: int) -> int:
    return Person.objects.open().count()


def _share(column: str, value: str, size: int) -> float | None:
    """How common a name is; of sounds and places the model's own average must do."""
    if column != "name":
        return None
    return scoring.share(column, Person.objects.filter(name=value).count(), size)


def _number(key: str) -> int:
    secret = settings.KEYRING.secret(BLIND_INDEX)
    digest = hashlib.blake2b(key.encode(), digest_size=8, key=secret[:64]).digest()
    return int.from_bytes(digest, "big", signed=True)
