"""Material: what the machine proposes as one 材料, until a person decides."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models

from rongdang.base.columns.fields import EncryptedJSONField, EncryptedTextField
from rongdang.base.ids import uuid7
from rongdang.capture.review.states import MaterialState
from rongdang.describe.access.predicate import KEEP, Purpose, at_work

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class MaterialQuerySet(models.QuerySet["Material"]):
    def visible_to(self, user: User, purpose: Purpose = KEEP) -> Self:
        return self.filter(at_work(user, purpose, "scope", person="person"))


class Material(models.Model):
    """A run of scans with title, category, date and fields as read; nothing here is a fact yet."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="materials")
    scope = models.CharField(max_length=64)
    sequence = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=MaterialState, default=MaterialState.PROPOSED)
    version = models.PositiveIntegerField(default=1)  # two clerks on one page: the second is told
    person = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    person_name = models.CharField(max_length=60, blank=True)  # as read; never filed silently
    title = models.CharField(max_length=200, blank=True)
    title_source = models.CharField(max_length=8, default="page")
    category = models.CharField(max_length=8, blank=True)
    formed = models.CharField(max_length=10, blank=True)
    is_copy = models.BooleanField(default=False)
    note = EncryptedTextField(blank=True)
    confidence = models.JSONField(default=dict)  # title, category, date, boundary, person
    # [{name, value, original, confidence, scan, box, reason_zh, reason_en}]
    fields = EncryptedJSONField(default=list)
    item = models.OneToOneField(
        "casefiles.Item", models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = MaterialQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "sequence"]
        indexes = [models.Index(fields=["scope", "state", "id"], name="material_scope_state")]

    def __str__(self) -> str:
        return self.title or str(self.pk)


class MaterialPage(models.Model):
    """A scan's place in a material; a scan stands in one place only."""

    material = models.ForeignKey(Material, models.CASCADE, related_name="pages")
    scan = models.OneToOneField("batches.Scan", models.PROTECT, related_name="place")
    sequence = models.PositiveIntegerField()

    class Meta:
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.material_id}/{self.sequence}"
