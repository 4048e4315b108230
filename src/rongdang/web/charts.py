"""Charts drawn on the server: no script, they print, and their numbers stand beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT = 280, 132
TOP, FOOT = 22, 22  # room for the number above a bar and the word under it
SHARE = 0.62  # of a column that its bar fills


def bars(values: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """Places of one bar for each (label, count), for an SVG of `width` × `height` units."""
    column = WIDTH / max(1, len(values))
    most = max((count for _label, count in values), default=0) or 1
    room = HEIGHT - TOP - FOOT
    drawn = []
    for place, (label, count) in enumerate(values):
        high = round(room * count / most) if count else 1
        middle = column * (place + 0.5)
        drawn.append(
            {
                "label": label,
                "count": count,
                "x": f"{middle - column * SHARE / 2:.1f}",
                "wide": f"{column * SHARE:.1f}",
                "middle": f"{middle:.1f}",
                "y": HEIGHT - FOOT - high,
                "high": high,
                "above": HEIGHT - FOOT - high - 5,
            }
        )
    return {
        "bars": drawn,
        "width": WIDTH,
        "height": HEIGHT,
        "foot": HEIGHT - 5,
        "total": sum(count for _label, count in values),
        "words": "; ".join(f"{label} {count}" for label, count in values),
    }
