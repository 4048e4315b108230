"""A source at work: what it gave, the recipe by which it is read, and each reading with what it refused."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

from rongdang.base.accounts.roles import Permission
from rongdang.base.columns.fields import EncryptedJSONField, EncryptedTextField
from rongdang.base.ids import uuid7
from rongdang.base.orgs.models import within
from rongdang.capture.sources.states import AT_WORK, RunState

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


OfSource = TypeVar("OfSource", bound=models.Model)


class OfSourceQuerySet(models.QuerySet[OfSource]):
    def visible_to(self, user: User) -> Self:
        """What belongs to sources of the units whose sources `user` may see."""
        return self.filter(within("source__scope", user.scopes(Permission.SOURCE_SEE)))


class Schedule(models.Model):
    """A source that is read by itself, again and again."""

    source = models.OneToOneField(
        "statements.Source", models.PROTECT, primary_key=True, related_name="schedule"
    )
    every = models.PositiveIntegerField()  # minutes from one reading to the next
    next_at = models.DateTimeField(db_index=True)
    set_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    objects = OfSourceQuerySet["Schedule"].as_manager()

    def __str__(self) -> str:
        return f"{self.source_id} {self.every}"


class Delivery(models.Model):
    """What a source gave, or where it is asked: files as they came, or the address of a connection."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    source = models.ForeignKey("statements.Source", models.PROTECT, related_name="deliveries")
    table = EncryptedTextField()  # name of the sheet or table that is read
    address = EncryptedJSONField(default=dict)  # of a connection; {} where files were given
    # Not the whole table, as refused rows that were mended: what is not in it is not missing.
    part = models.BooleanField(default=False)
    digest = models.CharField(max_length=64, blank=True)  # of the files
    given_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)

    objects = OfSourceQuerySet["Delivery"].as_manager()

    def __str__(self) -> str:
        return str(self.pk)


class DeliveredFile(models.Model):
    """A file of a delivery, the table itself first, then what belongs to it."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="files")
    sequence = models.PositiveSmallIntegerField()
    name = EncryptedTextField()
    stored = models.ForeignKey("objects.StoredObject", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "sequence"], name="delivered_file_once")
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.sequence}"


class Look(models.Model):
    """What was seen of a delivery before its columns were mapped: its tables, a profile, first rows."""

    delivery = models.OneToOneField(Delivery, models.PROTECT, primary_key=True, related_name="look")
    tables = EncryptedJSONField(default=list)  # name, rows, columns of each
    profile = EncryptedJSONField(default=dict)  # `profiling.Profile`
    rows = EncryptedJSONField(default=list)  # number and cells of the first ones
    problem = EncryptedJSONField(default=dict)  # code and words of why it could not be read
    looked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.pk)


class RecipeVersion(models.Model):
    """How the columns of a source become fields, as somebody said on a day; never changed."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    source = models.ForeignKey("statements.Source", models.PROTECT, related_name="recipes")
    number = models.PositiveIntegerField()
    text = EncryptedTextField()  # as `recipe_text` writes it
    why = EncryptedTextField(blank=True)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = OfSourceQuerySet["RecipeVersion"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="recipe_numbered_in_source")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.number}"


class Run(models.Model):
    """One reading of a delivery by one version of the recipe.

    A dry one writes nothing but this row: what would have become of each row.
    """

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    source = models.ForeignKey("statements.Source", models.PROTECT, related_name="runs")
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="runs")
    recipe = models.ForeignKey(RecipeVersion, models.PROTECT, related_name="runs")
    dry = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=RunState, default=RunState.WAITING)
    cursor = models.PositiveIntegerField(default=0)  # number of the last row that was done
    columns = EncryptedJSONField(default=list)  # as they were when it began
    # read, new, changed, unchanged, opened, refused, passed, secret, missing; filled and altered by field.
    counts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)  # of all rows, chunk by chunk
    diff = EncryptedJSONField(default=dict)  # of a dry one: examples of what would change
    stop_asked = models.BooleanField(default=False)
    problem = EncryptedJSONField(default=dict)  # code and words of why it failed
    started_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )  # None: by the schedule
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = OfSourceQuerySet["Run"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(state__in=list(AT_WORK), dry=False),
                name="one_run_of_a_source_at_work",
            )
        ]
        indexes = [models.Index(fields=["source", "-started_at"], name="run_of_source")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.state}"


class RefusedQuerySet(models.QuerySet["RefusedRow"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(within("run__source__scope", user.scopes(Permission.SOURCE_SEE)))


class RefusedRow(models.Model):
    """A row that was not taken: as the source wrote it, and every reason. Of a marked one no cell is kept."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    run = models.ForeignKey(Run, models.PROTECT, related_name="refused")
    row = models.PositiveIntegerField()
    cells = EncryptedJSONField(default=list)
    reasons = EncryptedJSONField(default=list)  # dicts of `applying.Reason`

    objects = RefusedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["run", "row"], name="refused_of_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.row}"
