"""Access tokens: what a programme shows instead of a session, in its owner's name and never with more."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

from rongdang.base.ids import uuid7

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def visible_to(self, user: User) -> Self:
        """One's own; that others hold some is read on the ledger."""
        return self.filter(user=user)

    def live(self) -> Self:
        """Neither withdrawn nor over: at the very second of its end it is."""
        return self.filter(withdrawn_at=None, until__gt=timezone.now())


class AccessToken(models.Model):
    """One programme's way in; the secret is shown once and kept by its owner alone."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)  # what its owner calls the programme
    scopes = models.JSONField()  # of `tokens.SCOPES`
    # MAC of the secret with owner, scopes and end: a row moved or widened by hand fits no secret.
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_from = models.CharField(max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
