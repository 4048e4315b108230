"""From the scans of a batch to proposals: stacks by separator sheets, materials by reading."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

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
    person_confidence: float


def segments(scans: Sequence[Scan]) -> list[Segment]:
    """Cut the batch at its separator sheets."""
    cut = [Segment("")]
    for scan in scans:
        if not scan.separator:
            cut[-1].scans.append(scan)
            continue
        named = scan.separator.removeprefix(f"{separators.PREFIX}person:")
        number = named if named != scan.separator else cut[-1].number
        cut.append(Segment(number))
    return [segment for segment in cut if segment.scans]


def proposals(batch: Batch, *, scheme: str) -> Iterator[Proposal]:
    """All materials the machine sees in the batch, in page order."""
    scans = list(batch.scans.filter(state__in=READABLE).order_by("upload", "number", "half"))
    for segment in segments(scans):
        layers = [
            None if scan.state == ScanState.BLANK else unpack(bytes(scan.layer))
            for scan in segment.scans
        ]
        for reading in understand(layers, scheme=scheme).materials:
            person, confidence = match_person(batch, reading, segment.number)
            yield Proposal(
                reading,
                [segment.scans[index] for index in reading.pages],
                segment.scans,
                person.pk if person else None,
                confidence,
            )


def match_person(
    batch: Batch, reading: MaterialReading, number: str
) -> tuple[Person | None, float]:
    """The known person a material seems to belong to; a person decides, the machine only says.

    A separator sheet names him for certain; a name alone is believed only when one person of the
    batch's unit bears it and the birth on the page does not contradict his.
    """
    if number:
        found = CaseFile.objects.filter(number=number, scope__startswith=batch.scope).first()
        if found:
            return found.person, 0.99
    if not reading.person:
        return None, 0.0
    name = names.normalise_name(reading.person)
    namesakes = list(Person.objects.filter(name=name, scope__startswith=batch.scope)[:5])
    birth = reading.fields.get("出生日期")
    agreeing = [
        person
        for person in namesakes
        if not (birth and person.birth) or person.birth[:4] == birth.value[:4]
    ]
    if len(agreeing) != 1:
        return None, 0.0
    certain = bool(birth and agreeing[0].birth and agreeing[0].birth == birth.value)
    return agreeing[0], 0.97 if certain else 0.8
