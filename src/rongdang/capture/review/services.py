"""Decisions at the review desk: offer, confirm, check. Changing pages about is in `pages`."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.services import record
from rongdang.base.vocab import categories, dates, fields
from rongdang.capture.batches.models import Batch, Scan
from rongdang.capture.batches.states import BATCH, BatchState, ScanState
from rongdang.capture.review.models import Material, MaterialPage
from rongdang.capture.review.proposals import Proposal
from rongdang.capture.review.states import MATERIAL, OPEN, MaterialState
from rongdang.describe.casefiles import services as casefiles
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.people import services as people
from rongdang.describe.people.models import Person

SURE = 0.9


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of one material; `person` is an id, or None with a `new_name`."""

    title: str
    category: str
    formed: str
    values: Mapping[str, str]
    person: uuid.UUID | None = None
    new_name: str = ""
    is_copy: bool = False
    note: str = ""


@transaction.atomic
def offer_proposals(batch: Batch, found: Sequence[Proposal]) -> Batch:
    """Write the machine's proposals down and open the batch for review."""
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state != BatchState.READING:
        return batch
    for sequence, proposal in enumerate(found, 1):
        reading = proposal.reading
        material = Material.objects.create(
            batch=batch,
            scope=batch.scope,
            sequence=sequence,
            person_id=proposal.person_id,
            person_name=reading.person or "",
            title=reading.title[:200],
            title_source=reading.title_source,
            category=reading.category or "",
            formed=reading.date or "",
            is_copy=reading.copy,
            confidence={**reading.confidence, "person": proposal.person_confidence},
            fields=[
                {
                    "name": name,
                    "value": value.value,
                    "original": value.original,
                    "confidence": round(value.confidence, 3),
                    "scan": str(proposal.segment_scans[value.page].pk),
                    "box": list(value.box) if value.box else None,
                    "reason_zh": value.reason_zh,
                    "reason_en": value.reason_en,
                }
                for name, value in reading.fields.items()
            ],
        )
        MaterialPage.objects.bulk_create(
            MaterialPage(material=material, scan=scan, sequence=position)
            for position, scan in enumerate(proposal.scans, 1)
        )
    event = BATCH.apply("offer", batch, by=None)
    if not found:
        batch.state = BatchState.DONE
    batch.save(update_fields=["state"])
    record(event, actor=None, subject=batch, detail={"materials": len(found)})
    return batch


def take(material: Material, version: int) -> Material:
    """Lock the material for this transaction; a stale version means somebody else was first."""
    held = Material.objects.select_for_update(of=("self",)).get(pk=material.pk)
    if held.version != version:
        raise ConflictError(
            "别人刚改过这份材料，您的改动还没有保存。",
            "Somebody else has just changed this material; your change is not saved.",
            hint_zh="先看看改了什么，再保存。",
            hint_en="Look at what changed, then save again.",
        )
    held.version += 1
    return held


@transaction.atomic
def confirm_material(
    material: Material, decision: Decision, *, version: int, acting_user: User
) -> Material:
    """A person says: this is right. A sample goes to a second person, the rest is filed."""
    material = take(material, version)
    _must_be_complete(decision)
    sampled = chosen_for_check(material)
    event = MATERIAL.apply(
        "sample" if sampled else "confirm", material, by=acting_user, scope=material.scope
    )
    person = _person_of(material, decision, acting_user)
    by_name = {entry["name"]: entry for entry in material.fields}
    material.person, material.person_name = person, person.name
    material.title, material.formed = decision.title.strip(), decision.formed
    material.category, material.is_copy = decision.category, decision.is_copy
    material.fields = [
        {
            **by_name.get(
                name, {"name": name, "original": "", "confidence": 0.0, "scan": None, "box": None}
            ),
            "decided": value.strip(),
        }
        for name, value in decision.values.items()
        if value.strip()
    ]
    material.decided_by, material.decided_at = acting_user, timezone.now()
    if not sampled:
        material.item = _file(material, note=decision.note, acting_user=acting_user)
    material.save()
    record(
        event,
        actor=acting_user,
        subject=material,
        detail={"person": str(person.pk), "fields": len(material.fields)},
    )
    _finish_batch_if_done(material.batch, acting_user)
    return material


@transaction.atomic
def check_material(material: Material, *, right: bool, version: int, acting_user: User) -> Material:
    """The second check, by another person than the first: file it, or send it back to the desk."""
    material = take(material, version)
    if material.decided_by_id == acting_user.pk:
        raise NotPermittedError(
            "复核要由另一位同志来做，这份材料没有变动。",
            "The second check must be made by another person; nothing changed.",
            hint_zh="请请一位同事复核。",
            hint_en="Ask a colleague.",
            code="same-person",
        )
    event = MATERIAL.apply(
        "check" if right else "return", material, by=acting_user, scope=material.scope
    )
    if right:
        material.item = _file(material, note="", acting_user=acting_user)
    material.save()
    record(event, actor=acting_user, subject=material)
    _finish_batch_if_done(material.batch, acting_user)
    return material


@transaction.atomic
def postpone_material(material: Material, *, version: int, acting_user: User) -> Material:
    """Leave it for now; it waits at the end of the desk."""
    material = take(material, version)
    event = MATERIAL.apply("postpone", material, by=acting_user, scope=material.scope)
    material.save()
    record(event, actor=acting_user, subject=material)
    return material


