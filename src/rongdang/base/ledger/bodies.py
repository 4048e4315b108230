"""What a leaf is the hash of: canonical JSON (sorted keys, no blanks, UTF-8, no floats)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from json.encoder import encode_basestring as _quoted
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

EVENT = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*:[a-z][a-z0-9]*(-[a-z0-9]+)*")
FORMAT = 1
_detail = DjangoJSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def body_of(
    *,
    seq: int,
    at: str,
    event: str,
    actor: str | None,
    subject_kind: str,
    subject_id: str,
    detail: str,
) -> bytes:
    """`at` is `heads.moment_text`, `detail` the salted digest in hex, or "" where an entry has none."""
    who = "null" if actor is None else _quoted(actor)
    subject = f"[{_quoted(subject_kind)},{_quoted(subject_id)}]"
    return (
        f'{{"actor":{who},"at":"{at}","detail":"{detail}","event":{_quoted(event)},'
        f'"format":{FORMAT},"seq":{seq},"subject":{subject}}}'
    ).encode()


def detail_bytes(detail: Mapping[str, Any]) -> bytes:
    """The side row; dates, UUIDs and decimals as text."""
    return _detail(dict(detail)).encode()


def detail_digest(salt: bytes, body: bytes) -> str:
    return sha256(salt + body).hexdigest()
