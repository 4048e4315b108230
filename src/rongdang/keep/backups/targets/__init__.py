"""A target by what the setting or the command names: a folder, or s3://bucket/prefix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from rongdang.keep.backups.ports import BackupError, Target
from rongdang.keep.backups.targets.folder import FolderTarget


def open_target(named: str) -> Target:
    """Raises BackupError when none is named or it cannot be used."""
    if not named:
        raise BackupError(
            "没有说备份到哪里，没有备份。",
            "No backup target was named; nothing was backed up.",
            hint_zh="在命令后写文件夹或 s3://桶/前缀，或设 RONGDANG_BACKUP_TARGET。",
            hint_en="Name a folder or s3://bucket/prefix, or set RONGDANG_BACKUP_TARGET.",
            code="no-target",
        )
    if named.startswith("s3://"):
        from rongdang.keep.backups.targets.s3 import S3Target

        told: dict[str, Any] = settings.BACKUP_S3
        return S3Target(named, append_only=settings.BACKUP_APPEND_ONLY, **told)
    return FolderTarget(Path(named).resolve(), append_only=settings.BACKUP_APPEND_ONLY)
