"""Two files that turn out to be one person's: the materials of one go into the other."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Max

from rongdang.base.accounts.models import User
from rongdang.base.errors import ConflictError
from rongdang.base.vocab import categories
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.casefiles.services import open_case_file, recount, reopen_if_sealed
from rongdang.describe.casefiles.states import CaseFileState
from rongdang.describe.people.models import Person


def join_files(other: Person, kept: Person, acting_user: User | None) -> None:
    """The kept record has one file with the materials of both; raises ConflictError when that
    cannot be done without moving paper between units, or while one of them is being sealed.
    """
    joining = CaseFile.objects.select_for_update(of=("self",)).filter(person=other).first()
    if joining is None:
        return
    held = CaseFile.objects.select_for_update(of=("self",)).filter(person=kept).first()
    _must_be_free(joining, held)
    if held is None:
        joining.person = kept
        joining.save(update_fields=["person", "changed_at"])
        return
    _move(joining, held)
    reopen_if_sealed(held, acting_user)
    recount(held)
    joining.state, joining.item_count, joining.page_count = CaseFileState.JOINED, 0, 0
    joining.save(update_fields=["state", "item_count", "page_count", "changed_at"])


def _must_be_free(joining: CaseFile, held: CaseFile | None) -> None:
    for one in filter(None, (joining, held)):
        if one.sealing_by_id is not None:
            raise ConflictError(
                f"案卷 {one.number} 正在入库，没有合并。",
                f"File {one.number} is being sealed; nothing was merged.",
                hint_zh="等入库办完再合并。",
                hint_en="Merge when the sealing is done.",
                code="file-sealing",
            )
    if held is not None and held.custodian_id != joining.custodian_id:
        raise ConflictError(
            f"{joining.number} 和 {held.number} 由两个机构保管，没有合并。",
            f"{joining.number} and {held.number} are in the custody of two units; nothing was merged.",
            hint_zh="纸质档案先按转递规定归到一处，再合并。",
            hint_en="Bring the paper together by the rules of transfer first.",
            code="two-custodians",
        )


def _move(joining: CaseFile, held: CaseFile) -> None:
    """Numbered behind those already there, class by class, in their own order."""
    last: dict[str, int] = defaultdict(int)
    counted = Item.objects.filter(case_file=held).values("category")
    for row in counted.annotate(last=Max("sequence")):
        last[row["category"]] = row["last"]
    scheme = categories.scheme(held.scheme)
    for item in Item.objects.filter(case_file=joining).order_by("category", "sequence"):
        code = categories.map_code(
            item.category, source=joining.scheme, target=held.scheme, title=item.title
        )
        last[code] += 1
        Item.objects.filter(pk=item.pk).update(
            case_file=held, category=code, level=scheme.entry(code).level, sequence=last[code]
        )


def part_files(
    person: Person, new: Person, items: Sequence[uuid.UUID], acting_user: User | None
) -> None:
    """These materials of the person's file go into a file of the new person, opened for them."""
    if not items:
        return
    held = CaseFile.objects.select_for_update(of=("self",)).get(person=person)
    _must_be_free(held, None)
    parted = open_case_file(new, acting_user=acting_user)
    CaseFile.objects.filter(pk=parted.pk).update(scheme=held.scheme)
    last: dict[str, int] = defaultdict(int)
    for item in Item.objects.filter(pk__in=items).order_by("category", "sequence"):
        last[item.category] += 1
        Item.objects.filter(pk=item.pk).update(case_file=parted, sequence=last[item.category])
    reopen_if_sealed(held, acting_user)
    for one in (held, CaseFile.objects.get(pk=parted.pk)):
        recount(one)
