"""Which records may be one person, what was said of it, and joinings of records that can be undone."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from rongdang.base.columns.fields import EncryptedBinaryField, EncryptedTextField
from rongdang.base.ids import uuid7
from rongdang.describe.people.models import Person

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class Key(models.Model):
    """One of the keys under which a person's record is found when another is compared (`keys`)."""

    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    key = models.BigIntegerField()  # keyed digest: what it stands for is read by nobody

    class Meta:
        indexes = [models.Index(fields=["key", "person"], name="key_and_person")]

    def __str__(self) -> str:
        return f"{self.key} {self.person_id}"


class Verdict(models.TextChoices):
    WAITING = "waiting", "等人定"
    LATER = "later", "以后再定"
    SAME = "same", "是同一人"
    DIFFERENT = "different", "不是同一人"


class PairQuerySet(models.QuerySet["Pair"]):
    def visible_to(self, user: User) -> Self:
        """Where both people may be known of: else one would tell of the other."""
        seen = Person.objects.visible_to(user)
        return self.filter(first__in=seen, second__in=seen)

    def waiting(self) -> Self:
        return self.filter(verdict=Verdict.WAITING)


class Pair(models.Model):
    """Two records that may be one person: how probable, why, and what somebody said of it.

    `first` is the older record. What was said is never forgotten: two said to be different are not
    put forward again, whatever a later comparison finds.
    """

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    first = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    second = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    scope = models.CharField(max_length=64)  # of the first
    probability = models.FloatField()
    reasons = EncryptedTextField(blank=True)  # codes of the levels, the heaviest first
    model = models.CharField(max_length=40, blank=True)  # version of the weights
    found_at = models.DateTimeField(auto_now_add=True)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.WAITING)
    said_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    said_at = models.DateTimeField(null=True, blank=True)
    why = EncryptedTextField(blank=True)

    objects = PairQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_in_order"),
        ]
        indexes = [
            models.Index(fields=["scope", "verdict", "-probability", "id"], name="pair_waiting"),
            models.Index(fields=["second"], name="pair_second"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id} {self.verdict}"

    @property
    def percent(self) -> int:
        """Never 100 while there is any doubt."""
        return int(self.probability * 100)


class JoiningKind(models.TextChoices):
    MERGE = "merge", "合并"
    SPLIT = "split", "拆分"


class JoiningQuerySet(models.QuerySet["Joining"]):
    def visible_to(self, user: User) -> Self:
        """Whoever may know of the record that stayed."""
        return self.filter(kept__in=Person.objects.visible_to(user))

    def in_force(self) -> Self:
        return self.filter(undone_at__isnull=True)


class Joining(models.Model):
    """Two records made one, or one made two; `journal` holds what stood in every row it touched.

    Of a merge `other` is closed and all that hung on it hangs on `kept`; of a split `other` is the
    new record.
    """

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    kind = models.CharField(max_length=5, choices=JoiningKind)
    kept = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    other = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    journal = EncryptedBinaryField()  # `journal.packed`
    done_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )  # None: by the rule of the unit
    done_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_why = EncryptedTextField(blank=True)

    objects = JoiningQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["other"], name="joining_other")]
        constraints = [
            models.UniqueConstraint(
                fields=["other"],
                condition=Q(kind="merge", undone_at__isnull=True),
                name="merged_into_one",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | ~Q(undone_why=""),
                name="undone_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.kept_id} {self.other_id}"
