"""A page in a file that turns out to bear a mark of state secrets: taken out and destroyed.

It came with a delivery that brought no text, or a newer engine reads what none read before. The
entry in the catalogue stays and says that the page is on paper; the paper goes the classified way.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from rongdang.base.alarms.services import raise_alarm
from rongdang.base.gate import services as gate
from rongdang.base.ledger.services import record
from rongdang.describe.casefiles.models import EarlierText, Page
from rongdang.describe.casefiles.services import reopen_if_sealed
from rongdang.describe.people.models import Fact
from rongdang.keep.objects import services as objects

LONGEST_NOTE = 200


@transaction.atomic
def stop_page(page: Page, kind: str) -> bool:
    """Destroy the page wherever its bytes are filed; False when two officers opened the gate.

    Only digests, numbers and the catalogue's entry remain. A volume sealed before still holds the
    page: the alarm names its version.
    """
    if gate.passed(kind, place="filed-page"):
        return False
    page = Page.objects.select_related("original", "optimised").get(pk=page.pk)
    gone = {stored.pk: stored for stored in (page.original, page.optimised)}
    same = Page.objects.filter(Q(original__in=gone) | Q(optimised__in=gone))
    for one in same.select_related("item__case_file").order_by("pk"):
        _take_out(one, kind, sorted(stored.digest for stored in gone.values()))
    for stored in gone.values():
        objects.shred(stored, reason="secret-mark")
    return True


def _take_out(page: Page, kind: str, digests: list[str]) -> None:
    item, case_file = page.item, page.item.case_file
    told = {"kind": kind, "page": page.sequence, "digests": digests, "version": case_file.version}
    Fact.objects.filter(page=page).update(page=None, box=None)
    EarlierText.objects.filter(page=page).delete()
    page.delete()
    note = f"{item.note} 第{page.sequence}页涉密，未数字化。".strip()
    item.note, item.version = note[-LONGEST_NOTE:], item.version + 1
    item.paper_only = not item.pages.exists()
    item.save(update_fields=["note", "version", "paper_only"])
    if reopen_if_sealed(case_file, None):
        case_file.save(update_fields=["state", "changed_at"])
    record("item:stop-secret", actor=None, subject=item, detail=told)
    raise_alarm(
        kind="secret-suspected",
        scope=case_file.scope,
        subject=item,
        detail={"kind": kind, "page": page.sequence, "version": case_file.version},
    )
