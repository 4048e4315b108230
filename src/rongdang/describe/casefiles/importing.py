"""A GB/T 33870 delivery becomes a case file of a unit: all of it, or nothing."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.refusals import AlarmingRefusalError, alarmed
from rongdang.base.ledger.services import Draft, record, record_many
from rongdang.base.orgs.models import Unit
from rongdang.base.vocab import fields
from rongdang.base.vocab.values import settled
from rongdang.describe.casefiles import outgoing
from rongdang.describe.casefiles.acceptance import (
    layer_of,
    must_be_as_sent,
    must_fit,
    must_open,
    no_secrets,
    not_known,
    scheme_of,
    told_of,
)
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.describe.casefiles.services import (
    ItemDescription,
    PageSource,
    file_item,
    list_paper_item,
    open_case_file,
)
from rongdang.describe.people import services as people
from rongdang.describe.people.models import ID_NUMBER
from rongdang.keep.objects import services as objects
from rongdang.keep.packages import jpeg
from rongdang.keep.packages.gbt33870.reading import Delivery, open_delivery
from rongdang.keep.packages.gbt33870.values import Entry


@dataclass(frozen=True, slots=True)
class _Ready:
    """An entry whose images are stored and wait for their rows."""

    entry: Entry
    pages: tuple[PageSource, ...]
    names: tuple[str, ...]  # of the original images, page by page


@alarmed
def import_directory(path: Path, *, unit: Unit, acting_user: User, password: str = "") -> CaseFile:
    """The file that the delivery at `path` (folder, zip, encrypted zip, age) holds.

    Raises DeliveryError with every reason, ConflictError when the person is known already.
    Pages that bring no text are announced (`page:import`), so that they get read.
    """
    require(acting_user, Permission.PERSON_EDIT, unit.path)
    require(acting_user, Permission.CASEFILE_EDIT, unit.path)
    _examine(path)
    with open_delivery(path, password, suite=settings.KEYRING.suite) as delivery:
        scheme = scheme_of(delivery)
        must_fit(delivery, scheme)
        must_be_as_sent(delivery)
        no_secrets(delivery, unit, acting_user)
        must_open(delivery, unit, acting_user)
        not_known(delivery, acting_user)
        ready = [_store(delivery, number) for number in range(len(delivery.catalogue.entries))]
        return _write(delivery, ready, unit, scheme, acting_user=acting_user)


def _examine(path: Path) -> None:
    """The virus scanner's word on every file of the delivery; without one nothing is opened."""
    if not settings.VIRUS_SCANNER:
        return
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if not file.is_file():
            continue
        with file.open("rb") as stream:
            found = settings.VIRUS_SCANNER.examine(stream)
        if found:
            raise AlarmingRefusalError(
                f"“{file.name}”带有病毒（{found[:80]}），整卷没有打开，也没有收。",
                f"“{file.name}” carries a virus ({found[:80]}); the delivery was not opened or taken.",
                hint_zh="查来源介质，请送交单位换干净的再交。",
                hint_en="Look at the medium it came on and ask for a clean delivery.",
                code="virus",
                alarm={"kind": "virus-found", "detail": {"found": found[:80]}},
            )


def _store(delivery: Delivery, number: int) -> _Ready:
    """Keep both images of every page of one entry; rows follow when all are kept."""
    entry, (originals, optimised) = delivery.catalogue.entries[number], delivery.images[number]
    pages = [
        _page(delivery, pair, told_of(delivery, name))
        for pair, name in zip(zip(originals, optimised, strict=True), entry.originals, strict=True)
    ]
    return _Ready(entry, tuple(pages), entry.originals)


