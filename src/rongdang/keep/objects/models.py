"""Bytes for a century: each stored once, encrypted under its own key, never changed."""

from __future__ import annotations

import uuid

from django.db import models

from rongdang.base.ids import uuid7


class StoredObject(models.Model):
    """An immutable object (PREMIS Object, file level); its wrapped key lives in this row only."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    digest = models.CharField(max_length=64)  # SHA-256 of the plain bytes, hex
    # SM3 of the same (GB/T 32905), where the SM suite wrote them or they were brought to it.
    digest_sm3 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=60, blank=True)
    suite = models.PositiveSmallIntegerField(default=1)
    key_id = models.CharField(max_length=60)
    # Empty once the object was lawfully destroyed: without it nobody reads the bytes again.
    wrapped_key = models.BinaryField()
    stored_at = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    shredded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # The same bytes are kept once; a destroyed object does not stand in their way.
            models.UniqueConstraint(
                fields=["digest"],
                condition=models.Q(shredded_at__isnull=True),
                name="object_kept_once",
            )
        ]
        indexes = [
            models.Index(fields=["verified_at"], name="object_verified"),
            # Have these bytes been here, and been destroyed? Asked of every file and page.
            models.Index(fields=["digest"], name="object_digest"),
        ]

    def __str__(self) -> str:
        return self.digest
