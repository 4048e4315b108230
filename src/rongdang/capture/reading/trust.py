"""How far a value is believed: its form, its characters, its label, all in one figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rongdang.capture.reading import reasons
from rongdang.capture.reading.reasons import Reason
from rongdang.capture.reading.sheets import Glyph
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.words import words


@dataclass(frozen=True, slots=True)
class Parts:
    """What is known beside the glyphs: `trust` of the form, characters wrong in the label, and
    whether the value stood below (1) where one looks right first (0). `borne` where a closed list
    or a check digit bears the value out: a misread character would have left it; `free` where any
    character may stand.
    """

    trust: float
    reason: Reason | None = None
    wrong: int = 0
    step: int = 0
    borne: bool = False
    free: bool = False


def confidence_of(glyphs: Sequence[Glyph], parts: Parts) -> tuple[float, Reason | None]:
    """0..1 and the chief reason to doubt, if there is one."""
    plain = threshold("borne_character" if parts.borne else "plain_character")
    read, weakest = chance(glyphs, plain)
    sure, reason = min(parts.trust, 1.0), parts.reason
    factors: list[tuple[float, Reason | None]] = [(read, weakest)]
    if any(glyph.under_seal for glyph in glyphs):
        factors.append((threshold("under_seal"), reasons.UNDER_SEAL))
    if parts.wrong > 1:
        factors.append((threshold("label_unread"), reasons.UNREAD_LABEL))
    elif parts.wrong:
        factors.append((threshold("label_misread"), reasons.MISREAD_LABEL))
    if parts.step:
        factors.append((threshold("label_far"), reasons.FAR_LABEL))
    worst = sure
    for factor, why in factors:
        sure *= factor
        if factor < worst and why and factor < threshold("chief_doubt"):
            worst, reason = factor, why
    doubt = doubted(glyphs) if parts.free and sure > threshold("free_doubt") else None
    if doubt:
        sure, reason = threshold("free_doubt"), doubt
    return max(0.01, min(threshold("never_certain"), sure)), reason


def doubted(glyphs: Sequence[Glyph]) -> Reason | None:
    """Why what no list bears out must be asked about: its least sure character, None for none."""
    least = min(glyphs, key=lambda glyph: glyph.confidence, default=None)
    if least is None or least.confidence >= threshold("free_character"):
        return None
    return _why(least.text)


def chance(glyphs: Sequence[Glyph], plain: float = 0.0) -> tuple[float, Reason | None]:
    """Chance that every character is read right, from the engine's figures, and why not.

    Above `plain` (0: the usual figure) the weakest of them lowers it no more.
    """
    if not glyphs:
        return 1.0, None
    weakest = min(glyphs, key=lambda glyph: glyph.confidence)
    mean = sum(glyph.confidence for glyph in glyphs) / len(glyphs)
    least = min(1.0, weakest.confidence / (plain or threshold("plain_character")))
    weight = threshold("weakest_weight")
    sure = mean * (1 - weight + weight * least**2)
    clear = weakest.confidence > threshold("unclear_character")
    return sure, None if clear else _why(weakest.text)


def taken_for(one: str, other: str) -> bool:
    """Whether these two characters are easily taken for each other."""
    alike = words("alike")
    return f"{one}{other}" in alike or f"{other}{one}" in alike


def _why(character: str) -> Reason:
    for pair in words("alike"):
        if character in pair:
            return reasons.alike(character, pair.replace(character, "", 1))
    return reasons.faint(character)
