"""Who is sent what changed, and how far he has come."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from rongdang.base.columns.fields import EncryptedTextField
from rongdang.base.ids import uuid7

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class SubscriptionState(models.TextChoices):
    ACTIVE = "active", "在送"
    PAUSED = "paused", "暂停"
    ENDED = "ended", "已停"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def visible_to(self, user: User) -> Self:
        """One's own: what is sent is what its owner may see."""
        return self.filter(owner=user).exclude(state=SubscriptionState.ENDED)

    def due(self) -> Self:
        """Those to look at now: not waiting after a failure, and in nobody's hands."""
        now = timezone.now()
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        return self.filter(free, state=SubscriptionState.ACTIVE, next_at__lte=now)


class Subscription(models.Model):
    """A programme outside that is sent its owner's changes. Its place moves only when it has answered."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    url = EncryptedTextField()
    secret = EncryptedTextField()  # what its deliveries are signed with
    state = models.CharField(
        max_length=8, choices=SubscriptionState, default=SubscriptionState.ACTIVE
    )
    after = models.BigIntegerField()  # the last entry of the ledger it was told of
    made_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)  # in vain, since it last answered
    trouble = EncryptedTextField(blank=True)  # why the last try failed
    next_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
