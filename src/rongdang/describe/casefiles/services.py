"""Writes to case files: open, file a material, place the paper. Sealing is in `sealing`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, Sum

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.base.vocab import categories, dates
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.casefiles.states import CASEFILE, CaseFileState
from rongdang.describe.people.models import Person


@dataclass(frozen=True, slots=True)
class PageSource:
    """A page as it comes from review: two stored images and the text layer (deflated JSON)."""

    original_id: uuid.UUID
    optimised_id: uuid.UUID
    width: int
    height: int
    dpi: int
    rotation: int
    blank: bool
    engine: str
    layer: bytes


@dataclass(frozen=True, slots=True)
class ItemDescription:
    """What a cataloguer decided of one material (DA/T 18-2022, file level)."""

    title: str
    category: str
    formed: str = ""
    title_made: bool = False
    is_copy: bool = False
    note: str = ""


@transaction.atomic
def open_case_file(person: Person, *, acting_user: User | None) -> CaseFile:
    """Open the person's file in his unit; its 档号 is fonds-RS·JX-number (DA/T 13-2022)."""
    require(acting_user, Permission.CASEFILE_EDIT, person.scope)
    unit = Unit.objects.get(pk=person.unit_id)
    # Units that share a fonds share its numbers: they take them one after another.
    list(Unit.objects.select_for_update().filter(fonds=unit.fonds).order_by("pk").only("pk"))
    case_file = CaseFile.objects.create(
        number=next_file_numbers(unit, 1)[0],
        person=person,
        custodian=unit,
        scope=unit.path,
        scheme=settings.CATEGORY_SCHEME,
    )
    record("casefile:open", actor=acting_user, subject=case_file)
    return case_file


def next_file_numbers(unit: Unit, count: int) -> list[str]:
    """The 档号 that follow the unit's last; asked for while the unit's row is locked."""
    prefix = f"{unit.fonds or unit.code}-RS·JX-"
    last = CaseFile.objects.filter(number__startswith=prefix).aggregate(last=Max("number"))["last"]
    first = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return [f"{prefix}{number:05d}" for number in range(first, first + count)]


@transaction.atomic
def file_item(
    case_file: CaseFile,
    description: ItemDescription,
    pages: Sequence[PageSource],
    *,
    acting_user: User,
    sequence: int | None = None,
) -> Item:
    """Add a material with its pages to the file; a sealed file is reopened by that.

    `sequence`: the number it bears already (of a file that comes from elsewhere).
    """
    require(acting_user, Permission.CASEFILE_EDIT, case_file.scope)
    refuse_avoided(acting_user, case_file.person_id)
    case_file = CaseFile.objects.select_for_update(of=("self",)).get(pk=case_file.pk)
    entry = _checked_entry(case_file, description, acting_user)
    if not pages:
        raise DomainError(
            "这份材料一页也没有，没有归卷。",
            "This material has no page; it was not filed.",
            hint_zh="先把页面移进来，或把这份并入别的材料。",
            hint_en="Move its pages here first, or merge it into another material.",
            code="no-pages",
        )
    item, known = _item_to_fill(
        case_file, entry, description, len(pages), acting_user, number=sequence
    )
    Page.objects.bulk_create(
        Page(
            item=item,
            sequence=sequence,
            original_id=page.original_id,
            optimised_id=page.optimised_id,
            width=page.width,
            height=page.height,
            dpi=page.dpi,
            rotation=page.rotation,
            blank=page.blank,
            engine=page.engine,
            layer=page.layer,
        )
        for sequence, page in enumerate(pages, 1)
    )
    reopen_if_sealed(case_file, acting_user)
    case_file.item_count = F("item_count") + (0 if known else 1)
    case_file.page_count = F("page_count") + len(pages) - known
    case_file.save(update_fields=["state", "item_count", "page_count", "changed_at"])
    record(
        "item:file",
        actor=acting_user,
        subject=item,
        detail={"case_file": str(case_file.pk), "category": item.category, "pages": len(pages)},
    )
    return item


@transaction.atomic
def list_paper_item(
    case_file: CaseFile,
    description: ItemDescription,
    *,
    pages: int,
    sequence: int,
    acting_user: User,
) -> Item:
    """List a material that stays on paper for now: in the catalogue, without pages here."""
    require(acting_user, Permission.CASEFILE_EDIT, case_file.scope)
    refuse_avoided(acting_user, case_file.person_id)
    case_file = CaseFile.objects.select_for_update(of=("self",)).get(pk=case_file.pk)
    entry = _checked_entry(case_file, description, acting_user)
    item = Item.objects.create(
        case_file=case_file,
        category=entry.code,
        level=entry.level,
        sequence=sequence,
        title=description.title,
        title_made=description.title_made,
        formed=description.formed,
        page_count=pages,
        is_copy=description.is_copy,
        note=description.note,
        paper_only=True,
        filed_by=acting_user,
    )
    reopen_if_sealed(case_file, acting_user)
    case_file.item_count = F("item_count") + 1
    case_file.page_count = F("page_count") + pages
    case_file.save(update_fields=["state", "item_count", "page_count", "changed_at"])
    record(
        "item:list",
        actor=acting_user,
        subject=item,
        detail={"case_file": str(case_file.pk), "category": item.category, "pages": pages},
    )
    return item


