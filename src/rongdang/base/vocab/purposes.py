"""The lawful reasons for reading a file, and which levels of content each needs.

A closed list (《干部人事档案工作条例》): nobody writes a reason of his own, "other" needs words beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rongdang.base.vocab.tables import table

ALL_LEVELS = ("基本", "家庭", "健康", "奖惩", "内部")


@dataclass(frozen=True, slots=True)
class PurposeEntry:
    """A row: `kind` is consult (whoever may see files), keep (who arranges them), transfer (who
    exports them) or emergency (nobody by a role); `note` says that words must stand beside it.
    """

    code: str
    name: str
    english: str
    clause: str
    kind: str
    note: bool
    levels: tuple[str, ...]


@cache
def reasons() -> dict[str, PurposeEntry]:
    """Code → entry, in the order of the regulation."""
    return {
        row["code"]: PurposeEntry(**{**row, "levels": tuple(row["levels"])})
        for row in table("purposes").rows
    }
