"""A page read while its batch is in review: turned, read again, or scanned anew.

The proposals follow: fields, and title, class and date where the new reading is surer; a person
who has the form open is told, because the version moves on.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import F

from rongdang.base.ledger.services import record
from rongdang.capture.batches.models import Batch, Scan
from rongdang.capture.batches.states import ScanState
from rongdang.capture.reading.understand import understand
from rongdang.capture.reading.values import Material as MaterialReading
from rongdang.capture.review.filing import READY, in_scheme_of
from rongdang.capture.review.models import Material, MaterialPage
from rongdang.capture.review.offering import blank_material
from rongdang.capture.review.proposals import field_entries, layers_of, match_person
from rongdang.capture.review.states import MATERIAL, OPEN, MaterialState

RENEWABLE = (*OPEN, MaterialState.RESCAN)


@transaction.atomic
def take_scan(scan: Scan) -> Material | None:
    """Bring a page read just now into its material. Run twice = run once."""
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=scan.batch_id)
    scan = Scan.objects.select_related("upload__replaces").get(pk=scan.pk)
    if scan.state not in READY:
        return None
    place = MaterialPage.objects.select_related("material").filter(scan=scan).first()
    old = scan.upload.replaces
    if place is not None:
        material = place.material
    elif old is not None and old.state != ScanState.REPLACED:
        material = _take_place(old, scan)
    else:
        material = _insert(batch, scan, behind=_scan_before(scan, old))
    if material.state in RENEWABLE:
        _refresh(material, moved=place is None)
    return material


def _take_place(old: Scan, new: Scan) -> Material:
    """The new page stands where the old one stood; the old one is kept and said to be replaced."""
    before = old.state
    old.state = ScanState.REPLACED
    old.save(update_fields=["state"])
    record("scan:replace", actor=None, subject=old, detail={"by": str(new.pk), "was": before})
    place = MaterialPage.objects.select_related("material").filter(scan=old).first()
    if place is None or place.material.state not in RENEWABLE:
        return _insert(old.batch, new, behind=old)
    place.scan = new
    place.save(update_fields=["scan"])
    return place.material


def _scan_before(scan: Scan, old: Scan | None) -> Scan:
    """The page a page without a place follows: the other half of its sheet, or the one it replaces."""
    if old is not None:
        first = Scan.objects.filter(upload__replaces=old, place__isnull=False).order_by("pk").last()
        return first or old
    return scan


def _insert(batch: Batch, scan: Scan, *, behind: Scan) -> Material:
    """A page without a place becomes a material of its own, behind the page it follows."""
    beside = MaterialPage.objects.filter(scan=behind).select_related("material").first()
    if beside is not None and beside.material.state in RENEWABLE:
        pages = list(beside.material.pages.order_by("sequence"))
        at = next(n for n, page in enumerate(pages) if page.scan_id == behind.pk) + 1
        beside.material.pages.filter(sequence__gt=at).update(sequence=F("sequence") + 1)
        MaterialPage.objects.create(material=beside.material, scan=scan, sequence=at + 1)
        return beside.material
    earlier = (
        MaterialPage.objects.filter(
            material__batch=batch, scan__upload=behind.upload_id, scan__number__lte=behind.number
        )
        .select_related("material")
        .order_by("scan__number", "scan__half")
        .last()
    )
    sequence = earlier.material.sequence if earlier else 0
    batch.materials.filter(sequence__gt=sequence).update(sequence=F("sequence") + 1)
    material = blank_material(batch, sequence + 1)
    MaterialPage.objects.create(material=material, scan=scan, sequence=1)
    return material


def _refresh(material: Material, *, moved: bool) -> None:
    """Propose anew from the pages as they are; what changes nothing leaves no trace."""
    before = _said(material)
    scans = [place.scan for place in material.pages.select_related("scan").order_by("sequence")]
    readable = [scan for scan in scans if scan.state in READY]
    readings = understand(layers_of(readable), scheme=settings.CATEGORY_SCHEME).materials
    decided = [entry for entry in material.fields if "decided" in entry]
    known = {entry["name"] for entry in decided}
    for reading in readings:
        for entry in field_entries(reading, readable):
            if entry["name"] not in known:
                known.add(entry["name"])
                decided.append(entry)
    material.fields = decided
    if readings:
        _take_surer(material, readings[0])
    if material.state == MaterialState.RESCAN and not _waits(scans):
        MATERIAL.apply("renew", material, by=None)
    if not moved and _said(material) == before:
        return
    material.version += 1
    material.save()
    record("material:renew", actor=None, subject=material, detail={"pages": len(scans)})


def _said(material: Material) -> tuple[object, ...]:
    return (
        material.state,
        material.title,
        material.category,
        material.formed,
        material.person_id,
        material.person_name,
        material.fields,
    )


def _waits(scans: Sequence[Scan]) -> bool:
    return any(scan.state == ScanState.RESCAN for scan in scans)


def _take_surer(material: Material, reading: MaterialReading) -> None:
    """Title, class, date and person of the new reading where it is surer than what stands."""
    held, new = dict(material.confidence), reading.confidence
    if new.get("title", 0.0) > held.get("title", 0.0):
        material.title, material.title_source = reading.title[:200], reading.title_source
        held["title"] = new["title"]
    if reading.category and new.get("category", 0.0) > held.get("category", 0.0):
        material.category = in_scheme_of(material.person, reading.category, reading.title)
        held["category"] = new["category"]
    if reading.date and new.get("date", 0.0) > held.get("date", 0.0):
        material.formed, held["date"] = reading.date, new["date"]
    if material.person_id is None and reading.person and not material.person_name:
        person, held["person"] = match_person(material.batch, reading, "")
        material.person, material.person_name = person, reading.person
    material.confidence = held
