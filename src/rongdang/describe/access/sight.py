"""The predicate for SQL written by hand, as the index needs it: one sight of several purposes."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from rongdang.base.prepared import KEY, MOMENT, TEXT, Prepared
from rongdang.describe.access.predicate import (
    BASIC,
    GRANTED,
    REGISTER,
    Purpose,
    avoided_by,
    levels_at,
    levels_seen,
)
from rongdang.describe.grants.queries import covered, holding

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User

Clause = tuple[str, tuple[Any, ...]]  # a subquery of SQL, and its values


@dataclass(frozen=True, slots=True)
class Sight:
    """The predicate for SQL written by hand: what any of several purposes opens, people left out.

    `ways` are the purposes that open content, the one preferred first, with what roles show for each.
    """

    seen: dict[str, tuple[str, ...]]  # path of a unit → levels, of all the ways together
    ways: tuple[tuple[Purpose, dict[str, tuple[str, ...]]], ...] = ()
    listed: tuple[str, ...] = ()  # units whose register is read: names and numbers, no page
    left_out: Clause = ("", ())  # a subquery of person ids: of content, not of the register
    # Units of the files that grants open now; none = the two subqueries below are not asked.
    granted_units: tuple[str, ...] = ()
    granted_names: Clause = (
        "",
        (),
    )  # of person ids: known to exist, by the names of the basic level
    granted: Clause = ("", ())  # of pairs of person id and level: opened for one of the purposes

    @property
    def sees_pages(self) -> bool:
        return any(self.seen.values()) or bool(self.granted[0])

    def sees_nothing(self) -> bool:
        return not self.sees_pages and not self.listed and not self.granted_units

    def opened_by_role(self, scope: str, level: str) -> Purpose | None:
        """The first of the purposes for which a role shows this level in this unit."""
        return next((one for one, seen in self.ways if level in levels_at(seen, scope)), None)


def sight_of(user: User, *purposes: Purpose) -> Sight:
    """What `content` says for each of the purposes, for the index: whatever one of them opens.

    Names are found as far as the register lists them: REGISTER sees names and numbers of the basic
    level, and its own file like any other.
    """
    ways = [(one, levels_seen(user, one)) for one in purposes if one.kind != "register"]
    seen: dict[str, tuple[str, ...]] = {}
    for _purpose, of_roles in ways:
        for path, levels in of_roles.items():
            seen[path] = tuple(dict.fromkeys((*seen.get(path, ()), *levels)))
    register = REGISTER in purposes
    basic = levels_seen(user, Purpose("register", "register", (BASIC,))) if register else {}
    sight = Sight(
        seen,
        tuple(ways),
        listed=tuple(basic),
        left_out=_clause(AVOIDED, user.pk) if ways else ("", ()),
    )
    return _with_grants(sight, user, purposes)


def _with_grants(sight: Sight, user: User, purposes: tuple[Purpose, ...]) -> Sight:
    """The files that grants open now: known to exist to whoever reads anything but to hand over."""
    if all(one.kind == "transfer" for one in purposes):
        return sight
    now = timezone.now()
    units = tuple(path for (path,) in GRANTED_UNITS.rows(user.pk, now))
    if not units:
        return sight
    opened = [
        _clause(GRANTED_LEVELS, user.pk, now, one.code) for one in purposes if one.kind in GRANTED
    ]
    return replace(
        sight,
        granted_units=units,
        granted_names=_clause(GRANTED_NAMES, user.pk, now),
        granted=(
            " UNION ALL ".join(sql for sql, _values in opened),
            tuple(value for _sql, values in opened for value in values),
        ),
    )


def _clause(asked: Prepared, *values: uuid.UUID | dt.datetime | str) -> Clause:
    sql, told = asked.sql(*values)
    return sql, tuple(told)


@dataclass(slots=True)
class _Holder:
    """Stands for an account of which only the key is asked."""

    pk: uuid.UUID


GRANTED_UNITS = Prepared(
    lambda pk, at: covered(_Holder(pk), at=at).values_list("case_file__scope").distinct(),
    *(KEY, MOMENT),
)
GRANTED_PURPOSES = Prepared(
    lambda pk, at: holding(_Holder(pk), at=at).values_list("purpose").distinct(), KEY, MOMENT
)
GRANTED_NAMES = Prepared(
    lambda pk, at: covered(_Holder(pk), at=at).values_list("case_file__person_id"), KEY, MOMENT
)
GRANTED_LEVELS = Prepared(
    lambda pk, at, purpose: covered(_Holder(pk), purpose=purpose, at=at).values_list(
        "case_file__person_id", "level"
    ),
    *(KEY, MOMENT, TEXT),
)
AVOIDED = Prepared(avoided_by, KEY)
