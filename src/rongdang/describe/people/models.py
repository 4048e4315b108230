"""The people the files are about, and what is known of them: facts, each with its evidence."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models

from rongdang.base.columns.fields import BlindIndexField, EncryptedJSONField, EncryptedTextField
from rongdang.base.ids import uuid7
from rongdang.base.vocab import ids
from rongdang.describe.access.predicate import REGISTER, Columns, Purpose, content, listed

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


LISTED = Columns("scope", "", "pk", "case_file")


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: User, purpose: Purpose = REGISTER) -> Self:
        """The people whose existence `user` may know of for the purpose; every read starts here."""
        return self.open().filter(listed(user, purpose, LISTED))

    def open(self) -> Self:
        """Without records closed again, as when the reading that had opened them was taken back."""
        return self.filter(closed_at__isnull=True)


class Person(models.Model):
    """A retired cadre in the care of one unit (RiC Person).

    The columns beside the keys are a projection of confirmed facts, kept by `services.project`.
    """

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    unit = models.ForeignKey("orgs.Unit", models.PROTECT, related_name="+")
    scope = models.CharField(max_length=64)  # path of the unit, for every scoped read
    name = models.CharField(max_length=60)
    name_keys = models.CharField(max_length=200)  # pinyin and initials, for lists and matching
    sex = models.CharField(max_length=4, blank=True)
    birth = models.CharField(max_length=10, blank=True)  # partial ISO date
    retirement = models.CharField(max_length=12, blank=True)
    record = EncryptedJSONField(default=dict)  # field → value that holds
    closed_at = models.DateTimeField(null=True, blank=True)
    # For lists and totals of a unit: points of the file by what it must hold (none without a file),
    # and how many of the hundred points of what should be known of him are known.
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    known = models.PositiveSmallIntegerField(default=0)

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["scope", "name_keys", "id"], name="person_scope_name"),
            models.Index(fields=["name"], name="person_name"),
            models.Index(fields=["scope", "score", "known"], name="person_scope_score"),
        ]

    def __str__(self) -> str:
        return self.name


class FactState(models.TextChoices):
    PROPOSED = "proposed", "待确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "不采用"
    WITHDRAWN = "withdrawn", "已撤下"


ID_NUMBER = "公民身份号码"
FACTS = Columns("person__scope", "field", "person", "person__case_file", fields=True)


class FactQuerySet(models.QuerySet["Fact"]):
    def visible_to(self, user: User, purpose: Purpose) -> Self:
        """By the level of the field: what role or purpose does not show is dropped, not blanked."""
        return self.filter(content(user, purpose, FACTS))

    def of_number(self, number: str) -> Self:
        """Facts that say this ID number, however it is written; found without opening any."""
        return self.filter(value_index=self.model.number_index(number))


class Fact(models.Model):
    """One thing a source says of a person: field, value, and the place on the page that says so."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="facts")
    field = models.CharField(max_length=24)  # name in the field dictionary
    value = EncryptedTextField()
    original = EncryptedTextField(blank=True)  # as written on the page
    value_index = BlindIndexField()  # of ID numbers only: what few share may be looked up
    state = models.CharField(max_length=12, choices=FactState, default=FactState.PROPOSED)
    # Evidence: a region of a page, and the day the page was made (decides which fact holds).
    page = models.ForeignKey(
        "casefiles.Page", models.PROTECT, null=True, blank=True, related_name="facts"
    )
    box = models.JSONField(null=True, blank=True)  # (x0, y0, x1, y1) in 0..1
    formed = models.CharField(max_length=10, blank=True)
    confidence = models.FloatField(default=0.0)  # of the machine, before a person looked
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    # A fact found wrong stays as a row, with who took it back, when and why.
    withdrawn_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = EncryptedTextField(blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "field"], name="fact_person_field")]
        constraints = [
            # Nothing becomes a fact without a name beside it.
            models.CheckConstraint(
                condition=~models.Q(state=FactState.CONFIRMED)
                | models.Q(recorded_by__isnull=False),
                name="confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=FactState.WITHDRAWN)
                | models.Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False)
                & ~models.Q(withdrawn_why=""),
                name="withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.pk}"

    def indexed(self) -> str:
        """An ID number in the one form it is looked up by; nothing of other fields."""
        return ids.comparable(self.value) if self.field == ID_NUMBER else ""

    @classmethod
    def number_index(cls, number: str) -> str:
        """What `value_index` holds for that number; of no number, what no fact holds."""
        field = cls._meta.get_field("value_index")
        assert isinstance(field, BlindIndexField)
        return field.digest(ids.comparable(number)) or "-"
