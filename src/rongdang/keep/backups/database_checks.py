"""What a scrub looks at beside the files: strangers among them, parity blocks, the database."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection

from rongdang.keep.backups.findings import Finding
from rongdang.keep.backups.mending import digest_of
from rongdang.keep.backups.models import ParityGroup
from rongdang.keep.backups.protecting import block_path, dissolve
from rongdang.keep.objects.queries import spoken_of
from rongdang.keep.objects.services import store

MOST = 100  # faults of the database told one by one


def strangers() -> list[Finding]:
    """Files in the store that no row speaks of, nor is about to."""
    return [
        Finding(
            "extra",
            f"objects/{name}",
            "存储里多出一个账上没有的文件。",
            "A file that no record speaks of.",
        )
        for name in store().names()
        if not spoken_of(name)
    ]


def parity_blocks() -> list[Finding]:
    """Damaged or missing blocks; their group is dissolved here and made anew in the same run."""
    found = []
    for group in ParityGroup.objects.iterator(chunk_size=500):
        sums = {"p": group.p_digest, "q": group.q_digest}
        for block, digest in sums.items():
            path = block_path(group, block)
            if digest_of(path) == digest:
                continue
            name = f"parity/{path.relative_to(settings.PARITY_ROOT).as_posix()}"
            zh, en = (
                "校验块坏了或不见了，已重做。",
                "A parity block was damaged or gone; made anew.",
            )
            found.append(Finding("parity", name, zh, en, "store"))
            dissolve(group)
            break
    return found


def database() -> Iterator[Finding]:
    """SQLite: every page's seal, every row and every index entry. PostgreSQL checks its own pages.

    On a connection of its own: SQLCipher refuses all further work on one that met a damaged page.
    """
    if connection.vendor != "sqlite":
        return
    reader = connection.copy()
    pragmas = ["integrity_check"]
    if settings.DATABASE_ENCRYPTED and not reader.is_in_memory_db():  # type: ignore[attr-defined]  # SQLite's
        pragmas.insert(0, "cipher_integrity_check")
    for pragma in pragmas:
        try:
            with reader.cursor() as cursor:
                cursor.execute(f"PRAGMA {pragma}")
                said = [str(row[0]) for row in cursor.fetchmany(MOST)]
        except (DatabaseError, MemoryError) as error:
            said = [str(error) or "a page does not open"]
        finally:
            reader.close()
        for text in said:
            if text != "ok":
                yield Finding(
                    "database", pragma, f"数据库损坏：{text}", f"The database is damaged: {text}"
                )
