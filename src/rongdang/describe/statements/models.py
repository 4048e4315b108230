"""Sources, and what each row of them says of one person: twenty facts in one row of ours.

A fact of a page is a row (`people.Fact`), for it has a place on the page and a person who confirmed it.
What a table says comes twenty fields at a time and a million rows deep; so a row of a source is one
statement, packed and sealed as a whole, and its facts are read out of it (decision 0018).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models

from rongdang.base.accounts.roles import Permission
from rongdang.base.columns.fields import BlindIndexField, EncryptedJSONField
from rongdang.base.ids import uuid7
from rongdang.base.orgs.models import within
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


class SourceQuerySet(models.QuerySet["Source"]):
    def visible_to(self, user: User) -> Self:
        """Sources of the units whose sources `user` may see; what they say is another question."""
        return self.filter(within("scope", user.scopes(Permission.SOURCE_SEE)))


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

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="source_name_in_unit")]

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """The rows of one transaction of a run: recorded together, on the ledger and in the index as one."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    source = models.ForeignKey(Source, models.PROTECT, related_name="batches", db_index=False)
    run = models.UUIDField(db_index=True)
    first = models.PositiveIntegerField(default=0)  # numbers of its first and last row
    last = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    taken_back = models.BooleanField(default=False)  # it takes back, and records nothing
    people = models.BinaryField(
        default=b""
    )  # ids, 16 bytes each, of those it says something new of
    # Keys of the rows that were read, 16 bytes each, until the run ends: who is missing, who is twice.
    keys = models.BinaryField(default=b"")
    # Statements it found again at the source: [id, missing since, run that had missed them].
    again = models.JSONField(default=list)
    # Names before of people it gave another: [id, name]; somebody opened by hand has his from nowhere else.
    renamed = EncryptedJSONField(null=True)

    def __str__(self) -> str:
        return f"{self.run} {self.first}-{self.last}"

    @property
    def people_ids(self) -> list[uuid.UUID]:
        packed = bytes(self.people)
        return [uuid.UUID(bytes=packed[at : at + 16]) for at in range(0, len(packed), 16)]


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, user: User, purpose: Purpose = REGISTER) -> Self:
        """Statements whose person `user` may know of; which fields of them, `queries.sayings_seen` says."""
        return self.filter(listed(user, purpose, LISTED))

    def holding(self) -> Self:
        """Those neither replaced by a later one of the same row, nor taken back."""
        return self.filter(ended_at__isnull=True)

    def of_number(self, number: str) -> Self:
        """Statements that give this ID number, however it is written; found without opening any."""
        return self.filter(number_index=self.model.number_digest(number) or "-")


class Statement(models.Model):
    """What one row of a source says of one person, from `recorded_at` until `ended_at`.

    Never changed and never removed: a row that says something else makes a new statement and ends
    this one, and taking back a run ends what it recorded and lets hold again what it had ended.
    """

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    # Found by its two partial indexes with `key`; one of its own would cost a million rows for nothing.
    source = models.ForeignKey(Source, models.PROTECT, related_name="statements", db_index=False)
    key = models.BinaryField(max_length=16)  # keyed digest of what tells the source's rows apart
    digest = models.BinaryField(max_length=16)  # keyed digest of what is said: has it changed?
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="statements")
    scope = models.CharField(max_length=64)
    row = models.PositiveIntegerField()  # number of the row as a clerk counts it in the source
    says = EncryptedJSONField()  # `said.packed`
    number_index = BlindIndexField()  # of the ID number it gives
    run = models.UUIDField()  # the reading of the source that recorded it
    recorded_at = models.DateTimeField()
    ended_run = models.UUIDField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    missing_at = models.DateTimeField(null=True, blank=True)  # when the source no longer had it
    missing_run = models.UUIDField(null=True, blank=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "key"],
                condition=models.Q(ended_at__isnull=True),
                name="one_statement_holds_per_row",
            )
        ]
        indexes = [
            models.Index(fields=["run", "id"], name="statement_run"),
            models.Index(
                fields=["ended_run", "id"],
                condition=models.Q(ended_run__isnull=False),
                name="statement_ended",
            ),
            models.Index(
                fields=["source", "key"],
                condition=models.Q(ended_at__isnull=False),
                name="statement_earlier",
            ),
            models.Index(
                fields=["missing_run"],
                condition=models.Q(missing_run__isnull=False),
                name="statement_missing",
            ),
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

    @classmethod
    def number_digest(cls, number: str) -> str:
        """What `number_index` holds for that number; "" for none."""
        field = cls._meta.get_field("number_index")
        assert isinstance(field, BlindIndexField)
        return field.digest(ids.comparable(number))
