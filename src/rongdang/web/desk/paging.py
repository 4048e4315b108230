"""Lists go on behind a row, never by counting: a page costs the same at the start and the end."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass(frozen=True, slots=True)
class Keyset:
    """One screen of a list, and where the next one starts ("" = this is the last)."""

    rows: Sequence[Any]
    after: str


def keyset(
    rows: models.QuerySet[Any], after: str, *, size: int, newest_first: bool = False
) -> Keyset:
    """The rows behind the id `after`; ids sort by the time they were made."""
    try:
        mark = uuid.UUID(after) if after else None
    except ValueError:
        mark = None
    if mark is not None:
        rows = rows.filter(pk__lt=mark) if newest_first else rows.filter(pk__gt=mark)
    found = list(rows.order_by("-pk" if newest_first else "pk")[: size + 1])
    more = len(found) > size
    return Keyset(found[:size], str(found[size - 1].pk) if more else "")
