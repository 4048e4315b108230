"""The error of a reading against a transcription, whatever the order of its lines."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

ALIKE = str.maketrans(
    {
        **dict.fromkeys("“”„‟″「」『』〝〞", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("—–−‐‑‒―─－﹣ー", "-"),
        **dict.fromkeys("·•・∙●", "·"),
        **dict.fromkeys("□■☐☑☒☓√✓✔✗✘✕", None),
    }
)


def normalise(text: str) -> str:
    """NFKC without blanks; quotes and dashes made one; tick boxes left out."""
    flat = unicodedata.normalize("NFKC", text.translate(ALIKE)).translate(ALIKE)
    return re.sub(r"-{2,}", "-", re.sub(r"\s+", "", flat))


def mistakes(read: str, truth: str) -> tuple[int, int]:
    """Edits that turn the best place in `read` into each line of `truth`; characters of `truth`."""
    text = normalise(read)
    lines = [line for line in map(normalise, truth.splitlines()) if line]
    return sum(_edits_at_best_place(line, text) for line in lines), sum(map(len, lines))


def error_of(read: str, truth: str) -> float:
    """Order-free character error (0..1): missing text counts, text too many does not."""
    wrong, length = mistakes(read, truth)
    return wrong / length if length else 0.0


def _edits_at_best_place(segment: str, text: str) -> int:
    """Sellers' algorithm, a row of the table at a time: the match may begin and end anywhere."""
    if not text:
        return len(segment)
    letters = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    ladder = np.arange(len(letters) + 1)
    row = np.zeros(len(letters) + 1, np.int64)
    for depth, letter in enumerate(segment, start=1):
        kept = row[:-1] + (letters != ord(letter))
        best = np.concatenate(([depth], np.minimum(kept, row[1:] + 1)))
        row = np.minimum.accumulate(best - ladder) + ladder
    return int(row.min())
