"""A decided material becomes an Item with pages and facts, each by the service that owns it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record
from rongdang.base.vocab import categories, dates, fields
from rongdang.base.vocab.values import canonical
from rongdang.capture.batches.models import Batch, Scan
from rongdang.capture.batches.queries import waits_for_mending
from rongdang.capture.batches.states import BATCH, BatchState, ScanState
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import OPEN, MaterialState
from rongdang.describe.casefiles import services as casefiles
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.people import services as people
from rongdang.describe.people.models import Person

READY = (ScanState.READ, ScanState.BLANK)
STILL_OPEN = (*OPEN, MaterialState.CHECK, MaterialState.RESCAN)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of one material; `person` is an id, or None with a `new_name`.

    `places` says on which scan a value stands that the machine did not read.
    """

    title: str
    category: str
    formed: str
    values: Mapping[str, str]
    person: uuid.UUID | None = None
    new_name: str = ""
    is_copy: bool = False
    note: str = ""
    places: Mapping[str, str] = field(default_factory=dict)


def scheme_for(person: Person | None) -> str:
    """The scheme of the person's file; a new file gets the one of the installation."""
    held: CaseFile | None = getattr(person, "case_file", None) if person else None
    return held.scheme if held else settings.CATEGORY_SCHEME


def in_scheme_of(person: Person | None, code: str, title: str) -> str:
    """A class as the installation's scheme has it, in the scheme of the person's own file."""
    target = scheme_for(person)
    source = settings.CATEGORY_SCHEME
    return categories.map_code(code, source=source, target=target, title=title) if code else ""


def find_person(decision: Decision, acting_user: User) -> Person | None:
    """The person named by the decision; None for somebody new."""
    if decision.person is None:
        return None
    person = (
        Person.objects.visible_to(acting_user)
        .select_related("case_file")
        .filter(pk=decision.person)
        .first()
    )
    if person is None:
        raise DomainError(
            "没有这位同志，或不归您管，没有归卷。您填的内容都还在。",
            "There is no such person in your care; nothing was filed. What you typed is kept.",
            hint_zh="请重新选人，或选“新的人”。",
            hint_en="Choose again, or choose “somebody new”.",
            code="no-person",
            status=422,
        )
    return person


def settled_values(decision: Decision, person: Person | None) -> dict[str, str]:
    """The decision's values in canonical form; raises DomainError naming all that must be mended."""
    zh, en = _missing(decision, person)
    values: dict[str, str] = {}
    for name, text in decision.values.items():
        if not text.strip():
            continue
        if not fields.is_known(name):
            zh.append(name)
            en.append(name)
            continue
        value, said = canonical(name, text)
        values[name] = value
        if said:
            zh.append(f"{name}（{said[0]}）")
            en.append(f"{fields.dictionary()[name].english} ({said[1]})")
    if zh:
        raise DomainError(
            f"还有要改的：{'；'.join(zh)}。您填的内容都还在。",
            f"Please mend: {'; '.join(en)}. What you typed is kept.",
            code="incomplete",
            status=422,
        )
    return values


def _missing(decision: Decision, person: Person | None) -> tuple[list[str], list[str]]:
    zh, en = [], []
    if not decision.title.strip():
        zh.append("题名")
        en.append("title")
    if person is None and not decision.new_name.strip():
        zh.append("人员")
        en.append("person")
    entries = categories.scheme(scheme_for(person)).entries
    if decision.category not in {entry.code for entry in entries if entry.takes_items}:
        zh.append("类别")
        en.append("category")
    if decision.formed and dates.iso_partial(decision.formed) is None:
        zh.append("形成时间（写成 1953、1953-07 或 1953-07-12）")
        en.append("date (as 1953, 1953-07 or 1953-07-12)")
    return zh, en


def file_material(material: Material, *, note: str, acting_user: User) -> Item:
    """Write item, pages and facts. Pages stopped as secret stay out, and the note says so."""
    person = material.person
    assert person is not None
    case_file = CaseFile.objects.filter(person=person).first()
    if case_file is None:
        case_file = casefiles.open_case_file(person, acting_user=acting_user)
    scans = [place.scan for place in material.pages.select_related("scan")]
    secret = [scan for scan in scans if scan.state == ScanState.SECRET]
    scans = [scan for scan in scans if scan.state != ScanState.SECRET]
    must_be_ready(scans)
    if secret:
        note = f"{note} 另有 {len(secret)} 页涉密，未数字化。".strip()
    item = casefiles.file_item(
        case_file,
        casefiles.ItemDescription(
            title=material.title,
            category=material.category,
            formed=material.formed,
            title_made=material.title_source == "made",
            is_copy=material.is_copy,
            note=note[:200],
        ),
        [_page_source(scan) for scan in scans],
        acting_user=acting_user,
    )
    pages = dict(
        zip((str(scan.pk) for scan in scans), item.pages.order_by("sequence"), strict=True)
    )
    people.confirm_facts(
        person,
        [
            _fact(entry, pages[entry["scan"]].pk if entry.get("scan") in pages else None, material)
            for entry in material.fields
        ],
        acting_user=acting_user,
    )
    Scan.objects.filter(pk__in=[scan.pk for scan in scans]).update(state=ScanState.FILED)
    return item


def must_be_ready(scans: Sequence[Scan]) -> None:
    """Every page is read, and none is being turned, scanned anew or given up just now.

    Pages stopped as secret are passed over: they are never filed.
    """
    for scan in scans:
        if scan.state == ScanState.SECRET:
            continue
        if scan.state not in READY or scan.original_id is None or scan.optimised_id is None:
            raise DomainError(
                f"有一页还是“{ScanState(scan.state).label}”，没有归卷。您填的内容都还在。",
                f"One page is still “{scan.state}”; nothing was filed. What you typed is kept.",
                hint_zh="等它识读完；读不出来的，请重新扫描或定为不归卷。",
                hint_en="Wait until it is read; if it cannot be, scan it anew or set it aside.",
                code="page-not-ready",
                status=409,
            )


def _fact(
    entry: Mapping[str, Any], page_id: uuid.UUID | None, material: Material
) -> people.FactValue:
    return people.FactValue(
        field=entry["name"],
        value=entry["decided"],
        original=entry.get("original", ""),
        page_id=page_id,
        box=tuple(entry["box"]) if entry.get("box") and page_id else None,
        formed=material.formed,
        confidence=entry.get("confidence", 0.0),
    )


def _page_source(scan: Scan) -> casefiles.PageSource:
    assert scan.original_id is not None and scan.optimised_id is not None  # noqa: PT018
    return casefiles.PageSource(
        original_id=scan.original_id,
        optimised_id=scan.optimised_id,
        width=scan.width,
        height=scan.height,
        dpi=int(scan.quality.get("dpi") or 300),
        rotation=scan.rotation,
        blank=scan.state == ScanState.BLANK,
        engine=scan.engine,
        layer=bytes(scan.layer),
    )


def finish_batch_if_done(batch: Batch, acting_user: User | None) -> None:
    """A batch is done when every material is decided and no page waits to be mended."""
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state != BatchState.REVIEW or waits_for_mending(batch):
        return
    if Material.objects.filter(batch=batch, state__in=STILL_OPEN).exists():
        return
    event = BATCH.apply("finish", batch, by=acting_user, scope=batch.scope)
    batch.save(update_fields=["state"])
    record(event, actor=acting_user, subject=batch)
