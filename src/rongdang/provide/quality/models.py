"""Figures of each unit, a day each: what the board and its trend are drawn from."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models

from rongdang.base.accounts.roles import Permission
from rongdang.base.ids import uuid7
from rongdang.base.orgs.models import within

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    def visible_to(self, user: User) -> Self:
        """Of the units whose files the user may know of."""
        return self.filter(within("scope", user.scopes(Permission.CASEFILE_SEE)))


class Measurement(models.Model):
    """`part` of `whole`; of several units the sums are divided, so a small unit weighs little."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    scope = models.CharField(max_length=64)  # path of the unit itself, its children not included
    day = models.DateField()
    measure = models.CharField(max_length=12)
    part = models.BigIntegerField()
    whole = models.BigIntegerField()

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "scope", "measure"], name="measured_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.scope} {self.measure}"
