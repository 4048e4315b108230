"""Which machines outside the house it may speak to: proposed by one officer, allowed by another."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from rongdang.base.accounts.roles import Permission
from rongdang.base.columns.fields import EncryptedTextField
from rongdang.base.ids import uuid7

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class HostState(models.TextChoices):
    PROPOSED = "proposed", "等另一位批准"
    ALLOWED = "allowed", "可以连接"
    REFUSED = "refused", "没有同意"
    ENDED = "ended", "已停用"


class AllowedHostQuerySet(models.QuerySet["AllowedHost"]):
    def visible_to(self, user: User) -> Self:
        """The whole installation's: for the officers who look after it."""
        return self if user.may(Permission.HOST_ALLOW) else self.none()

    def in_force(self) -> Self:
        return self.filter(state=HostState.ALLOWED)


class AllowedHost(models.Model):
    """A machine and a port the house may connect to, and what for."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    host = models.CharField(max_length=253)  # name or address, lower case
    port = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=HostState, default=HostState.PROPOSED)
    reason = EncryptedTextField()
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AllowedHostQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="host_takes_two",
            ),
            models.CheckConstraint(
                condition=~Q(state="allowed") | Q(decided_by__isnull=False) & ~Q(reason=""),
                name="host_allowed_by_two",
            ),
            models.UniqueConstraint(
                fields=["host", "port"],
                condition=Q(state__in=["proposed", "allowed"]),
                name="host_named_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
