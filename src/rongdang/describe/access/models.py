"""Why somebody reads a file: openings with their purpose; and whose files he must not read (回避)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from rongdang.base.columns.fields import EncryptedTextField
from rongdang.base.ids import uuid7
from rongdang.base.vocab import purposes
from rongdang.base.vocab.purposes import PurposeEntry

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class OpeningQuerySet(models.QuerySet["Opening"]):
    def visible_to(self, user: User) -> Self:
        """One's own; what others opened is read on the ledger."""
        return self.filter(user=user)

    def current(self) -> Self:
        """Not over yet: at the very second of its end it is."""
        return self.filter(until__gt=timezone.now())


class Opening(models.Model):
    """A person, a purpose of the closed list, and the file it binds for a working time.

    Without a file it is for searching across files: it shows the words around a hit, no page.
    """

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    case_file = models.ForeignKey(
        "casefiles.CaseFile", models.PROTECT, null=True, blank=True, related_name="openings"
    )
    purpose = models.CharField(max_length=16)  # code of the closed list
    note = EncryptedTextField(blank=True)
    # The batch or other task that was itself the reason; "" when the person stated it.
    task = models.CharField(max_length=64, blank=True)
    unmasked = models.JSONField(default=list)  # fields he asked to see whole
    opened_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()

    objects = OpeningQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "case_file", "-until"], name="opening_of_user")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.case_file_id}"

    @property
    def entry(self) -> PurposeEntry:
        return purposes.reasons()[self.purpose]


class Identity(models.Model):
    """Who an account is outside the system, beside its ID number (`User.person`)."""

    user = models.OneToOneField(
        "accounts.User", models.PROTECT, primary_key=True, related_name="identity"
    )
    birth = models.CharField(max_length=10, blank=True)  # partial ISO date
    # The person's own file here, named by the security officer.
    person = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.user_id)


class NamedKin(models.Model):
    """Somebody a file names as a relative of its person; kept as an index, found by equality."""

    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    fact = models.ForeignKey("people.Fact", models.CASCADE, null=True, related_name="+")
    name_index = models.CharField(max_length=64)
    relation = models.CharField(max_length=12)
    birth = models.CharField(max_length=4, blank=True)  # year, if the file says it

    class Meta:
        indexes = [models.Index(fields=["name_index"], name="named_kin_name")]

    def __str__(self) -> str:
        return f"{self.relation} of {self.person_id}"


class Ground(models.TextChoices):
    """Why a file is not for this reader."""

    OWN = "own", "本人"
    KIN = "kin", "近亲属"
    LIKELY_KIN = "likely", "姓名相同，疑为近亲属"


class AvoidanceQuerySet(models.QuerySet["Avoidance"]):
    def holding(self) -> Self:
        return self.filter(cleared_by=None)


class Avoidance(models.Model):
    """This account must not read this person's file; a likely one holds until it is cleared."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="avoidances")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    ground = models.CharField(max_length=8, choices=Ground)
    relation = EncryptedTextField(blank=True)
    declared = models.BooleanField(default=False)  # by the security officer, not found in a file
    found_at = models.DateTimeField(auto_now_add=True)
    cleared_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    cleared_why = EncryptedTextField(blank=True)

    objects = AvoidanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "person"], name="avoided_once"),
            models.CheckConstraint(
                condition=Q(cleared_by=None) | ~Q(cleared_why=""), name="cleared_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(cleared_by=None) | ~Q(cleared_by=models.F("user")),
                name="cleared_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.ground} {self.person_id}"
