"""Why something of a source failed, as it was kept, in words again."""

from __future__ import annotations

from collections.abc import Mapping

from rongdang.base.errors import DomainError


def problem_of(kept: Mapping[str, str]) -> DomainError | None:
    """The refusal that a look or a run ended with; None where it did not."""
    if not kept:
        return None
    return DomainError(
        kept.get("zh", ""),
        kept.get("en", ""),
        hint_zh=kept.get("hint_zh", ""),
        hint_en=kept.get("hint_en", ""),
        code=kept.get("code", ""),
    )
