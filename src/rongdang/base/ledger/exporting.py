"""The log as a file that anybody can check without this product (tools/ledger_verifier.py).

JSON lines, UTF-8. First what it is; then every entry as it was hashed, with its leaf as the log
holds it, and its detail and salt where the detail still stands; then the heads, then who vouched
for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.durable import storage_error
from rongdang.base.errors import DomainError
from rongdang.base.ledger import queries
from rongdang.base.ledger.heads import moment_text
from rongdang.base.ledger.models import Attestation, Detail, Entry, Head, opened_detail
from rongdang.base.ledger.services import record, sign_head

FORMAT = "rongdang ledger export 1"
CHUNK = 4096


def export(
    path: Path,
    *,
    acting_user: User,
    details: bool = True,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the log up to a head signed now, and give how many entries it has; that it left is an entry.

    Without `details` no personal detail leaves; their digests stay in the entries.
    """
    with transaction.atomic():
        require(acting_user, Permission.LEDGER_READ)
        detail = {"details": details, "size": queries.size()}
        record("ledger:export", actor=acting_user, detail=detail)
    head = sign_head()
    assert head is not None
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("xb") as file:
            _write(file, head.size, details=details, progress=progress)
        part.rename(path)
    except FileExistsError as error:
        raise DomainError(
            f"“{part.name}”已经在了：另一次导出正在写，或中断过。没有导出。",
            f"“{part.name}” is there: another export is writing, or was broken off. Nothing left.",
            hint_zh="确认没有别的导出在进行，删掉它再来。",
            hint_en="If no other export runs, remove it and try again.",
            code="export-runs",
        ) from error
    except OSError as error:
        part.unlink(missing_ok=True)
        raise storage_error(error) from error
    return head.size


def _write(
    file: BinaryIO, size: int, *, details: bool, progress: Callable[[int], None] | None
) -> None:
    log = queries.log_id()
    first = {"format": FORMAT, "log": log, "size": size, "details": details}
    file.write(_row(first))
    for start in range(1, size + 1, CHUNK):
        end = min(start + CHUNK, size + 1)
        file.writelines(_entries(start, end, details=details))
        if progress is not None:
            progress(end - 1)
    heads = Head.objects.filter(size__lte=size).order_by("size").iterator(chunk_size=CHUNK)
    file.writelines(_row({"head": head.signed(log).to_dict()}) for head in heads)
    vouched = Attestation.objects.filter(head__size__lte=size).exclude(kind=Attestation.Kind.FILE)
    rows = vouched.order_by("head_id", "pk").iterator(chunk_size=CHUNK)
    file.writelines(_row({"attestation": _attested(row)}) for row in rows)


def _entries(start: int, end: int, *, details: bool) -> Iterator[bytes]:
    sides: dict[int, tuple[Any, Any]] = {}
    if details:
        found = Detail.objects.filter(pk__gte=start, pk__lt=end)
        sides = {pk: (salt, body) for pk, salt, body in found.values_list("pk", "salt", "body")}
    rows = Entry.objects.filter(seq__gte=start, seq__lt=end).order_by("seq")
    for seq, body, leaf in rows.values_list("seq", "body", "leaf"):
        told: dict[str, Any] = {"entry": bytes(body).decode(), "leaf": bytes(leaf).hex()}
        if seq in sides:
            salt, content = sides[seq]
            told |= {"salt": bytes(salt).hex(), "detail": opened_detail(seq, content).decode()}
        yield _row(told)


def _attested(row: Attestation) -> dict[str, Any]:
    return {
        "size": row.head_id,
        "kind": row.kind,
        "source": row.source,
        "at": moment_text(row.at),
        "suite": row.suite,
        "key_id": row.key_id,
        "public_key": bytes(row.public_key).hex(),
        "evidence": bytes(row.evidence).hex(),
    }


def _row(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"
