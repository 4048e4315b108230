"""Is the search index whole, and does it know every document?"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError, connection

from rongdang.provide.search.models import Document
from rongdang.provide.search.ports import PAGES, PEOPLE


def index_faults() -> Iterator[tuple[str, str]]:
    """What is wrong, in two languages. PostgreSQL keeps its index inside the rows."""
    if connection.vendor != "sqlite":
        return
    for table in (PAGES, PEOPLE):
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {table}({table}) VALUES('integrity-check')")
        except DatabaseError as error:
            yield f"检索索引 {table} 坏了：{error}", f"The index {table} is damaged: {error}"
    with connection.cursor() as cursor:
        known = set[int]()
        for table in (PAGES, PEOPLE):
            cursor.execute(f"SELECT rowid FROM {table}")
            known.update(row[0] for row in cursor.fetchall())
    rows = set(Document.objects.values_list("pk", flat=True))
    if lost := len(rows - known):
        yield f"检索索引里少了 {lost} 条", f"The index lacks {lost} entries"
    if strange := len(known - rows):
        yield f"检索索引里多出 {strange} 条", f"The index has {strange} entries of no document"
