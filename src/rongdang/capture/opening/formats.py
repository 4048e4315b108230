"""What a file is, by its bytes; its name is only compared and never believed."""

from __future__ import annotations

import io

import puremagic

SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
)
ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe"),
    "image/png": (".png",),
    "image/tiff": (".tif", ".tiff"),
    "application/pdf": (".pdf",),
    "application/zip": (".zip",),
}


BEGINNING = 4096  # bytes that tell what a file is


def identify(data: bytes) -> str | None:
    """Media type by its first bytes, when our signature and a second voice do not contradict each other, else None."""
    found = next((kind for mark, kind in SIGNATURES if data.startswith(mark)), None)
    if found is None and b"%PDF-" in data[:1024]:
        found = "application/pdf"
    if found is None:
        return None
    try:
        second = {match.mime_type for match in puremagic.magic_string(data[:BEGINNING])}
    except (puremagic.PureError, ValueError, io.UnsupportedOperation):
        return found
    families = {kind.split("/")[0] for kind in second if kind}
    agrees = found in second or not families or found.split("/")[0] in families
    return found if agrees else None


def ending_fits(name: str, media_type: str) -> bool:
    """Does the name's ending belong to what the bytes are? (A misfit is noted, not refused.)"""
    return name.lower().endswith(ENDINGS[media_type])
