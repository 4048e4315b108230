"""All comparisons in their order, and the pattern two records make."""

from __future__ import annotations

from rongdang.describe.linkage.identity_levels import NAME, NUMBER
from rongdang.describe.linkage.levels import WORDS, Comparison, Level
from rongdang.describe.linkage.life_levels import BIRTH, ENLISTMENT, KIN, NATIVE_PLACE, SEX, UNIT
from rongdang.describe.linkage.records import Features

__all__ = ["COMPARISONS", "ENLISTMENT", "WORDS", "Comparison", "Level", "Pattern", "pattern"]

COMPARISONS = (NAME, NUMBER, BIRTH, ENLISTMENT, NATIVE_PLACE, SEX, KIN, UNIT)
Pattern = tuple[int, ...]  # one level index for each of COMPARISONS, -1 missing


def pattern(a: Features, b: Features) -> Pattern:
    """How two records compare, fact by fact."""
    return tuple(comparison.level(a, b) for comparison in COMPARISONS)