def confirm_sure(materials: Sequence[Material], *, acting_user: User) -> list[Material]:
    """Confirm many at once: only where the unit's rule allows it, and only what is sure throughout."""
    if not materials:
        return []
    if not all(material.batch.unit.batch_confirm for material in materials):
        raise NotPermittedError(
            "本单位的规则没有打开“批量确认”，没有确认任何一份。",
            "The unit's rule does not allow confirming in batches; nothing was confirmed.",
            hint_zh="请逐份核对，或请领导打开这条规则。",
            hint_en="Review one by one, or ask for the rule to be switched on.",
            code="batch-confirm-off",
        )
    done = []
    for material in materials:
        if not is_sure(material) or material.person_id is None:
            continue
        decision = Decision(
            title=material.title,
            category=material.category,
            formed=material.formed,
            values={entry["name"]: entry["value"] for entry in material.fields},
            person=material.person_id,
            is_copy=material.is_copy,
        )
        done.append(
            confirm_material(material, decision, version=material.version, acting_user=acting_user)
        )
    return done


def is_sure(material: Material) -> bool:
    """Every value of the material is marked 可信."""
    values = [float(value) for value in material.confidence.values()]
    values += [float(entry["confidence"]) for entry in material.fields]
    return bool(values) and min(values) >= SURE


def chosen_for_check(material: Material) -> bool:
    """A fixed, unforeseeable share of materials is checked twice (by digest of the id)."""
    number = int.from_bytes(hashlib.sha256(material.pk.bytes).digest()[:4], "big")
    return number % 100 < settings.SECOND_CHECK_PERCENT


def _must_be_complete(decision: Decision) -> None:
    missing_zh, missing_en = [], []
    if not decision.title.strip():
        missing_zh.append("题名")
        missing_en.append("title")
    if decision.person is None and not decision.new_name.strip():
        missing_zh.append("人员")
        missing_en.append("person")
    codes = {entry.code for entry in categories.scheme(settings.CATEGORY_SCHEME).entries}
    if decision.category not in codes:
        missing_zh.append("类别")
        missing_en.append("category")
    if decision.formed and dates.iso_partial(decision.formed) is None:
        missing_zh.append("形成时间（写成 1953、1953-07 或 1953-07-12）")
        missing_en.append("date (as 1953, 1953-07 or 1953-07-12)")
    unknown = [name for name in decision.values if not fields.is_known(name)]
    if unknown:
        missing_zh.append("、".join(unknown))
        missing_en.append(", ".join(unknown))
    if missing_zh:
        raise DomainError(
            f"还有要改的：{'；'.join(missing_zh)}。您填的内容都还在。",
            f"Please mend: {'; '.join(missing_en)}. What you typed is kept.",
            code="incomplete",
            status=422,
        )


def _person_of(material: Material, decision: Decision, acting_user: User) -> Person:
    if decision.person is not None:
        return Person.objects.visible_to(acting_user).get(pk=decision.person)
    return people.create_person(
        unit=material.batch.unit, name=decision.new_name, acting_user=acting_user
    )


def _file(material: Material, *, note: str, acting_user: User) -> Item:
    """Item, pages and facts of a decided material, each by the service that owns it."""
    person = material.person
    assert person is not None
    case_file = CaseFile.objects.filter(person=person).first()
    if case_file is None:
        case_file = casefiles.open_case_file(person, acting_user=acting_user)
    scans = [place.scan for place in material.pages.select_related("scan")]
    item = casefiles.file_item(
        case_file,
        casefiles.ItemDescription(
            title=material.title,
            category=material.category,
            formed=material.formed,
            title_made=material.title_source == "made",
            is_copy=material.is_copy,
            note=note,
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
            people.FactValue(
                field=entry["name"],
                value=entry["decided"],
                original=entry.get("original", ""),
                page_id=pages[entry["scan"]].pk if entry.get("scan") in pages else None,
                box=tuple(entry["box"]) if entry.get("box") else None,
                formed=material.formed,
                confidence=entry.get("confidence", 0.0),
            )
            for entry in material.fields
        ],
        acting_user=acting_user,
    )
    Scan.objects.filter(pk__in=[scan.pk for scan in scans]).update(state=ScanState.FILED)
    return item


def _page_source(scan: Scan) -> casefiles.PageSource:
    if scan.original_id is None or scan.optimised_id is None:
        raise DomainError(
            "有一页还没有处理好的图像，没有归卷。",
            "One page has no finished image yet; nothing was filed.",
            hint_zh="等它识读完，或退回重扫。",
            hint_en="Wait until it is read, or send it back to be scanned again.",
            code="page-not-ready",
        )
    return casefiles.PageSource(
        original_id=scan.original_id,
        optimised_id=scan.optimised_id,
        width=scan.width,
        height=scan.height,
        dpi=int(scan.quality.get("dpi") or 300),
        rotation=scan.rotation,
        blank=not scan.layer or scan.state == ScanState.BLANK,
        engine=scan.engine,
        layer=bytes(scan.layer),
    )


def _finish_batch_if_done(batch: Batch, acting_user: User) -> None:
    waiting = Material.objects.filter(batch=batch, state__in=[*OPEN, MaterialState.CHECK]).exists()
    if batch.state == BatchState.REVIEW and not waiting:
        event = BATCH.apply("finish", batch, by=acting_user, scope=batch.scope)
        batch.save(update_fields=["state"])
        record(event, actor=acting_user, subject=batch)
