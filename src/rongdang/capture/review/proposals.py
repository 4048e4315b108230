"""From the scans of a batch to proposals: stacks by separator sheets, materials by reading."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rongdang.base.orgs.models import within
from rongdang.base.textlayer import TextLayer
from rongdang.base.vocab import names
from rongdang.capture.batches import separators
from rongdang.capture.batches.models import Batch, Scan
from rongdang.capture.batches.page_reading import unpack
from rongdang.capture.batches.states import ScanState
from rongdang.capture.reading.understand import understand
from rongdang.capture.reading.values import Material as MaterialReading
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.people.models import Person

READABLE = (ScanState.READ, ScanState.BLANK, ScanState.SEPARATOR)
AT_ONCE = 200  # rows a query asks for
LONGEST = 400  # pages read together; a longer stack without a separator sheet is cut at a file
INHERITED = 0.6  # a page without a name, in a stack where all others bear one and the same


@dataclass(frozen=True, slots=True)
class Segment:
    """Scans between two separator sheets; `number` is the 档号 the sheet in front names, or ""."""

    number: str
    scans: list[Scan] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One material as read, its pages as scans, and the person it seems to belong to."""

    reading: MaterialReading
    scans: list[Scan]
    segment_scans: list[Scan]
    person_id: uuid.UUID | None
    person_name: str
    person_confidence: float


def segments(scans: Sequence[Scan]) -> list[Segment]:
    """Cut the batch at its separator sheets; an item sheet keeps the person of the one before.

    A stack longer than `LONGEST` is cut between two files as well: memory stays the same however
    large a batch is, and what was one material is merged by the person who looks.
    """
    cut = [Segment("")]
    for scan in scans:
        if not scan.separator:
            held = cut[-1].scans
            if len(held) >= LONGEST and scan.upload_id != held[-1].upload_id:
                cut.append(Segment(cut[-1].number))
            cut[-1].scans.append(scan)
            continue
        named = scan.separator.removeprefix(separators.NEW_PERSON)
        number = named if named != scan.separator else cut[-1].number
        cut.append(Segment(number))
    return [segment for segment in cut if segment.scans]


def layers_of(scans: Sequence[Scan]) -> list[TextLayer | None]:
    """Text layers as `understand` takes them: None for a blank page."""
    read = [scan.pk for scan in scans if scan.state != ScanState.BLANK]
    held: dict[uuid.UUID, bytes] = {}
    for start in range(0, len(read), AT_ONCE):
        rows = Scan.objects.filter(pk__in=read[start : start + AT_ONCE]).only("layer")
        held |= {scan.pk: scan.layer for scan in rows}
    return [unpack(held[scan.pk]) if scan.pk in held else None for scan in scans]


def field_entries(reading: MaterialReading, scans: Sequence[Scan]) -> list[dict[str, Any]]:
    """The fields of a reading as `Material.fields` keeps them."""
    return [
        {
            "name": name,
            "value": value.value,
            "original": value.original,
            "confidence": round(value.confidence, 3),
            "scan": str(scans[value.page].pk),
            "box": list(value.box) if value.box else None,
            "reason_zh": value.reason_zh,
            "reason_en": value.reason_en,
        }
        for name, value in reading.fields.items()
    ]


def proposals(batch: Batch, *, scheme: str) -> Iterator[Proposal]:
    """All materials the machine sees in the batch, in page order."""
    rows = batch.scans.filter(state__in=READABLE).defer("layer")
    scans = list(rows.order_by("upload", "number", "half"))
    for segment in segments(scans):
        readings = understand(layers_of(segment.scans), scheme=scheme).materials
        borne = {names.normalise_name(reading.person) for reading in readings if reading.person}
        for reading in readings:
            name = reading.person or ""
            person, confidence = match_person(batch, reading, segment.number)
            if not name and person is None and len(borne) == 1:
                name = next(iter(borne))
                person, _sure = match_person(batch, reading, segment.number, name=name)
                confidence = INHERITED
            yield Proposal(
                reading,
                [segment.scans[index] for index in reading.pages],
                segment.scans,
                person.pk if person else None,
                name,
                confidence,
            )


def match_person(
    batch: Batch, reading: MaterialReading, number: str, *, name: str = ""
) -> tuple[Person | None, float]:
    """The known person a material seems to belong to; a person decides, the machine only says.

    A separator sheet names him, and is believed unless the page itself bears another name; a name
    alone is believed only when one person of the batch's unit bears it and the birth on the page
    does not contradict his. Else (None, 0): proposed as somebody new.
    """
    written = names.normalise_name(name or reading.person or "")
    inside = within("scope", [batch.scope])
    if number:
        found = CaseFile.objects.filter(inside, number=number).select_related("person").first()
        if found is not None:
            agrees = not written or written in (
                found.person.name,
                found.person.record.get("曾用名", ""),
            )
            return found.person, 0.99 if agrees else 0.5
    if not written:
        return None, 0.0
    birth = reading.fields.get("出生日期")
    agreeing = [
        person
        for person in Person.objects.open().filter(inside, name=written)[:5]
        if not (birth and person.birth) or person.birth[:4] == birth.value[:4]
    ]
    if len(agreeing) != 1:
        return None, 0.0
    certain = bool(birth and agreeing[0].birth and agreeing[0].birth == birth.value)
    return agreeing[0], 0.97 if certain else 0.8
