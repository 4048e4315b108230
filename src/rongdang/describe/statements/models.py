"""Sources, and what each row of them says of one person: twenty facts in one row of ours.

A fact of a page is a row (`people.Fact`), for it has a place on the page and a person who confirmed it.
What a table says comes twenty fields at a time and a million rows deep; so a row of a source is one
statement, packed and sealed as a whole, and its facts are read out of it (decision 0018).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models

from rongdang.base.columns.fields import BlindIndexField, EncryptedJSONField
from rongdang.base.ids import uuid7
from rongdang.base.vocab import ids
from rongdang.describe.access.predicate import REGISTER, Columns, Purpose, listed
from rongdang.describe.statements.said import Said, unpacked

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User

ID_NUMBER = "公民身份号码"
LISTED = Columns("scope", "", "person", "person__case_file")


class SourceKind(models.TextChoices):
    TABLE = "table", "表格"
    DATABASE = "database", "数据库"
    PACKAGE = "package", "数字档案目录"
    NODE = "node", "另一处荣档"


class Source(models.Model):
    """An old system, table or list of one unit that says things of people."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    unit = models.ForeignKey("orgs.Unit", models.PROTECT, related_name="+")
    scope = models.CharField(max_length=64)  # path of the unit
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=SourceKind)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)  # when it was last read to its end

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="source_name_in_unit")]

    def __str__(self) -> str:
        return self.name


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, user: User, purpose: Purpose = REGISTER) -> Self:
        """Statements whose person `user` may know of; which fields of them, `queries.sayings_seen` says."""
        return self.filter(listed(user, purpose, LISTED))

    def holding(self) -> Self:
        """Those neither replaced by a later one of the same row, nor taken back."""
        return self.filter(ended_at__isnull=True)

    def of_number(self, number: str) -> Self:
        """Statements that give this ID number, however it is written; found without opening any."""
        field = self.model._meta.get_field("number_index")
        assert isinstance(field, BlindIndexField)
        return self.filter(number_index=field.digest(ids.comparable(number)) or "-")


class Statement(models.Model):
    """What one row of a source says of one person, from `recorded_at` until `ended_at`.

    Never changed and never removed: a row that says something else makes a new statement and ends
    this one, and taking back a run ends what it recorded and lets hold again what it had ended.
    """

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    source = models.ForeignKey(Source, models.PROTECT, related_name="statements")
    key = models.BinaryField(max_length=16)  # keyed digest of what tells the source's rows apart
    digest = models.BinaryField(max_length=16)  # keyed digest of what is said: has it changed?
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="statements")
    scope = models.CharField(max_length=64)
    row = models.PositiveIntegerField()  # number of the row as a clerk counts it in the source
    says = EncryptedJSONField()  # `said.packed`
    number_index = BlindIndexField()  # of the ID number it gives
    run = models.UUIDField(db_index=True)  # the reading of the source that recorded it
    recorded_at = models.DateTimeField()
    ended_run = models.UUIDField(null=True, blank=True, db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    missing_at = models.DateTimeField(null=True, blank=True)  # when the source no longer had it

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "key"],
                condition=models.Q(ended_at__isnull=True),
                name="one_statement_holds_per_row",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.row}"

    @property
    def sayings(self) -> dict[str, Said]:
        """Field → what is said; opens the row."""
        return unpacked(self.says)

    def indexed(self) -> str:
        """An ID number in the one form it is looked up by."""
        return ids.comparable(self.says.get(ID_NUMBER, [""])[0])
