"""Why nothing was restored, in words for whoever stands before an empty place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rongdang.keep.backups.ports import BackupError


def parts_wrong(names: Sequence[str]) -> BackupError:
    shown = "、".join(names[:20]) + ("……" if len(names) > 20 else "")
    return BackupError(
        f"备份里有 {len(names)} 个文件缺少或被改动：{shown}。没有恢复任何东西。",
        f"{len(names)} files of the backup are missing or were changed: {shown}. Nothing was restored.",
        hint_zh="请换另一份备份或另一处目标；实在没有，加 --allow-damaged 恢复其余的。",
        hint_en="Use another copy or target; if there is none, --allow-damaged restores the rest.",
        code="parts-damaged",
    )


def half(name: str) -> BackupError:
    return BackupError(
        f"备份“{name}”没有做完，不能用；没有恢复任何东西。",
        f"The copy “{name}” was never finished; nothing was restored.",
        hint_zh="请用更早的一份（不写 --copy 就是最近做完的一份）。",
        hint_en="Use an earlier one (without --copy it is the newest finished).",
        code="half-copy",
    )


def none(place: str, name: str) -> BackupError:
    return BackupError(
        f"“{place}”里没有{'这份' if name else '做完的'}备份，没有恢复任何东西。",
        f"“{place}” holds no {'such' if name else 'finished'} copy; nothing was restored.",
        hint_zh="请核对备份目标。",
        hint_en="Check the place of the backup.",
        code="no-copy",
    )


def not_reached(until: datetime, copies: Sequence[datetime]) -> BackupError:
    held = "、".join(f"{at:%Y-%m-%d %H:%M:%S}Z" for at in copies[-5:])
    return BackupError(
        f"回不到 {until:%Y-%m-%d %H:%M:%S %z}；没有恢复任何东西。现有的各份：{held}。",
        f"{until:%Y-%m-%d %H:%M:%S %z} cannot be reached; nothing was restored. Copies: {held}.",
        hint_zh="只有 PostgreSQL 能回到两份备份之间的时刻；其余用 --copy 选一份。",
        hint_en="Only PostgreSQL comes back to a moment between two copies; else choose one by --copy.",
        code="moment",
    )


def not_empty(into: Path) -> BackupError:
    return BackupError(
        f"“{into}”不是空的，没有恢复；里面的东西都没有动。",
        f"“{into}” is not empty; nothing was restored and nothing in it was touched.",
        hint_zh="请另选一个空文件夹。",
        hint_en="Choose an empty folder.",
        code="not-empty",
    )
