"""The one predicate: who sees what, for what purpose. Every read of a file's data starts here.

    scope of a role ∧ level of that role ∧ level of the purpose ∧ not one's own or a relative's
    ∨ a grant (`grants_clause`) ∧ not one's own or a relative's

It is a clause of SQL and adds no query of its own, however many rows there are. The same rule for
hand-written SQL of the index is `sight.Sight`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple, Protocol

from django.db.models import Q, QuerySet

from rongdang.base.accounts.roles import Permission
from rongdang.base.orgs.models import within
from rongdang.base.vocab import fields
from rongdang.base.vocab.purposes import ALL_LEVELS, reasons
from rongdang.describe.access.models import Avoidance, Opening
from rongdang.describe.grants.queries import grants_clause, levels_of, listed_clause

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User
    from rongdang.describe.casefiles.models import CaseFile

# Who may name a purpose: whoever sees files consults them, who keeps them arranges them.
RIGHTS = {
    "register": Permission.CASEFILE_SEE,
    "consult": Permission.CASEFILE_SEE,
    "keep": Permission.CASEFILE_EDIT,
    "transfer": Permission.PERSON_EXPORT,
    "emergency": Permission.EMERGENCY_READ,
}


@dataclass(frozen=True, slots=True)
class Purpose:
    """What somebody reads for: the levels it needs and, of an opening, the one file it is bound to."""

    code: str
    kind: str
    levels: tuple[str, ...]
    case_file: uuid.UUID | None = None
    opening: uuid.UUID | None = None
    unmasked: tuple[str, ...] = ()
    by_grant: bool = False  # what grants were given for: opens their files, and by role nothing

    @property
    def permission(self) -> Permission:
        return RIGHTS[self.kind]

    @property
    def told(self) -> dict[str, str]:
        """What an entry of the ledger says of it."""
        said = {"purpose": self.code}
        return said | {"opening": str(self.opening)} if self.opening else said

    @property
    def masks(self) -> bool:
        """Numbers and addresses are masked for whoever only consults a file."""
        return self.kind not in ("keep", "transfer", "emergency")


GRANTED = ("consult", "emergency")  # a grant gives no right to arrange files or to hand them over
# To know that a file exists and where it lies: lists, and people found by name. No content.
REGISTER = Purpose("register", "register", ())
# Those who keep the files, at their own work: what came in, what they catalogue, their search.
KEEP = Purpose("keep", "keep", ALL_LEVELS)


# What roles and grants would show at all: for asking whether something is withheld, never for showing it.
BY_ROLE = Purpose("register", "register", ALL_LEVELS)
# Whoever gives a file out looks for it among those he may give out.
TRANSFER = Purpose("transfer", "transfer", ALL_LEVELS)


def stated(code: str, *, by_grant: bool = False) -> Purpose:
    """A lawful reason by itself, bound to no file: for searching across files."""
    entry = reasons()[code]
    return Purpose(code, entry.kind, entry.levels, by_grant=by_grant)


def purpose_of(opening: Opening) -> Purpose:
    """What an opening lets its owner read: the levels of its reason, in its file alone."""
    entry = opening.entry
    return Purpose(
        opening.purpose,
        entry.kind,
        entry.levels,
        case_file=opening.case_file_id,
        opening=opening.pk,
        unmasked=tuple(opening.unmasked),
    )


BASIC = "基本"  # the level of what a list shows anyhow


class Columns(NamedTuple):
    """Where a kind of row says its unit, its level of content, its person and its file.

    `fields` = the level column holds names of fields, not levels.
    """

    scope: str
    level: str
    person: str
    case_file: str
    fields: bool = False

    def values(self, levels: tuple[str, ...]) -> tuple[str, ...]:
        return fields.of_levels(levels) if self.fields else levels


def listed(user: User, purpose: Purpose, columns: Columns) -> Q:
    """Rows that may be known to exist in the units where the purpose's right is held.

    One's own file is no secret to oneself; it is refused when it is opened.
    """
    return reduce(or_, listed_each(user, purpose, columns))


class Reader(Protocol):
    """Of an account, what says which files he may know of."""

    pk: uuid.UUID

    def scopes(self, permission: str) -> list[str]: ...


def listed_each(
    user: Reader, purpose: Purpose, columns: Columns, at: dt.datetime | None = None
) -> list[Q]:
    """What `listed` allows, each reason by itself: in the units of a role; by a grant, if any counts."""
    each = [within(columns.scope, user.scopes(purpose.permission))]
    if purpose.kind == "register" or purpose.kind in GRANTED:
        each.append(listed_clause(user, columns.case_file, at))
    if purpose.case_file is None:
        return each
    return [allowed & Q(**{columns.case_file: purpose.case_file}) for allowed in each]


def content(user: User, purpose: Purpose, columns: Columns) -> Q:
    """Rows whose content `user` may see for `purpose`; none without a purpose that needs content."""
    clauses = [
        within(columns.scope, [path]) & Q(**{f"{columns.level}__in": columns.values(levels)})
        for path, levels in levels_seen(user, purpose).items()
    ]
    allowed = reduce(or_, clauses, Q(pk__in=[]))
    if purpose.kind in GRANTED or purpose is BY_ROLE:
        allowed |= grants_clause(
            user,
            "" if purpose is BY_ROLE else purpose.code,
            case_file=columns.case_file,
            level=columns.level,
            values=columns.values,
        )
    allowed &= apart(user, columns.person)
    if purpose.case_file is not None:
        allowed &= Q(**{columns.case_file: purpose.case_file})
    return allowed


def levels_seen(user: User, purpose: Purpose) -> dict[str, tuple[str, ...]]:
    """Path of a unit → levels that both the roles held there and the purpose show."""
    if purpose.by_grant:
        return {}
    return {
        path: kept
        for path, levels in user.levels(purpose.permission).items()
        if (kept := tuple(level for level in levels if level in purpose.levels))
    }


def at_work(user: User, purpose: Purpose, scope: str, *, person: str = "") -> Q:
    """What is on its way into files and has no level yet: for those who keep them, to no other
    purpose, and not their own papers.
    """
    if purpose.kind != "keep":
        return Q(pk__in=[])
    allowed = within(scope, user.scopes(Permission.BATCH_SEE))
    return allowed & apart(user, person) if person else allowed


def apart(user: User, person: str) -> Q:
    """Not one's own file, and no close relative's (回避)."""
    return ~Q(**{f"{person}__in": avoided(user)})


def avoided(user: User) -> QuerySet[Avoidance, uuid.UUID]:
    """Ids of the people whose files `user` must not read; a subquery, not a list."""
    return avoided_by(user.pk)


def avoided_by(user_id: uuid.UUID) -> QuerySet[Avoidance, uuid.UUID]:
    return Avoidance.objects.holding().filter(user=user_id).values_list("person_id", flat=True)


def sees_whole(user: User, scope: str, purpose: Purpose = REGISTER) -> bool:
    """Is nothing of a file of this unit withheld? Only then may what it lacks or counts be told.

    Asked with REGISTER it speaks of the roles alone.
    """
    wanted = BY_ROLE if purpose.kind == "register" else purpose
    return levels_in(user, scope, wanted) >= set(ALL_LEVELS)


def levels_of_file(user: User, case_file: CaseFile, purpose: Purpose) -> set[str]:
    """Levels of content seen in one file: by role in its unit, and by grants."""
    seen = levels_in(user, case_file.scope, purpose)
    if purpose.kind in GRANTED:
        seen |= set(levels_of(user, case_file.pk, purpose=purpose.code))
    return seen


def levels_in(user: User, scope: str, purpose: Purpose) -> set[str]:
    """Levels of content that the roles held show in the unit at path `scope`."""
    return levels_at(levels_seen(user, purpose), scope)


def levels_at(seen: dict[str, tuple[str, ...]], scope: str) -> set[str]:
    return {
        level
        for path, levels in seen.items()
        if f"{scope}.".startswith(f"{path}.")
        for level in levels
    }
