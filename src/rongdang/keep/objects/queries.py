"""Re-reading everything, and naming what is wrong."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from rongdang.base.errors import DomainError
from rongdang.keep.objects.digests import of as digests_of
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.services import key_of, open_object, store

OBJECT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
IN_FLIGHT = timedelta(minutes=10)  # a file is written before the row that speaks of it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was put: code, name of the object, words."""

    code: str  # damaged, missing, extra
    name: str
    zh: str
    en: str


def verify_objects(progress: Callable[[int, int], None] | None = None) -> Iterator[Finding]:
    """Every object, oldest verified first: there, whole, equal to its digest; and nothing extra."""
    live = StoredObject.objects.filter(shredded_at=None).order_by("verified_at", "pk")
    total = live.count()
    names = set()
    for count, stored in enumerate(live.iterator(chunk_size=500), 1):
        names.add(key_of(stored.pk))
        finding = _check(stored)
        if finding:
            yield finding
        else:
            StoredObject.objects.filter(pk=stored.pk).update(verified_at=timezone.now())
        if progress:
            progress(count, total)
    for name in store().names():
        if name not in names and not spoken_of(name):
            yield Finding(
                "extra", name, "存储里多出一个账上没有的文件。", "A file that no record speaks of."
            )


def spoken_of(name: str) -> bool:
    """Does a row know this file, or is it so new that its row may be about to be written?"""
    found = OBJECT_ID.search(name)
    if found is None:
        return False
    object_id = uuid.UUID(found[0])
    made = object_id.int >> 80  # milliseconds, by RFC 9562
    if abs(time.time_ns() // 1_000_000 - made) < IN_FLIGHT.total_seconds() * 1000:
        return True
    return not name.endswith(".tmp") and StoredObject.objects.filter(pk=object_id).exists()


def _check(stored: StoredObject) -> Finding | None:
    try:
        digests = digests_of(stored)
        with open_object(stored) as reader:
            for chunk in reader.chunks():
                digests.update(chunk)
    except DomainError as error:
        code = "missing" if error.code == "missing" else "damaged"
        return Finding(code, key_of(stored.pk), error.message(), error.message("en"))
    if not digests.fit(stored):
        return Finding(
            "damaged", key_of(stored.pk), "内容与摘要不符。", "Content and digest differ."
        )
    return None
