"""Moving pages about at the desk: split, merge, move, reorder, turn, send back to scan."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record
from rongdang.capture.batches.models import Scan
from rongdang.capture.batches.states import TO_MEND, ScanState
from rongdang.capture.review.filing import finish_batch_if_done
from rongdang.capture.review.models import Material, MaterialPage
from rongdang.capture.review.services import take
from rongdang.capture.review.states import MATERIAL, OPEN, MaterialState


@transaction.atomic
def split_material(
    material: Material, *, before: uuid.UUID, version: int, acting_user: User
) -> Material:
    """Pages from the scan `before` on become a material of their own, right behind this one."""
    material = take(material, version)
    event = MATERIAL.apply("change", material, by=acting_user, scope=material.scope)
    places = list(material.pages.all())
    at = _position(places, before)
    if at == 0:
        raise _refused(
            "第一页前面没有可拆的页。", "There is nothing before the first page to split off."
        )
    Material.objects.filter(batch=material.batch, sequence__gt=material.sequence).update(
        sequence=F("sequence") + 1
    )
    moved = {str(place.scan_id) for place in places[at:]}
    second = Material.objects.create(
        batch=material.batch,
        scope=material.scope,
        sequence=material.sequence + 1,
        person=material.person,
        person_name=material.person_name,
        title="",
        title_source="made",
        category=material.category,
        confidence={"title": 0.0, "category": 0.0, "date": 0.0, "boundary": 1.0},
        fields=[entry for entry in material.fields if entry.get("scan") in moved],
    )
    material.fields = [entry for entry in material.fields if entry.get("scan") not in moved]
    material.confidence = {**material.confidence, "boundary": 1.0}
    material.save()
    _place(second, [place.scan_id for place in places[at:]])
    record(
        event,
        actor=acting_user,
        subject=material,
        detail={"split": str(second.pk), "pages": len(moved)},
    )
    return second


@transaction.atomic
def merge_into_previous(material: Material, *, version: int, acting_user: User) -> Material:
    """This material's pages follow those of the one before; its own row stays as an empty mark."""
    material = take(material, version)
    before = (
        Material.objects.select_for_update(of=("self",))
        .filter(
            batch=material.batch,
            sequence__lt=material.sequence,
            state__in=OPEN,
        )
        .order_by("-sequence")
        .first()
    )
    if before is None:
        raise _refused(
            "前面没有还在核对的材料可以并入。", "No open material stands before this one."
        )
    event = MATERIAL.apply("absorb", material, by=acting_user, scope=material.scope)
    scans = [place.scan_id for place in (*before.pages.all(), *material.pages.all())]
    known = {entry["name"] for entry in before.fields}
    before.fields = [*before.fields, *(e for e in material.fields if e["name"] not in known)]
    before.confidence = {**before.confidence, "boundary": 1.0}
    before.version += 1
    before.save()
    material.fields = []
    material.save()
    _place(before, scans)
    record(event, actor=acting_user, subject=material, detail={"into": str(before.pk)})
    return before


@transaction.atomic
def move_page(
    material: Material, *, scan: uuid.UUID, to: Material, version: int, acting_user: User
) -> Material:
    """One page goes to the end of another material of the same batch."""
    if to.pk == material.pk or to.batch_id != material.batch_id:
        raise _refused("要移到同一批的另一份材料。", "Choose another material of the same batch.")
    material = take(material, version)
    event = MATERIAL.apply("change", material, by=acting_user, scope=material.scope)
    target = Material.objects.select_for_update(of=("self",)).get(pk=to.pk, batch=material.batch)
    MATERIAL.apply("change", target, by=acting_user, scope=target.scope)
    places = list(material.pages.all())
    at = _position(places, scan)
    scans = [place.scan_id for place in target.pages.all()]
    target.fields += [entry for entry in material.fields if entry.get("scan") == str(scan)]
    target.version += 1
    target.save()
    material.fields = [entry for entry in material.fields if entry.get("scan") != str(scan)]
    if len(places) == 1:
        material.state = MaterialState.EMPTY
    material.save()
    _place(material, [place.scan_id for n, place in enumerate(places) if n != at])
    _place(target, [*scans, scan])
    record(
        event, actor=acting_user, subject=material, detail={"scan": str(scan), "to": str(target.pk)}
    )
    return material


@transaction.atomic
def reorder_pages(
    material: Material, order: Sequence[uuid.UUID], *, version: int, acting_user: User
) -> Material:
    """Put the pages in the order given; it must name each page once."""
    material = take(material, version)
    event = MATERIAL.apply("change", material, by=acting_user, scope=material.scope)
    held = {place.scan_id for place in material.pages.all()}
    if set(order) != held or len(order) != len(held):
        raise _refused(
            "新的次序没有把每一页恰好列一次。",
            "The new order does not name every page exactly once.",
        )
    material.save()
    _place(material, list(order))
    record(event, actor=acting_user, subject=material, detail={"order": [str(s) for s in order]})
    return material


