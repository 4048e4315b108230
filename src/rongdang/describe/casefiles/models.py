"""CaseFile 卷 → Item 材料 → Page 页: what is kept of one person, as catalogued."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Self

from django.db import models

from rongdang.base.columns.fields import EncryptedBinaryField, EncryptedTextField
from rongdang.base.ids import uuid7
from rongdang.describe.access.predicate import (
    REGISTER,
    Columns,
    Purpose,
    Reader,
    content,
    listed,
    listed_each,
)
from rongdang.describe.casefiles.states import CaseFileState

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


LISTED = Columns("scope", "", "person", "pk")
ITEMS = Columns("case_file__scope", "level", "case_file__person", "case_file")
PAGES = Columns(
    "item__case_file__scope", "item__level", "item__case_file__person", "item__case_file"
)
TEXTS = Columns(
    "page__item__case_file__scope",
    "page__item__level",
    "page__item__case_file__person",
    "page__item__case_file",
)


class CaseFileQuerySet(models.QuerySet["CaseFile"]):
    def visible_to(self, user: User, purpose: Purpose = REGISTER) -> Self:
        """The files whose existence `user` may know of for the purpose; every read starts here."""
        return self.filter(listed(user, purpose, LISTED))

    def visible_in_order(self, user: Reader, most: int, at: dt.datetime | None = None) -> Self:
        """The first `most` of these files that `visible_to(user)` gives, by unit and number.

        Those seen by role and those seen by grant are each looked up by an index of their own and
        sorted before anything is joined to them; together, the whole list would be sorted for a page.
        They are put together by UNION: an OR makes PostgreSQL walk the list from its first unit on.
        """
        every = type(self)(self.model)
        firsts = [
            every.filter(
                pk__in=self.filter(seen).order_by("scope", "number").values("pk")[:most]
            ).values("pk")
            for seen in listed_each(user, REGISTER, LISTED, at)
        ]
        found = every.filter(pk__in=firsts[0].union(*firsts[1:], all=True))
        return found.order_by("scope", "number")[:most]


class CaseFile(models.Model):
    """One person's records in one unit's custody: 案卷 (DA/T 18-2022), "file" of ISAD(G)."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    number = models.CharField(max_length=64, unique=True)  # 档号, DA/T 13-2022
    person = models.OneToOneField("people.Person", models.PROTECT, related_name="case_file")
    custodian = models.ForeignKey("orgs.Unit", models.PROTECT, related_name="+")
    scope = models.CharField(max_length=64)
    scheme = models.CharField(max_length=4, default="2018")
    state = models.CharField(max_length=12, choices=CaseFileState, default=CaseFileState.OPEN)
    version = models.PositiveIntegerField(default=0)  # of the sealed object; 0 = never sealed
    sealed_at = models.DateTimeField(null=True, blank=True)
    # Who asked for the sealing that is under way; and why the last one did not come about.
    sealing_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    trouble_zh = EncryptedTextField(blank=True)
    trouble_en = EncryptedTextField(blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    item_count = models.PositiveIntegerField(default=0)
    page_count = models.PositiveIntegerField(default=0)
    # Place of the paper: room, rack, layer, box.
    room = models.CharField(max_length=20, blank=True)
    rack = models.CharField(max_length=20, blank=True)
    layer = models.CharField(max_length=20, blank=True)
    box = models.CharField(max_length=20, blank=True)

    objects = CaseFileQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["scope", "number"], name="casefile_scope_number")]

    def __str__(self) -> str:
        return self.number


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, user: User, purpose: Purpose) -> Self:
        return self.filter(content(user, purpose, ITEMS))


class Item(models.Model):
    """One material 材料 as the catalogue lists it (文件级, DA/T 18-2022)."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    case_file = models.ForeignKey(CaseFile, models.PROTECT, related_name="items")
    category = models.CharField(max_length=8)  # code of the file's scheme, e.g. 9-2
    level = models.CharField(max_length=8)
    sequence = models.PositiveIntegerField()  # running number inside the class
    title = models.CharField(max_length=200)
    title_made = models.BooleanField(default=False)  # 拟: made up by the cataloguer
    formed = models.CharField(max_length=10, blank=True)  # 材料形成时间, partial ISO date
    page_count = models.PositiveIntegerField()
    is_copy = models.BooleanField(default=False)
    # Taken over from the paper catalogue; its pages are not digitised yet, so it has none here.
    paper_only = models.BooleanField(default=False)
    note = EncryptedTextField(blank=True)
    version = models.PositiveIntegerField(default=1)  # two clerks on one entry: the second is told
    filed_at = models.DateTimeField(auto_now_add=True)
    filed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case_file", "category", "sequence"], name="item_numbered_once"
            )
        ]

    def __str__(self) -> str:
        return self.title


class PageQuerySet(models.QuerySet["Page"]):
    def visible_to(self, user: User, purpose: Purpose) -> Self:
        return self.filter(content(user, purpose, PAGES))


class Page(models.Model):
    """One side of a sheet: the master as scanned, the image for reading, and its text."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="pages")
    sequence = models.PositiveIntegerField()
    original = models.ForeignKey("objects.StoredObject", models.PROTECT, related_name="+")
    optimised = models.ForeignKey("objects.StoredObject", models.PROTECT, related_name="+")
    width = models.PositiveIntegerField()  # of the optimised image, pixels
    height = models.PositiveIntegerField()
    dpi = models.PositiveIntegerField(default=300)
    rotation = models.PositiveSmallIntegerField(default=0)
    blank = models.BooleanField(default=False)
    engine = models.CharField(max_length=80, blank=True)  # name and version that read the text
    layer = EncryptedBinaryField(default=b"")  # TextLayer as JSON, deflated

    objects = PageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "sequence"], name="page_numbered_once")
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.sequence}"


class EarlierTextQuerySet(models.QuerySet["EarlierText"]):
    def visible_to(self, user: User, purpose: Purpose) -> Self:
        return self.filter(content(user, purpose, TEXTS))


class EarlierText(models.Model):
    """The text a page had before a newer engine read it again; nothing that was read is lost."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    page = models.ForeignKey(Page, models.PROTECT, related_name="earlier_texts")
    engine = models.CharField(max_length=80)  # that read this text
    layer = EncryptedBinaryField()
    until = models.DateTimeField(auto_now_add=True)
    # Lines that differ from the text that followed; a person looks, and marks them as seen.
    changes = models.PositiveIntegerField()
    seen_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = EarlierTextQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["page", "-until"], name="earlier_text_page")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.engine}"
