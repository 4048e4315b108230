"""When the gate stands open: proposed by one officer, approved by another, for a reason, until an end."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from rongdang.base.accounts.roles import Permission
from rongdang.base.columns.fields import EncryptedTextField
from rongdang.base.ids import uuid7

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class OpeningState(models.TextChoices):
    PROPOSED = "proposed", "等另一位批准"
    OPEN = "open", "关口已关闭检查"
    REFUSED = "refused", "没有同意"
    SHUT = "shut", "已恢复检查"


class GateOpeningQuerySet(models.QuerySet["GateOpening"]):
    def visible_to(self, user: User) -> Self:
        """The whole installation's: for every officer who looks after it."""
        return self if user.may(Permission.HEALTH_SEE) else self.none()

    def in_force(self) -> Self:
        """Approved and not over: at the very second of its end the gate is shut again."""
        return self.filter(state=OpeningState.OPEN, until__gt=timezone.now())


class GateOpening(models.Model):
    """A time in which marks are noted but stop nothing; it ends by itself."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    state = models.CharField(max_length=8, choices=OpeningState, default=OpeningState.PROPOSED)
    reason = EncryptedTextField()
    hours = models.PositiveSmallIntegerField()
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    shut_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = GateOpeningQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="gate_takes_two",
            ),
            models.CheckConstraint(
                condition=~Q(state="open")
                | Q(decided_by__isnull=False, until__isnull=False) & ~Q(reason=""),
                name="gate_open_by_two_with_an_end",
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="proposed"), name="gate_one_proposal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.until}"
