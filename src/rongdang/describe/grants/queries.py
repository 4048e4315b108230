"""What grants open for a person at this moment: the second half of the predicate on content."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from typing import Protocol

from django.db.models import Max, Q, QuerySet

from rongdang.base.accounts.models import User
from rongdang.base.vocab.purposes import ALL_LEVELS
from rongdang.describe.grants.models import Covered, Grant
from rongdang.describe.grants.rules import SEE

Levels = tuple[str, ...]


class Reader(Protocol):
    """Somebody grants were given to: an account, or what stands for one in a prepared question."""

    pk: uuid.UUID


def holding(
    user: Reader, action: str = SEE, *, purpose: str = "", at: dt.datetime | None = None
) -> QuerySet[Grant]:
    """Grants of `user` that let `action` be done now; for one purpose of the closed list, if named."""
    allowed = {} if action == SEE else {"allowances__allowed__gt": 0}  # asked for, and not given
    found = Grant.objects.holding(at).filter(user=user.pk, allowances__action=action, **allowed)
    return found.filter(purpose=purpose) if purpose else found


def covered(
    user: Reader, action: str = SEE, *, purpose: str = "", at: dt.datetime | None = None
) -> QuerySet[Covered]:
    return Covered.objects.filter(grant__in=holding(user, action, purpose=purpose, at=at))


def listed_clause(user: Reader, case_file: str, at: dt.datetime | None = None) -> Q:
    """Rows of the files that grants open; a subquery, for `EXISTS` measured 600 times slower."""
    return Q(**{f"{case_file}__in": covered(user, at=at).values("case_file")})


def grants_clause(
    user: User,
    purpose: str,
    *,
    case_file: str,
    level: str,
    values: Callable[[Levels], Levels] = lambda levels: levels,
) -> Q:
    """Rows whose file and level a grant for this purpose opens to be seen.

    `case_file` and `level` name columns; `values` maps levels to what the level column holds.
    """
    clause = Q(pk__in=[])
    held = covered(user, purpose=purpose)
    for one in ALL_LEVELS:
        opened = held.filter(level=one).values("case_file")
        clause |= Q(**{f"{level}__in": values((one,)), f"{case_file}__in": opened})
    return clause


def levels_of(user: User, case_file_id: uuid.UUID, *, purpose: str) -> Levels:
    """Levels of one file that grants for this purpose open, in the order of the standard."""
    held = covered(user, purpose=purpose).filter(case_file=case_file_id)
    opened = set(held.values_list("level", flat=True))
    return tuple(level for level in ALL_LEVELS if level in opened)


def ends_at(user: User, case_file_id: uuid.UUID, *, purpose: str) -> dt.datetime | None:
    """When the last grant that opens this file for the purpose ends; None: none does."""
    held = covered(user, purpose=purpose).filter(case_file=case_file_id)
    end: dt.datetime | None = held.aggregate(end=Max("grant__until"))["end"]
    return end


def purposes_of(user: User, case_file_id: uuid.UUID) -> tuple[str, ...]:
    """Codes of the purposes for which a grant opens this file now."""
    held = covered(user).filter(case_file=case_file_id)
    return tuple(sorted(set(held.values_list("grant__purpose", flat=True))))


def opened_levels(user: User, people: Iterable[uuid.UUID]) -> set[tuple[uuid.UUID, str, str]]:
    """(Person, level, purpose) of all that grants open now in the files of these people."""
    held = covered(user).filter(case_file__person__in=people)
    return set(held.values_list("case_file__person_id", "level", "grant__purpose"))