def _page(delivery: Delivery, pair: tuple[str, str], told: Mapping[str, Any]) -> PageSource:
    original, shown = (delivery.read(path) for path in pair)
    head = jpeg.read_head(shown)
    assert head is not None  # `open_delivery` has looked
    layer = layer_of(told)
    kept = objects.put_many([(original, "image/jpeg"), (shown, "image/jpeg")])
    return PageSource(
        original_id=kept[0].pk,
        optimised_id=kept[1].pk,
        width=head.width,
        height=head.height,
        dpi=_whole(told.get("dpi")) or head.dpi or 300,
        rotation=_whole(told.get("rotation")) % 360,
        blank=told.get("blank") is True,
        engine=layer.engine[:80] if layer else "",
        layer=zlib.compress(layer.to_json().encode(), 6) if layer else b"",
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value <= 10_000 else 0


@transaction.atomic
def _write(
    delivery: Delivery, ready: list[_Ready], unit: Unit, scheme: str, *, acting_user: User
) -> CaseFile:
    """Person, file, materials, pages and facts: one transaction."""
    info = delivery.catalogue.person
    not_known(delivery, acting_user)
    person = people.create_person(unit=unit, name=info.name, acting_user=acting_user)
    case_file = open_case_file(person, acting_user=acting_user)
    CaseFile.objects.filter(pk=case_file.pk).update(scheme=scheme)
    by_name = _file(case_file, ready, acting_user)
    values = _facts(delivery, by_name)
    if values:
        people.confirm_facts(person, values, acting_user=acting_user)
    unread = [page for page in by_name.values() if not page.layer]
    record_many([Draft(event="page:import", actor=acting_user, subject=page) for page in unread])
    record(
        "casefile:import",
        actor=acting_user,
        subject=case_file,
        detail={
            "delivery": delivery.digest,
            "items": len(ready),
            "pages": len(by_name),
            "noted": [f"{one.place}：{one.zh}" for one in delivery.warnings],
        },
    )
    return CaseFile.objects.get(pk=case_file.pk)


def _file(case_file: CaseFile, ready: list[_Ready], acting_user: User) -> dict[str, Page]:
    """File the digitised materials, then list those that are on paper only; pages by image name."""
    by_name: dict[str, Page] = {}
    for one in sorted(ready, key=lambda one: not one.pages):
        description, number = _description(one.entry), one.entry.sequence
        if not one.pages:
            list_paper_item(
                case_file,
                description,
                pages=one.entry.page_count,
                sequence=number,
                acting_user=acting_user,
            )
            continue
        item = file_item(
            case_file, description, one.pages, acting_user=acting_user, sequence=number
        )
        by_name |= dict(zip(one.names, item.pages.order_by("sequence"), strict=True))
    return by_name


def _description(entry: Entry) -> ItemDescription:
    """The entry in our terms; the marks that our export put into the note are taken out again."""
    note = entry.note
    for mark in outgoing.MARKS:
        note = note.replace(mark, "")
    return ItemDescription(
        title=entry.title,
        category=entry.category,
        formed=entry.formed,
        title_made=outgoing.MADE in entry.note,
        is_copy=outgoing.COPY in entry.note,
        note=note.strip(),
    )


def _facts(delivery: Delivery, by_name: Mapping[str, Page]) -> list[people.FactValue]:
    """Facts that came along with their evidence; else what the catalogue says of the person."""
    info = delivery.catalogue.person
    values = [
        _fact(row, by_name)
        for row in delivery.supplement.get("facts") or ()
        if isinstance(row, dict) and fields.is_known(str(row.get("field"))) and row.get("value")
    ]
    known = {value.field for value in values}
    base = {
        "姓名": info.name,
        "性别": info.sex,
        "民族": info.ethnic,
        "出生日期": info.birth,
        ID_NUMBER: info.id_number,
    }
    return values + [
        people.FactValue(
            field=field, value=settled(field, value).value, original=value, confidence=1.0
        )
        for field, value in base.items()
        if value and field not in known
    ]


def _fact(row: Mapping[str, Any], by_name: Mapping[str, Page]) -> people.FactValue:
    page = by_name.get(str(row.get("page", "")))
    box = row.get("box")
    placed = (
        isinstance(box, list) and len(box) == 4 and all(isinstance(v, int | float) for v in box)
    )
    confidence = row.get("confidence")
    return people.FactValue(
        field=str(row["field"])[:24],
        value=settled(str(row["field"]), str(row["value"])).value,
        original=str(row.get("original", ""))[:2000],
        page_id=page.pk if page else None,
        box=tuple(box) if placed and page else None,  # type: ignore[arg-type]  # four numbers
        formed=str(row.get("formed", ""))[:10],
        confidence=float(confidence) if isinstance(confidence, int | float) else 0.0,
    )