@transaction.atomic
def turn_page(
    material: Material, *, scan: uuid.UUID, degrees: int, version: int, acting_user: User
) -> Material:
    """Turn a page clockwise and have it read again in its new direction."""
    if degrees not in (90, 180, 270):
        raise _refused("只能转 90、180 或 270 度。", "A page turns by 90, 180 or 270 degrees.")
    material = take(material, version)
    event = MATERIAL.apply("change", material, by=acting_user, scope=material.scope)
    _position(list(material.pages.all()), scan)
    page = Scan.objects.select_for_update(of=("self",)).get(pk=scan)
    if page.state not in (ScanState.READ, ScanState.BLANK, ScanState.FAILED):
        raise _refused("这一页现在转不了。", "This page cannot be turned now.")
    page.turn = (page.turn + degrees) % 360
    page.state = ScanState.WAITING
    page.save(update_fields=["turn", "state"])
    material.save()
    record(event, actor=acting_user, subject=material, detail={"scan": str(scan), "turn": degrees})
    record("scan:turn", actor=acting_user, subject=page, detail={"turn": page.turn})
    return material


@transaction.atomic
def send_back(
    material: Material,
    *,
    reason: str,
    version: int,
    acting_user: User,
    scan: uuid.UUID | None = None,
) -> Material:
    """This page, or all pages, must be scanned again; they stay to be seen until the new are in."""
    material = take(material, version)
    event = MATERIAL.apply("rescan", material, by=acting_user, scope=material.scope)
    pages = Scan.objects.filter(place__material=material).exclude(state=ScanState.SECRET)
    sent = list(pages.defer("layer") if scan is None else pages.filter(pk=scan).defer("layer"))
    if not sent:
        raise _refused("没有可以退回重扫的页。", "There is no page to be scanned again.")
    for page in sent:
        page.state, page.reason_zh = ScanState.RESCAN, reason[:400]
        page.reason_en = page.reason_zh
        page.save(update_fields=["state", "reason_zh", "reason_en"])
    detail = {"reason": reason} if scan is None else {"reason": reason, "scan": str(scan)}
    material.save()
    record(event, actor=acting_user, subject=material, detail=detail)
    return material


@transaction.atomic
def set_aside(
    material: Material, *, scan: uuid.UUID, reason: str, version: int, acting_user: User
) -> Material:
    """A page that does not belong into any file (a cover sheet, a slip): kept, not filed."""
    material = take(material, version)
    event = MATERIAL.apply("set-aside", material, by=acting_user, scope=material.scope)
    places = list(material.pages.all())
    at = _position(places, scan)
    page = Scan.objects.select_for_update(of=("self",)).get(pk=scan)
    _put_aside(page, reason)
    material.fields = [entry for entry in material.fields if entry.get("scan") != str(scan)]
    _place(material, [place.scan_id for n, place in enumerate(places) if n != at])
    rest = Scan.objects.filter(place__material=material)
    if not rest.exists():
        material.state = MaterialState.EMPTY
    elif rest.filter(state=ScanState.RESCAN).exists():
        material.state = MaterialState.RESCAN
    material.save()
    record(event, actor=acting_user, subject=material, detail={"scan": str(scan), "why": reason})
    record("scan:set-aside", actor=acting_user, subject=page, detail={"why": reason})
    finish_batch_if_done(material.batch, acting_user)
    return material


@transaction.atomic
def give_up_page(scan: Scan, *, reason: str, acting_user: User) -> Scan:
    """A page that could not be read and stands in no material is set aside, with the reason."""
    require(acting_user, Permission.MATERIAL_REVIEW, scan.batch.scope)
    scan = Scan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if scan.state not in TO_MEND or MaterialPage.objects.filter(scan=scan).exists():
        raise _refused(
            "这一页不等重扫，或还在一份材料里。",
            "This page does not wait to be scanned again, or stands in a material.",
        )
    _put_aside(scan, reason)
    record("scan:set-aside", actor=acting_user, subject=scan, detail={"why": reason})
    finish_batch_if_done(scan.batch, acting_user)
    return scan


def _put_aside(scan: Scan, reason: str) -> None:
    if not reason.strip():
        raise _refused("请写明为什么不归卷。", "Say why the page is set aside.")
    scan.state = ScanState.ASIDE
    scan.reason_zh = scan.reason_en = reason.strip()[:400]
    scan.save(update_fields=["state", "reason_zh", "reason_en"])


def _position(places: list[MaterialPage], scan: uuid.UUID) -> int:
    for position, place in enumerate(places):
        if place.scan_id == scan:
            return position
    raise _refused("这一页不在这份材料里。", "This page is not part of this material.")


def _place(material: Material, scans: Sequence[uuid.UUID]) -> None:
    MaterialPage.objects.filter(scan_id__in=scans).delete()
    MaterialPage.objects.filter(material=material).delete()
    MaterialPage.objects.bulk_create(
        MaterialPage(material=material, scan_id=scan, sequence=position)
        for position, scan in enumerate(scans, 1)
    )


def _refused(zh: str, en: str) -> DomainError:
    return DomainError(f"{zh}没有改动。", f"{en} Nothing changed.", code="bad-page-move")
