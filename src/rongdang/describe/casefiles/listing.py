"""The list of files as its page shows it: by unit and number, one screen of it.

Every look at the list asks this; the question is worked out once for each form it can have.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.orgs.models import within
from rongdang.base.prepared import KEY, MOMENT, Prepared, texts
from rongdang.describe.access.predicate import REGISTER
from rongdang.describe.casefiles.models import CaseFile

COLUMNS = (  # what a row of the list shows; a person's record stays where it is
    *("scope", "number", "state", "item_count", "page_count", "person_id"),
    *("person__name", "person__birth", "custodian__name", "custodian__name_en"),
)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the list was narrowed to; "" is not set."""

    unit: str = ""  # path
    state: str = ""
    after_scope: str = ""  # goes on behind this unit and number
    after_number: str = ""

    def clause(self) -> Q:
        clause = Q()
        if self.unit:
            clause &= within("scope", [self.unit])
        if self.state:
            clause &= Q(state=self.state)
        if self.after_number:
            # The first alone is what an index can begin at.
            clause &= Q(scope__gte=self.after_scope)
            behind = Q(scope=self.after_scope, number__gt=self.after_number)
            clause &= Q(scope__gt=self.after_scope) | behind
        return clause

    def set(self) -> tuple[bool, ...]:
        values = (self.unit, self.state, self.after_number, self.after_number)
        return tuple(map(bool, values))

    def values(self) -> list[str]:
        values = (self.unit, self.state, self.after_scope, self.after_number)
        return [value for value, is_set in zip(values, self.set(), strict=True) if is_set]


def first_listed(user: User, narrowed: Narrowed, *, most: int) -> list[dict[str, Any]]:
    """The first `most` of the files `user` may know of, each as COLUMNS with its values."""
    scopes = user.scopes(REGISTER.permission)
    asked = _asked(len(scopes), narrowed.set(), most)
    found = asked.rows(user.pk, timezone.now(), *scopes, *narrowed.values())
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


@lru_cache(maxsize=128)
def _asked(scopes: int, narrowed: tuple[bool, ...], most: int) -> Prepared:
    def build(pk: uuid.UUID, at: dt.datetime, *told: str) -> QuerySet[CaseFile, Any]:
        values = iter(told[scopes:])
        wanted = Narrowed(*(next(values) if is_set else "" for is_set in narrowed))
        files = CaseFile.objects.filter(wanted.clause())
        reader = _Reader(pk, list(told[:scopes]))
        return files.visible_in_order(reader, most, at).values_list(*COLUMNS)

    return Prepared(build, KEY, MOMENT, *texts(scopes + sum(narrowed)))


@dataclass(slots=True)
class _Reader:
    """Stands for an account: its key, and the units of its roles."""

    pk: uuid.UUID
    paths: list[str]

    def scopes(self, _permission: str) -> list[str]:
        return self.paths
