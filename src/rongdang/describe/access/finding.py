"""Finding whose files an account must not read, from both sides: what the file says of relatives,
and what the account's own file says. Runs after facts or identities change, and may run twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

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
from rongdang.describe.people.models import ID_NUMBER, Fact, FactState, Person


def index_of(name: str) -> str:
    """What stands for a relative's name; found by equality, read by nobody."""
    return blind_index(settings.KEYRING.secret(BLIND_INDEX), "access.named_kin.name", name)


@transaction.atomic
def index_relatives(person: Person) -> None:
    """Take down whom the file names as relatives, and find the accounts it must be shut to."""
    NamedKin.objects.filter(person=person).delete()
    named = list(_said_by(person))
    NamedKin.objects.bulk_create(
        NamedKin(
            person=person,
            fact=fact,
            name_index=index_of(name),
            relation=one.relation[:12],
            birth=one.birth,
        )
        for fact, one in named
        for name in one.names
    )
    find_for_person(person, [one for _fact, one in named])


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


def _said_by(person: Person) -> Iterator[tuple[Fact, Relative]]:
    facts = Fact.objects.filter(person=person, field__in=KIN_FIELDS, state=FactState.CONFIRMED)
    for fact in facts:
        for one in relatives(fact.field, fact.value):
            yield fact, one


def _may_be(person: Person) -> Q:
    """Accounts worth a closer look: this person by word or number, or called like him."""
    return (
        Q(identity__person=person) | Q(display_name=person.name) | Q(person__in=_id_indexes(person))
    )


def _is_same(user: User, person: Person) -> bool:
    """By the officer's word, the ID number, or name with the day (or month) of birth."""
    identity = _identity(user)
    if identity is not None and identity.person_id is not None:
        return identity.person_id == person.pk
    if user.person and user.person in _id_indexes(person):
        return True
    short, long = sorted((_birth(user), person.birth), key=len)
    return user.display_name == person.name and len(short) >= 7 and long.startswith(short)


def _id_indexes(person: Person) -> set[str]:
    """Indexes of the ID numbers the file confirms, in their 18-digit form."""
    facts = Fact.objects.filter(person=person, field=ID_NUMBER, state=FactState.CONFIRMED)
    numbers = [ids.parse_id(fact.value) for fact in facts]
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
    person = Person.objects.filter(pk=person_id).first()
    if person is not None:
        index_relatives(person)
