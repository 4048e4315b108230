"""Is the search index whole, does it know every document, and does it hold what the document says?"""

from __future__ import annotations

import random
from collections.abc import Iterator

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection

from rongdang.base.errors import DomainError
from rongdang.provide.search.models import Document
from rongdang.provide.search.ports import PAGES, PEOPLE, engine
from rongdang.provide.search.services import is_indexed

COMPARED = 2000  # documents compared word by word in one pass, drawn anew each time
AT_ONCE = 200


def index_faults() -> Iterator[tuple[str, str]]:
    """What is wrong, in two languages."""
    if connection.vendor == "sqlite":
        yield from _structure()
    try:
        known = engine().rows(PAGES) | engine().rows(PEOPLE)
    except DatabaseError as error:  # it was told above what is damaged
        yield f"检索索引读不出来：{error}", f"The index cannot be read: {error}"
        return
    rows = set(Document.objects.values_list("pk", flat=True))
    if lost := len(rows - known):
        yield f"检索索引里少了 {lost} 条", f"The index lacks {lost} entries"
    if strange := len(known - rows):
        yield f"检索索引里多出 {strange} 条", f"The index has {strange} entries of no document"
    if changed := _changed(rows & known):
        yield (
            f"检索索引里有 {changed} 条与页上的字不符",
            f"{changed} entries of the index differ from what their documents say",
        )


def _structure() -> Iterator[tuple[str, str]]:
    for table in (PAGES, PEOPLE):
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {table}({table}) VALUES('integrity-check')")
        except DatabaseError as error:
            yield f"检索索引 {table} 坏了：{error}", f"The index {table} is damaged: {error}"


def _changed(rows: set[int]) -> int:
    """How many of those drawn hold something else; of a small house all are drawn."""
    drawn = random.SystemRandom().sample(sorted(rows), min(COMPARED, len(rows)))
    changed = 0
    for start in range(0, len(drawn), AT_ONCE):
        found = Document.objects.filter(pk__in=drawn[start : start + AT_ONCE])
        for document in found.select_related("text"):
            try:
                changed += not is_indexed(document)
            except (DatabaseError, DomainError, ObjectDoesNotExist):  # or its words are lost
                changed += 1
    return changed
