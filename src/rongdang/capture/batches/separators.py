"""Separator sheets: a QR code that tells where a person's or a material's pages begin."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import segno
import zxingcpp

from rongdang.capture.imaging.values import grey

PREFIX = "rongdang:"
ITEM = f"{PREFIX}item"
NEW_PERSON = f"{PREFIX}person:"  # somebody else begins here, whose file has no number yet


def person_payload(number: str) -> str:
    """Payload of the sheet in front of one person's pages; `number` is the 档号."""
    return f"{NEW_PERSON}{number}"


def qr_svg(payload: str) -> str:
    """The code as inline SVG for the printable page."""
    out = io.BytesIO()
    segno.make(payload, error="h", micro=False).save(
        out, kind="svg", scale=8, border=4, xmldecl=False, svgns=True, omitsize=True
    )
    return out.getvalue().decode()


def find_payload(bgr: npt.NDArray[np.uint8]) -> str:
    """Payload of a separator sheet, or "" for an ordinary page (~20 ms for A4 at 300 dpi)."""
    for code in zxingcpp.read_barcodes(
        grey(bgr, 1600), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    ):
        if code.text.startswith(PREFIX):
            return str(code.text)
    return ""
