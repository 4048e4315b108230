"""Edit distance of short texts: insert, delete, replace one character."""

from __future__ import annotations


def distance(a: str, b: str, *, most: int = 99) -> int:
    """Levenshtein distance; anything above `most` may be told as `most + 1`."""
    if a == b:
        return 0
    if abs(len(a) - len(b)) > most:
        return most + 1
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (left != right))
        if min(row) > most:
            return most + 1
    return row[-1]
