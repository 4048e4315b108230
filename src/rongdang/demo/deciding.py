"""Deciding a batch of drawn paper as a clerk would who holds the paper: what was drawn is known.

The machine's reading is corrected where it differs, through the review desk's own services. Only
the demonstration calls this, and the account that decides is called a program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rongdang.base.accounts.models import User
from rongdang.capture.batches.models import Batch
from rongdang.capture.review import pages
from rongdang.capture.review.models import Material
from rongdang.capture.review.services import Decision, check_material, confirm_material
from rongdang.capture.review.states import OPEN, MaterialState
from rongdang.describe.people.models import Person

if TYPE_CHECKING:
    from rongdang.demo.paper.materials import TrueMaterial

UNTITLED = "无题名材料"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A material as it was drawn; `pages` count the files of the batch from 0."""

    pages: tuple[int, ...]
    title: str
    category: str
    date: str
    person: str
    fields: Mapping[str, str]

    @classmethod
    def of(cls, material: TrueMaterial) -> Drawn:
        return cls(
            tuple(material.pages),
            material.title,
            material.category,
            material.date,
            material.person,
            material.fields,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Drawn:
        return cls(**{**data, "pages": tuple(data["pages"])})


def decide_batch(
    batch: Batch,
    drawn: Sequence[Drawn],
    *,
    clerk: User,
    checker: User,
    known: Person | None = None,
) -> None:
    """Confirm every open material as drawn, check what is sampled; may be broken off and repeated.

    `known` is whom the register names already; a namesake in the same unit is another person.
    """
    owner = {page: number for number, one in enumerate(drawn) for page in one.pages}
    _mend_boundaries(batch, owner, clerk)
    for material in _open(batch):
        number = owner.get(_first_page(material, _order(batch)), -1)
        if number >= 0:
            _confirm(material, drawn[number], clerk, known)
    for material in Material.objects.filter(batch=batch, state=MaterialState.CHECK):
        check_material(material, right=True, version=material.version, acting_user=checker)


def filed_to(batch: Batch, name: str) -> Person | None:
    """The person of that name to whom something of the batch was filed."""
    filed = Material.objects.filter(batch=batch, person__name=name).select_related("person")
    first = filed.order_by("sequence").first()
    return first.person if first else None


def _confirm(material: Material, drawn: Drawn, clerk: User, known: Person | None) -> None:
    """Values are put right; fields the machine did not see are left for whoever reads the page."""
    person = filed_to(material.batch, drawn.person)
    if person is None and known is not None and known.name == drawn.person:
        person = known
    read = {entry["name"] for entry in material.fields}
    decision = Decision(
        title=drawn.title or material.title or UNTITLED,
        category=drawn.category,
        formed=drawn.date,
        values={field: value for field, value in drawn.fields.items() if field in read},
        person=person.pk if person else None,
        new_name=drawn.person,
    )
    confirm_material(material, decision, version=material.version, acting_user=clerk)


def _mend_boundaries(batch: Batch, owner: Mapping[int, int], clerk: User) -> None:
    """Split and merge until every material of the desk is one that was drawn."""
    order = _order(batch)
    for material in _open(batch):
        scans = [place.scan for place in material.pages.select_related("scan")]
        owners = [owner.get(order[str(scan.upload_id)]) for scan in scans]
        for at in reversed(range(1, len(scans))):
            if owners[at] != owners[at - 1]:
                material.refresh_from_db()
                pages.split_material(
                    material, before=scans[at].pk, version=material.version, acting_user=clerk
                )
    for material in reversed(_open(batch)):
        before = [one for one in _open(batch) if one.sequence < material.sequence]
        if before and _same(before[-1], material, owner, order):
            material.refresh_from_db()
            pages.merge_into_previous(material, version=material.version, acting_user=clerk)


def _same(
    first: Material, second: Material, owner: Mapping[int, int], order: Mapping[str, int]
) -> bool:
    return owner.get(_first_page(first, order)) == owner.get(_first_page(second, order))


def _open(batch: Batch) -> list[Material]:
    found = Material.objects.filter(batch=batch, state__in=OPEN).select_related("batch__unit")
    return list(found.order_by("sequence"))


def _order(batch: Batch) -> dict[str, int]:
    """Upload → its place in the batch; every page was handed in as a file of its own."""
    return {
        str(pk): n for n, pk in enumerate(batch.uploads.order_by("id").values_list("pk", flat=True))
    }


def _first_page(material: Material, order: Mapping[str, int]) -> int:
    place = material.pages.select_related("scan").first()
    return order[str(place.scan.upload_id)] if place else -1
