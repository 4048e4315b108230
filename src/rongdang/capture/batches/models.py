"""Batch 批次 → Upload (a file as handed in) → Scan (one page image on its way into a file)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models

from rongdang.base.columns.fields import EncryptedBinaryField, EncryptedTextField
from rongdang.base.ids import uuid7
from rongdang.capture.batches.states import BatchState, ScanState, UploadState
from rongdang.describe.access.predicate import KEEP, Purpose, at_work

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: User, purpose: Purpose = KEEP) -> Self:
        return self.filter(at_work(user, purpose, "scope"))


class Batch(models.Model):
    """One lot of scans handed in together by one person for one unit."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    number = models.CharField(max_length=24, unique=True)  # e.g. 20261124-003
    unit = models.ForeignKey("orgs.Unit", models.PROTECT, related_name="+")
    scope = models.CharField(max_length=64)
    source = models.CharField(max_length=12)  # browser, folder, command, api
    note = EncryptedTextField(blank=True)
    state = models.CharField(max_length=12, choices=BatchState, default=BatchState.RECEIVING)
    # Whoever hands in declares that no state secret is among the pages (保密法 31).
    declared_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)  # said once: every page was looked at

    objects = BatchQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["scope", "-created_at"], name="batch_scope_time")]

    def __str__(self) -> str:
        return self.number


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: User, purpose: Purpose = KEEP) -> Self:
        return self.filter(at_work(user, purpose, "batch__scope"))


class Upload(models.Model):
    """A file as it was handed in; its bytes are an object, its state is said in words."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="uploads")
    name = EncryptedTextField()  # as the sender called it; never a path here
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)  # bytes kept so far (resumable)
    # When the sender's file was changed last, in milliseconds; 0 when he did not say. By it a file
    # chosen again after a break is known.
    modified = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=12, choices=UploadState, default=UploadState.RECEIVING)
    stored = models.ForeignKey(
        "objects.StoredObject", models.PROTECT, null=True, blank=True, related_name="+"
    )
    # A page scanned anew: its scans take the place of this one once they are read.
    replaces = models.ForeignKey(
        "batches.Scan", models.PROTECT, null=True, blank=True, related_name="replacements"
    )
    pages_expected = models.PositiveIntegerField(null=True, blank=True)
    pages_found = models.PositiveIntegerField(default=0)
    reason_zh = EncryptedTextField(blank=True)
    reason_en = EncryptedTextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.name)


class ScanQuerySet(models.QuerySet["Scan"]):
    def visible_to(self, user: User, purpose: Purpose = KEEP) -> Self:
        """Pages that stand in nobody's own papers; one without a place is nobody's yet."""
        of_person = "place__material__person"
        return self.filter(at_work(user, purpose, "batch__scope", person=of_person))


class Scan(models.Model):
    """One page image between scanner and file: master, cleaned image, text, quality, state."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="scans")
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="scans")
    number = models.PositiveIntegerField()  # page inside its file, from 0
    half = models.PositiveSmallIntegerField(default=0)  # 0 whole, 1 left, 2 right of a spread
    state = models.CharField(max_length=12, choices=ScanState, default=ScanState.WAITING)
    original = models.ForeignKey(
        "objects.StoredObject", models.PROTECT, null=True, related_name="+"
    )
    optimised = models.ForeignKey(
        "objects.StoredObject", models.PROTECT, null=True, blank=True, related_name="+"
    )
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    rotation = models.PositiveSmallIntegerField(default=0)
    turn = models.PositiveSmallIntegerField(default=0)  # asked for by a person, on top
    quality = models.JSONField(default=dict)
    separator = models.CharField(max_length=200, blank=True)  # payload of a QR separator sheet
    engine = models.CharField(max_length=80, blank=True)
    layer = EncryptedBinaryField(default=b"")
    reason_zh = EncryptedTextField(blank=True)
    reason_en = EncryptedTextField(blank=True)
    # A page stopped as secret: the security officer has dealt with it; cleared = it is no secret,
    # or was declassified, so the sheet may be scanned again.
    settled_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    cleared = models.BooleanField(default=False)

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ["upload", "number", "half"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "number", "half"], name="scan_once")
        ]
        # Is anything of this batch still waiting, and what has to be scanned again: asked for every
        # page that is read, so it must not grow with the batch.
        indexes = [models.Index(fields=["batch", "state"], name="scan_batch_state")]

    def __str__(self) -> str:
        return f"{self.upload_id}/{self.number}"


class TrayQuerySet(models.QuerySet["Tray"]):
    def visible_to(self, user: User, purpose: Purpose = KEEP) -> Self:
        return self.filter(at_work(user, purpose, "unit__path"))


class Tray(models.Model):
    """A unit's folder in the watched inbox, opened by the clerk who answers for what lies in it.

    The standing declaration “no state secrets” is his; batches from the tray carry his name.
    """

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    unit = models.OneToOneField("orgs.Unit", models.PROTECT, related_name="+")
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now=True)
    is_open = models.BooleanField(default=True)
    # What keeps its files from being taken in; "" when nothing does.
    trouble_zh = EncryptedTextField(blank=True)
    trouble_en = EncryptedTextField(blank=True)

    objects = TrayQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.unit_id)
