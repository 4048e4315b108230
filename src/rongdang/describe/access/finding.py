"""Finding whose files an account must not read, from both sides: what the file says of relatives,
and what the account's own file says. Runs after facts or identities change, and may run twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from rongdang.base.accounts.models import User
from rongdang.base.accounts.services import person_of
from rongdang.base.cipher.blind import blind_index
from rongdang.base.cipher.keyring import BLIND_INDEX
from rongdang.base.vocab import ids
from rongdang.base.vocab.names import normalise_name
from rongdang.describe.access.kinship import KIN_FIELDS, Relative, relatives, same_year
from rongdang.describe.access.models import Avoidance, Ground, Identity, NamedKin
from rongdang.describe.people.claims import Claim, claims_of
from rongdang.describe.people.models import ID_NUMBER, Person


def index_of(name: str) -> str:
    """What stands for a relative's name; found by equality, read by nobody."""
    return blind_index(settings.KEYRING.secret(BLIND_INDEX), "access.named_kin.name", name)


@transaction.atomic
def index_relatives(people: Sequence[Person]) -> None:
    """Take down whom their claims name as relatives, and find the accounts they must be shut to."""
    NamedKin.objects.filter(person__in=people).delete()
    claims = claims_of([person.pk for person in people])
    said = {person.pk: list(_said_in(claims.get(person.pk, ()))) for person in people}
    NamedKin.objects.bulk_create(
        NamedKin(
            person=person,
            fact=claim.fact,
            name_index=index_of(name),
            relation=one.relation[:12],
            birth=one.birth,
        )
        for person in people
        for claim, one in said[person.pk]
        for name in one.names
    )
    accounts = Accounts()
    for person in people:
        named = [one for _claim, one in said[person.pk]]
        if accounts.may_concern(person, named, claims.get(person.pk, ())):
            find_for_person(person, named)


class Accounts:
    """What tells at a glance that a record bears on none of the accounts; of a million, nearly all."""

    def __init__(self) -> None:
        rows = User.objects.values_list("display_name", "person")
        self._names = {name for name, _number in rows}
        self._numbers = {number for _name, number in rows if number}
        people = Identity.objects.exclude(person=None).values_list("person_id", flat=True)
        self._people = set(people)
        kin = NamedKin.objects.filter(person__in=self._people)
        self._kin = set(kin.values_list("name_index", flat=True))

    def may_concern(
        self, person: Person, named: Sequence[Relative], claims: Sequence[Claim]
    ) -> bool:
        return bool(
            person.name in self._names
            or person.pk in self._people
            or any(name in self._names for one in named for name in one.names)
            or (self._numbers and self._numbers & _id_indexes(claims))
            or (self._kin and index_of(person.name) in self._kin)
        )


def find_for_person(person: Person, named: Iterable[Relative]) -> None:
    """Accounts that are this person, that he names as relatives, or whose file names him."""
    for user in User.objects.filter(_may_be(person)).select_related("identity"):
        if _is_same(user, person):
            _note(user, person, Ground.OWN, "本人")
    by_name = {name: one for one in named for name in one.names}
    accounts = User.objects.filter(is_active=True, display_name__in=by_name)
    for user in accounts.select_related("identity"):
        one = by_name[user.display_name]
        _note_relative(user, person, one.relation, agrees=same_year(_birth(user), one.birth))
    rows = NamedKin.objects.filter(name_index=index_of(person.name))
    theirs = {row.person_id: row for row in rows}
    for identity in Identity.objects.filter(person__in=theirs).select_related("user"):
        assert identity.person_id is not None
        row = theirs[identity.person_id]
        agrees = same_year(person.birth, row.birth)
        _note_relative(identity.user, person, row.relation, agrees=agrees)


def find_for_user(user: User) -> None:
    """The same from the account's side, when it is made or its identity is set."""
    identity = _identity(user)
    named = Q(name=user.display_name)
    if identity is not None and identity.person_id is not None:
        named |= Q(pk=identity.person_id)
    for person in Person.objects.filter(named):
        if not _is_same(user, person):
            continue
        _note(user, person, Ground.OWN, "本人")
        for _fact, one in _said_by(person):
            for relative in Person.objects.filter(name__in=one.names).exclude(pk=person.pk):
                agrees = same_year(relative.birth, one.birth)
                _note_relative(user, relative, one.relation, agrees=agrees)
    name = index_of(normalise_name(user.display_name))
    for row in NamedKin.objects.filter(name_index=name).select_related("person"):
        agrees = same_year(_birth(user), row.birth)
        _note_relative(user, row.person, row.relation, agrees=agrees)


def _said_by(person: Person) -> Iterator[tuple[Claim, Relative]]:
    return _said_in(claims_of([person.pk]).get(person.pk, ()))


def _said_in(claims: Sequence[Claim]) -> Iterator[tuple[Claim, Relative]]:
    """Whom papers and rows of sources name as relatives."""
    for claim in claims:
        if claim.confirmed and claim.field in KIN_FIELDS:
            for one in relatives(claim.field, claim.value):
                yield claim, one


def _may_be(person: Person) -> Q:
    """Accounts worth a closer look: this person by word or number, or called like him."""
    return (
        Q(identity__person=person) | Q(display_name=person.name) | Q(person__in=_numbers_of(person))
    )


def _is_same(user: User, person: Person) -> bool:
    """By the officer's word, the ID number, or name with the day (or month) of birth."""
    identity = _identity(user)
    if identity is not None and identity.person_id is not None:
        return identity.person_id == person.pk
    if user.person and user.person in _numbers_of(person):
        return True
    short, long = sorted((_birth(user), person.birth), key=len)
    return user.display_name == person.name and len(short) >= 7 and long.startswith(short)


def _numbers_of(person: Person) -> set[str]:
    return _id_indexes(claims_of([person.pk]).get(person.pk, ()))


def _id_indexes(claims: Sequence[Claim]) -> set[str]:
    """Indexes of the ID numbers that are confirmed, in their 18-digit form."""
    said = [one.value for one in claims if one.confirmed and one.field == ID_NUMBER]
    numbers = [ids.parse_id(value) for value in said]
    return {person_of(number.value) for number in numbers if number and number.valid}


def _identity(user: User) -> Identity | None:
    held: Identity | None = getattr(user, "identity", None)
    return held


def _birth(user: User) -> str:
    identity = _identity(user)
    return identity.birth if identity else ""


def _note_relative(user: User, person: Person, relation: str, *, agrees: bool | None) -> None:
    """Another year of birth is another person; where none is known the name makes it likely."""
    if agrees is not False:
        _note(user, person, Ground.KIN if agrees else Ground.LIKELY_KIN, relation)


def _note(user: User, person: Person, ground: Ground, relation: str) -> None:
    """What an officer cleared stays cleared, unless it turns out to be the person himself."""
    held = Avoidance.objects.filter(user=user, person=person).first()
    if held is None:
        Avoidance.objects.create(user=user, person=person, ground=ground, relation=relation[:12])
    elif ground == Ground.OWN or (held.ground == Ground.LIKELY_KIN and not held.cleared_by_id):
        held.ground, held.relation = ground, relation[:12]
        held.cleared_by, held.cleared_why = None, ""
        held.save(update_fields=["ground", "relation", "cleared_by", "cleared_why"])


def person_changed(person_id: uuid.UUID | str) -> None:
    """After facts of a person were confirmed or withdrawn."""
    people_changed([person_id])


def people_changed(people: Collection[uuid.UUID | str]) -> None:
    """After what is said of them has changed, by pages or by rows of a source."""
    index_relatives(list(Person.objects.filter(pk__in=people).order_by("pk")))