@transaction.atomic
def describe_item(
    item: Item,
    description: ItemDescription,
    *,
    acting_user: User,
    version: int | None = None,
) -> Item:
    """Correct title, class, date or note of a filed material; a sealed file is reopened.

    `version` is the one the clerk had before him: a colleague's change is never overwritten.
    """
    case_file = CaseFile.objects.select_for_update(of=("self",)).get(pk=item.case_file_id)
    require(acting_user, Permission.CASEFILE_EDIT, case_file.scope)
    refuse_avoided(acting_user, case_file.person_id)
    item = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if version is not None and version != item.version:
        raise ConflictError(
            "别的同志刚改过这份材料的著录，您的改动还没有保存。",
            "A colleague has just changed the description; your change is not saved.",
            hint_zh="先看看改了什么，再保存。",
            hint_en="Look at what changed, then save again.",
        )
    entry = _checked_entry(case_file, description, acting_user)
    before = {"title": item.title, "category": item.category, "formed": item.formed}
    if entry.code != item.category:
        item.sequence = _next_number(case_file, entry.code)
    item.title, item.category, item.level = description.title, entry.code, entry.level
    item.formed, item.title_made = description.formed, description.title_made
    item.is_copy, item.note = description.is_copy, description.note
    item.version += 1
    item.save()
    if reopen_if_sealed(case_file, acting_user):
        case_file.save(update_fields=["state", "changed_at"])
    record("item:describe", actor=acting_user, subject=item, detail={"before": before})
    return item


@transaction.atomic
def place_paper(
    case_file: CaseFile, *, room: str, rack: str, layer: str, box: str, acting_user: User
) -> None:
    """Note where the paper lies: room, rack, layer, box."""
    require(acting_user, Permission.CASEFILE_EDIT, case_file.scope)
    refuse_avoided(acting_user, case_file.person_id)
    place = (room, rack, layer, box)
    refuse_marks(*place, scope=case_file.scope, acting_user=acting_user, place="shelf")
    before = [case_file.room, case_file.rack, case_file.layer, case_file.box]
    case_file.room, case_file.rack, case_file.layer, case_file.box = room, rack, layer, box
    case_file.save(update_fields=["room", "rack", "layer", "box", "changed_at"])
    record("casefile:place", actor=acting_user, subject=case_file, detail={"before": before})


def _checked_entry(
    case_file: CaseFile, description: ItemDescription, acting_user: User
) -> categories.Category:
    """The class the material goes into; raises DomainError for what no catalogue may hold."""
    entry = categories.scheme(case_file.scheme).entry(description.category)
    if not entry.takes_items:
        raise DomainError(
            f"“{entry.numeral}”类要选到小类，没有改动。",
            f"Class {entry.code} holds only its sub-classes; nothing was changed.",
            code="no-sub-class",
            status=422,
        )
    if not description.title.strip():
        raise DomainError(
            "题名不能空，没有改动。",
            "The title is missing; nothing was changed.",
            code="no-title",
            status=422,
        )
    refuse_marks(
        description.title,
        description.note,
        scope=case_file.scope,
        acting_user=acting_user,
        place="description",
    )
    if description.formed and dates.iso_partial(description.formed) is None:
        raise DomainError(
            f"看不懂形成时间“{description.formed}”，没有改动。",
            f"“{description.formed}” is not a date; nothing was changed.",
            hint_zh="写成 1953、1953-07 或 1953-07-12。",
            hint_en="Write 1953, 1953-07 or 1953-07-12.",
            code="no-date",
            status=422,
        )
    return entry


def _item_to_fill(
    case_file: CaseFile,
    entry: categories.Category,
    description: ItemDescription,
    pages: int,
    acting_user: User,
    *,
    number: int | None,
) -> tuple[Item, int]:
    """The material the pages belong to, and how many pages the paper catalogue had given it.

    A material taken over from the paper catalogue under the same class, title and date gets its
    pages now (挂接); else it is a new one, and the paper catalogue gave it none.
    """
    registered = Item.objects.filter(
        case_file=case_file,
        category=entry.code,
        title=description.title,
        formed=description.formed,
        paper_only=True,
    ).first()
    given = registered.page_count if registered else 0
    item = registered or Item(
        case_file=case_file,
        category=entry.code,
        level=entry.level,
        sequence=number or _next_number(case_file, entry.code),
        title=description.title,
        formed=description.formed,
        filed_by=acting_user,
    )
    item.title_made, item.is_copy = description.title_made, description.is_copy
    item.note = description.note or item.note
    item.page_count, item.paper_only = pages, False
    item.save()
    return item, given


def _next_number(case_file: CaseFile, category: str) -> int:
    """The running number inside a class; sealing for the first time puts them in order of time."""
    held = Item.objects.filter(case_file=case_file, category=category)
    return (held.aggregate(last=Max("sequence"))["last"] or 0) + 1


def recount(case_file: CaseFile) -> None:
    """Write how many materials and pages the file holds by its catalogue."""
    held = Item.objects.filter(case_file=case_file)
    counted = held.aggregate(items=Count("pk"), pages=Sum("page_count"))
    case_file.item_count, case_file.page_count = counted["items"], counted["pages"] or 0
    case_file.save(update_fields=["state", "item_count", "page_count", "changed_at"])


def reopen_if_sealed(case_file: CaseFile, acting_user: User | None) -> bool:
    if case_file.state != CaseFileState.SEALED:
        return False
    event = CASEFILE.apply("reopen", case_file, by=acting_user, scope=case_file.scope)
    record(event, actor=acting_user, subject=case_file)
    return True
