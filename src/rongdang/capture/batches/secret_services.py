"""Pages with marks of state secrets: stopped, destroyed, settled by the security officer.

保密法 (2024) 31: no storing on a system without graded protection; domain.md 5.4 (3): only digest,
time, who handed in and the place of the paper remain.

What happens to the rest: a file of many pages holds the secret page too, so the file itself is
destroyed; its other pages were taken out of it as objects of their own and stay.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate import services as gate
from rongdang.base.ledger.services import record
from rongdang.capture.batches.models import Scan, Upload
from rongdang.capture.batches.services import announce_if_read
from rongdang.capture.batches.states import UNOPENED, ScanState
from rongdang.capture.reading.values import SecretHit
from rongdang.describe.casefiles.models import Page
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject


@transaction.atomic
def stop_secret(scan: Scan, hit: SecretHit) -> bool:
    """A mark of state secrets: the page's bytes are destroyed wherever they stand in a batch.

    False when two officers have opened the gate: the mark is noted and the page goes on.

    Bytes that a person has filed before are not touched by the machine: the ledger names the page
    for the security officer.
    """
    scan = Scan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if scan.state not in (ScanState.WAITING, ScanState.FAILED):
        return True
    if gate.passed(hit.kind, place="scan"):
        return False
    same = Q(pk=scan.pk)
    if scan.original_id:
        same |= Q(original=scan.original_id) & ~Q(state=ScanState.FILED)
    stopped = list(Scan.objects.filter(same).select_related("upload__stored", "batch", "original"))
    gone: dict[uuid.UUID, StoredObject] = {}
    for side in stopped:
        gone |= {stored.pk: stored for stored in (side.original, side.optimised) if stored}
        side.state, side.layer = ScanState.SECRET, b""
        side.reason_zh = (
            f"页上有涉密标志（{hit.zh or hit.kind}）。这一页没有留存，请按涉密载体线下处理。"
        )
        side.reason_en = (
            f"The page bears a mark of state secrets ({hit.en or hit.kind}). It was not kept; "
            "handle the sheet off-line as a classified carrier."
        )
        side.save(update_fields=["state", "layer", "reason_zh", "reason_en"])
    digests = _destroy(gone.values())
    for side in stopped:
        record(
            "scan:stop-secret",
            actor=None,
            subject=side,
            detail={"digests": digests, "kind": hit.kind, "upload": side.upload.name},
        )
        if side.upload.state not in UNOPENED:  # while pages are taken out, the file waits
            destroy_file_of_secret_page(side.upload)
        raise_alarm(
            kind="secret-suspected",
            scope=side.batch.scope,
            subject=side,
            detail={"kind": hit.kind, "batch": side.batch.number},
        )
        announce_if_read(side.batch)
    return True


def said_of_itself(kind: str) -> SecretHit:
    """The hit of a page whose file bears the mark in its name or its own description."""
    zh, en = (
        f"文件名或文件说明里写着“{kind}”",
        f"the file's name or its own description says {kind}",
    )
    return SecretHit(kind, (0.0, 0.0, 1.0, 1.0), zh, en)


def destroy_file_of_secret_page(upload: Upload) -> None:
    """Destroy the file as handed in when one of its pages was stopped; call it once it is split."""
    numbers = sorted(
        set(
            upload.scans.filter(state=ScanState.SECRET, cleared=False).values_list(
                "number", flat=True
            )
        )
    )
    if not numbers or upload.stored is None or upload.stored.shredded_at is not None:
        return
    _destroy([upload.stored])
    said_zh, said_en = (
        "、".join(str(n + 1) for n in numbers),
        ", ".join(str(n + 1) for n in numbers),
    )
    note_zh = f"第 {said_zh} 页有涉密标志，原文件已销毁，其余各页另存。"
    note_en = (
        f"Page {said_en} bears a mark of state secrets; the file was destroyed, its other pages "
        "were kept on their own."
    )
    upload.reason_zh = f"{note_zh} {upload.reason_zh}"[:400].strip()
    upload.reason_en = f"{note_en} {upload.reason_en}"[:400].strip()
    upload.save(update_fields=["reason_zh", "reason_en"])


@transaction.atomic
def settle_secret(scan: Scan, *, cleared: bool, note: str, acting_user: User) -> Scan:
    """The security officer says what became of the sheet: off-line, or cleared by a record.

    `note` names the place where the sheet is kept, or the authority, date and document that
    declassified it (domain.md 5.4 (5)). A cleared sheet may be scanned again.
    """
    require(acting_user, Permission.SECRET_SETTLE, scan.batch.scope)
    scan = Scan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if scan.state != ScanState.SECRET or scan.settled_by_id is not None:
        raise ConflictError(
            "这一页没有等待处置的涉密标志，没有改动。",
            "No mark of state secrets on this page waits for you; nothing changed.",
        )
    if not note.strip():
        raise DomainError(
            "请写明处置依据或纸件去处，没有改动。",
            "Say on what ground, or where the sheet is kept; nothing changed.",
            code="no-note",
            status=422,
        )
    scan.settled_by, scan.cleared = acting_user, cleared
    scan.save(update_fields=["settled_by", "cleared"])
    record(
        "secret:clear" if cleared else "secret:settle",
        actor=acting_user,
        subject=scan,
        detail={"note": note.strip()[:400]},
    )
    return scan


def is_cleared(scan: Scan) -> bool:
    """Did the security officer clear this sheet: these bytes, or the page it is scanned anew for?"""
    cleared = Scan.objects.filter(cleared=True)
    anew = scan.upload.replaces_id
    if anew is not None and cleared.filter(pk=anew).exists():
        return True
    if scan.original is None:
        return False
    destroyed = StoredObject.objects.filter(digest=scan.original.digest, shredded_at__isnull=False)
    gone = list(destroyed.values_list("pk", flat=True))
    return bool(gone) and cleared.filter(original__in=gone).exists()


def _destroy(stored: Iterable[StoredObject]) -> list[str]:
    """Shred what no filed page holds; the digests of all, for the ledger."""
    digests = []
    for one in stored:
        fresh = StoredObject.objects.get(pk=one.pk)
        digests.append(fresh.digest)
        held = Page.objects.filter(Q(original=fresh) | Q(optimised=fresh)).first()
        if held is None:
            objects.shred(fresh, reason="secret-mark")
        else:
            record("page:suspect-secret", actor=None, subject=held, detail={"digest": fresh.digest})
            raise_alarm(
                kind="secret-suspected",
                scope=held.item.case_file.scope,
                subject=held,
                detail={"page": held.sequence},
            )
    return digests
