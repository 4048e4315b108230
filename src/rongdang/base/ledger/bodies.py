"""What a leaf is the hash of: canonical JSON (sorted keys, no blanks, UTF-8, no floats)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from rongdang.base.ledger.heads import moment_text

EVENT = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*:[a-z][a-z0-9]*(-[a-z0-9]+)*")
FORMAT = 1
_CANONICAL: dict[str, Any] = {
    "ensure_ascii": False,
    "sort_keys": True,
    "separators": (",", ":"),
}
_body = json.JSONEncoder(**_CANONICAL).encode
_detail = DjangoJSONEncoder(**_CANONICAL).encode


def body_of(
    *,
    seq: int,
    at: datetime,
    event: str,
    actor: str | None,
    subject_kind: str,
    subject_id: str,
    detail: str,
) -> bytes:
    """`detail` is the salted digest in hex, or "" where an entry has none."""
    content = {
        "actor": actor,
        "at": moment_text(at),
        "detail": detail,
        "event": event,
        "format": FORMAT,
        "seq": seq,
        "subject": [subject_kind, subject_id],
    }
    return _body(content).encode()


def detail_bytes(detail: Mapping[str, Any]) -> bytes:
    """The side row; dates, UUIDs and decimals as text."""
    return _detail(dict(detail)).encode()


def detail_digest(salt: bytes, body: bytes) -> str:
    return sha256(salt + body).hexdigest()
