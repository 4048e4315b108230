"""Units that hold files: a tree kept as a materialised path of fixed width."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models import Q

from rongdang.base.ids import uuid7

SEGMENT = 4  # characters of one level; the next level follows after a dot


def within(field: str, paths: Iterable[str]) -> Q:
    """Rows whose `field` holds a unit path in one of these subtrees; no path means no row.

    The range ends at "/", the character after ".", so an index on the column serves it.
    """
    clause = Q(pk__in=[])
    for path in paths:
        clause |= Q(**{f"{field}__gte": path, f"{field}__lt": f"{path}/"})
    return clause


class UnitQuerySet(models.QuerySet["Unit"]):
    def under(self, unit: Unit) -> UnitQuerySet:
        """The unit itself and all below it."""
        return self.filter(within("path", [unit.path]))


class Unit(models.Model):
    """A body that keeps files or is responsible for those that do (ISDIAH institution)."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    fonds = models.CharField(max_length=8, blank=True)  # 全宗号, DA/T 13-2022
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=64, unique=True)
    # The unit's rule: may values marked 可信 be confirmed many at a time?
    batch_confirm = models.BooleanField(default=False)
    # The unit's rule: may records that are one person for certain be merged without a clerk?
    merge_certain = models.BooleanField(default=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name
