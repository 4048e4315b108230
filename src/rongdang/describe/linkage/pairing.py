"""Which records may be one person: one against all as it comes, or the whole stock at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record
from rongdang.describe.linkage import engine, stock
from rongdang.describe.linkage.joining import merge, merged_into
from rongdang.describe.linkage.model import Model, usual_model
from rongdang.describe.linkage.models import Pair, Verdict
from rongdang.describe.linkage.newcomer import matches
from rongdang.describe.linkage.records import prepare
from rongdang.describe.people.models import Person

FEW = 200  # people opened together that are compared one by one; more are compared with the whole stock
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """Two records that may be one person; guards keep a pair from being certain."""

    people: frozenset[uuid.UUID]
    probability: float
    codes: tuple[str, ...]  # "fact:level", the heaviest first
    is_guarded: bool


def compare_people(people: Collection[uuid.UUID]) -> int:
    """Compare these with everybody who shares a key; the number of pairs put before somebody."""
    stock.keep_keys(people)
    model, told = usual_model(), 0
    for person in Person.objects.open().filter(pk__in=people):
        told += keep(list(_beside(person, model)), model)
    return told


def compare_all() -> int:
    """Compare everybody with everybody, in memory; the number of pairs put before somebody."""
    model = usual_model()
    people: list[uuid.UUID] = []

    def read() -> Iterator[Person]:
        for person in Person.objects.open().order_by("pk").iterator(chunk_size=AT_ONCE):
            people.append(person.pk)
            yield person

    told = 0
    with engine.link(stock.records(read()), model, threads=settings.LINKAGE_THREADS) as linkage:
        some: list[Found] = []
        for pair in linkage.pairs(model.doubtful):
            both = frozenset((people[pair.first], people[pair.second]))
            codes = tuple(f"{one.fact}:{one.code}" for one in pair.reasons())
            some.append(Found(both, pair.probability, codes, bool(pair.guards(model))))
            if len(some) == AT_ONCE:
                told += keep(some, model)
                some = []
        told += keep(some, model)
    for start in range(0, len(people), AT_ONCE):
        stock.keep_keys(people[start : start + AT_ONCE])
    return told


def _beside(person: Person, model: Model) -> Iterator[Found]:
    """What `person` is like, from the doubtful on."""
    mine = prepare(stock.record_of_person(person))
    others = Person.objects.open().filter(pk__in=stock.near(mine))
    theirs = map(prepare, stock.records(others))
    for match in matches(mine, theirs, model, stock.stock()):
        codes = tuple(f"{one.fact}:{one.code}" for one in match.score.reasons)
        both = frozenset((person.pk, uuid.UUID(match.id)))
        yield Found(both, match.score.probability, codes, bool(match.score.guards))


@transaction.atomic
def keep(found: Sequence[Found], model: Model) -> int:
    """Put these pairs before somebody, or merge where certain and the unit's rule says so.

    What somebody said of a pair stays said; of one that waits the newer comparison counts.
    """
    scopes = _scopes({person for one in found for person in one.people})
    kept = 0
    for one in found:
        if one.people <= scopes.keys() and not _said_apart(one.people):
            kept += _keep(one, model, scopes)
    if kept:
        told = {"pairs": kept, "model": model.version}
        record("linkage:find", actor=None, subject_kind="linkage.pair", detail=told)
    return kept


def _keep(one: Found, model: Model, scopes: Mapping[uuid.UUID, tuple[str, bool]]) -> bool:
    first, second = sorted(one.people)
    known = Pair.objects.select_for_update(of=("self",)).filter(first=first, second=second).first()
    if known is not None and known.verdict != Verdict.WAITING:
        return False
    pair = known or Pair(first_id=first, second_id=second, scope=scopes[first][0])
    pair.probability, pair.reasons = one.probability, " ".join(one.codes)
    pair.model = model.version
    pair.save()
    by_rule = all(scopes[person][1] for person in one.people)
    if by_rule and one.probability >= model.certain and not one.is_guarded:
        _merge_by_rule(pair)
    return known is None


def _merge_by_rule(pair: Pair) -> None:
    """The older record stays. What cannot be merged by itself waits for a person."""
    try:
        with transaction.atomic():
            merge(
                pair.first,
                pair.second,
                reason="按本单位的规则：机器比对确定是同一人",
                acting_user=None,
            )
            pair.verdict = Verdict.SAME
            pair.save(update_fields=["verdict"])
    except DomainError:
        return


def _scopes(people: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, bool]]:
    """Open person → (unit, whether its rule lets what is certain be merged)."""
    rows = Person.objects.open().filter(pk__in=people)
    found = rows.values_list("pk", "scope", "unit__merge_certain")
    return {pk: (scope, certain) for pk, scope, certain in found}


def _said_apart(people: frozenset[uuid.UUID]) -> bool:
    """Two people, somebody said: of these records or of any that became part of them."""
    first, second = people
    ours, theirs = merged_into(first), merged_into(second)
    if len(ours) == len(theirs) == 1:
        return False  # of the two alone the pair itself says it
    different = Pair.objects.filter(verdict=Verdict.DIFFERENT)
    return (
        different.filter(first__in=ours, second__in=theirs).exists()
        or different.filter(first__in=theirs, second__in=ours).exists()
    )
