"""What a PDF says of itself beside its pages. Apart from `descriptions`: few files need its library."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from rongdang.capture.opening.descriptions import LONGEST, words_in

MOST_TITLES = 1000  # bookmarks, and names of attachments


def of_pdf(document: pikepdf.Pdf) -> Iterator[str]:
    """Title and other entries of /Info, XMP, bookmarks, names of attachments."""
    yield from (str(value)[:LONGEST] for _key, value in document.docinfo.items())
    metadata = document.Root.get("/Metadata")
    if isinstance(metadata, pikepdf.Stream):
        yield from words_in(metadata.read_bytes())
    yield from list(document.attachments)[:MOST_TITLES]
    yield from _titles(document)


def _titles(document: pikepdf.Pdf) -> Iterator[str]:
    """Of the bookmarks, in the order in which they are linked; each once, however they are linked."""
    outlines = document.Root.get("/Outlines")
    waiting = [outlines.get("/First")] if isinstance(outlines, pikepdf.Dictionary) else []
    seen: set[tuple[int, int]] = set()
    while waiting and len(seen) < MOST_TITLES:
        item = waiting.pop()
        if not isinstance(item, pikepdf.Dictionary) or item.objgen in seen:
            continue
        seen.add(item.objgen)
        yield str(item.get("/Title", ""))[:LONGEST]
        waiting += [item.get("/Next"), item.get("/First")]
