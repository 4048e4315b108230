"""Alarms: what somebody has to look at, until the security officer has settled it with a note."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.kinds import AlarmKind, kinds
from rongdang.base.columns.fields import EncryptedJSONField, EncryptedTextField
from rongdang.base.ids import uuid7
from rongdang.base.orgs.models import within

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class Severity(models.TextChoices):
    NOTICE = "notice", "提示"
    WARNING = "warning", "警告"
    URGENT = "urgent", "紧急"


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def visible_to(self, user: User, permission: str = Permission.ALARM_SEE) -> Self:
        """Alarms of his units; one that belongs to no unit concerns every officer who sees alarms."""
        paths = user.scopes(permission)
        if not paths:
            return self.none()
        return self.filter(Q(scope="") | within("scope", paths))

    def waiting(self) -> Self:
        return self.filter(settled_at=None)


class Alarm(models.Model):
    """One thing that went wrong; while it waits, the same thing again only counts up `times`."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    kind = models.CharField(max_length=32)
    severity = models.CharField(max_length=8, choices=Severity)
    scope = models.CharField(max_length=64, blank=True)  # path of the unit; "" = the installation
    # Whose act it was; that person never settles it.
    about = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    subject_kind = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    detail = EncryptedJSONField(default=dict)  # of the last time; numbers and ids, no content
    times = models.PositiveIntegerField(default=1)
    raised_at = models.DateTimeField()
    last_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    note = EncryptedTextField(blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["settled_at", "-last_at"], name="alarm_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_kind", "subject_id"],
                condition=Q(settled_at=None, about=None),
                name="alarm_waits_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "about", "subject_kind", "subject_id"],
                condition=Q(settled_at=None, about__isnull=False),
                name="alarm_waits_once_a_person",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None, note="")
                | Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(note=""),
                name="alarm_settled_with_a_note",
            ),
            models.CheckConstraint(
                condition=Q(settled_by=None) | Q(about=None) | ~Q(settled_by=F("about")),
                name="alarm_settled_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ×{self.times}"

    @property
    def words(self) -> AlarmKind:
        return kinds()[self.kind]
