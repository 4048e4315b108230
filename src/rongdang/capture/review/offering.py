"""The machine's proposals are written down and the batch is opened for review."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from rongdang.base.ledger.services import record
from rongdang.base.vocab.categories import map_code
from rongdang.capture.batches.models import Batch, Scan
from rongdang.capture.batches.queries import waits_for_mending
from rongdang.capture.batches.states import BATCH, BatchState
from rongdang.capture.review.models import Material, MaterialPage
from rongdang.capture.review.proposals import READABLE, Proposal, field_entries, segments
from rongdang.describe.casefiles.models import CaseFile

UNREAD = {"title": 0.0, "category": 0.0, "date": 0.0, "boundary": 0.0, "person": 0.0}


@transaction.atomic
def offer_proposals(batch: Batch, found: Sequence[Proposal]) -> Batch:
    """Write the proposals down and open the batch for review.

    A batch without a page to decide on is done, unless a page waits to be scanned again.
    """
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state != BatchState.READING:
        return batch
    people = {proposal.person_id for proposal in found if proposal.person_id}
    held = CaseFile.objects.filter(person__in=people)
    schemes: dict[uuid.UUID | None, str] = dict(held.values_list("person_id", "scheme"))
    materials = [
        _material(batch, n, proposal, schemes.get(proposal.person_id, settings.CATEGORY_SCHEME))
        for n, proposal in enumerate(found, 1)
    ]
    Material.objects.bulk_create(materials, batch_size=200)
    MaterialPage.objects.bulk_create(
        [
            MaterialPage(material=material, scan=scan, sequence=position)
            for material, proposal in zip(materials, found, strict=True)
            for position, scan in enumerate(proposal.scans, 1)
        ],
        batch_size=500,
    )
    return _open_for_review(batch, len(found))


def _material(batch: Batch, sequence: int, proposal: Proposal, scheme: str) -> Material:
    """`scheme`: of the person's file, whose classes the desk will list."""
    reading = proposal.reading
    category = reading.category or ""
    if category:
        category = map_code(
            category, source=settings.CATEGORY_SCHEME, target=scheme, title=reading.title
        )
    return Material(
        batch=batch,
        scope=batch.scope,
        sequence=sequence,
        person_id=proposal.person_id,
        person_name=proposal.person_name[:60],
        title=reading.title[:200],
        title_source=reading.title_source,
        category=category,
        formed=reading.date or "",
        is_copy=reading.copy,
        confidence={**reading.confidence, "person": proposal.person_confidence},
        fields=field_entries(reading, proposal.segment_scans),
    )


@transaction.atomic
def offer_by_hand(batch: Batch) -> Batch:
    """Reading the meaning failed for good: each stack between separators becomes one material
    without a title, so that a person can cut and describe it himself.
    """
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state != BatchState.READING:
        return batch
    scans = batch.scans.filter(state__in=READABLE).order_by("upload", "number", "half")
    cut = segments(list(scans))
    for sequence, segment in enumerate(cut, 1):
        place_pages(blank_material(batch, sequence), segment.scans)
    return _open_for_review(batch, len(cut))


def blank_material(batch: Batch, sequence: int) -> Material:
    """A material of which nothing is known yet."""
    return Material.objects.create(
        batch=batch,
        scope=batch.scope,
        sequence=sequence,
        title_source="made",
        confidence=dict(UNREAD),
    )


def place_pages(material: Material, scans: Sequence[Scan]) -> None:
    MaterialPage.objects.bulk_create(
        MaterialPage(material=material, scan=scan, sequence=position)
        for position, scan in enumerate(scans, 1)
    )


def _open_for_review(batch: Batch, count: int) -> Batch:
    event = BATCH.apply("offer", batch, by=None)
    if not count and not waits_for_mending(batch):
        batch.state = BatchState.DONE
    batch.save(update_fields=["state"])
    record(event, actor=None, subject=batch, detail={"materials": count})
    return batch
