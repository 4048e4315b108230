"""One picture that came inside something else, opened in the cage before anybody keeps it."""

from __future__ import annotations

import io

from rongdang.capture.opening.reader import read_pages
from rongdang.capture.opening.values import PageFound, Trouble


def examined(data: bytes, name: str) -> tuple[Trouble | None, str]:
    """What keeps it from being one sound page (None: nothing), and the mark its description bears."""
    pages, trouble = 0, None
    kind = ""
    for message in read_pages(io.BytesIO(data), name):
        if isinstance(message, PageFound):
            pages, kind = pages + 1, kind or message.marked
        elif isinstance(message, Trouble) and message.lost:
            trouble = trouble or message
    return (None if pages == 1 else trouble), kind
