"""What lies on a page of a PDF is on the picture taken of it; what lies behind a JPEG is looked at."""

import io

import pikepdf
import pytest
from PIL import Image

from rongdang.capture.opening.formats import hides_more
from rongdang.capture.opening.tests.factories import scanned_pdf
from rongdang.capture.opening.tests.test_files import JPEG, opened, picture, saved

RECT = [30, 60, 70, 90]


def stamped(subtype, *, rect=RECT, look=True, **more):
    """A scanned page with a note of that kind over it."""
    document = pikepdf.open(io.BytesIO(scanned_pdf([JPEG], pixels=(400, 560), points=(96, 134.4))))
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name(subtype), Rect=rect, **more
    )
    if look:
        black = pikepdf.Stream(document, b"0 0 0 rg 0 0 40 30 re f")
        black.Type, black.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        black.BBox = [0, 0, 40, 30]
        note.AP = pikepdf.Dictionary(N=document.make_indirect(black))
    note = document.make_indirect(note)
    document.pages[0].obj.Annots = pikepdf.Array([note])
    if subtype == "/Widget":
        note.FT, note.T, note.V = pikepdf.Name.Tx, pikepdf.String("a"), pikepdf.String("b")
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([note]))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("subtype", ["/Stamp", "/FreeText", "/Square", "/Widget"])
def test_a_stamp_a_note_or_a_filled_field_is_on_the_page_that_is_taken(subtype):
    pages, _troubles, _expected = opened(stamped(subtype), "a.pdf")
    assert pages[0].data != JPEG
    page = Image.open(io.BytesIO(pages[0].data)).convert("L")
    wide, high = page.size
    assert page.getpixel((round(wide * 50 / 96), round(high * (1 - 75 / 134.4)))) < 60


@pytest.mark.parametrize(
    "note",
    [
        {"subtype": "/Link", "look": False},
        {"subtype": "/Widget", "rect": [0, 0, 0, 0], "look": False},  # an unseen signature
        {"subtype": "/Text", "F": 2},
    ],
)
def test_what_shows_nothing_leaves_the_scan_byte_for_byte(note):
    pages, _troubles, _expected = opened(stamped(**note), "a.pdf")
    assert pages[0].data == JPEG


def test_an_odd_note_does_not_cost_the_page():
    pages, troubles, _expected = opened(stamped("/Stamp", F=pikepdf.String("odd")), "a.pdf")
    assert len(pages) == 1 and not [one for one in troubles if one.lost]


KINDS = {
    "plain": saved(picture(), "JPEG"),
    "progressive": saved(picture(), "JPEG", progressive=True),
    "restarts": saved(picture(), "JPEG", restart_marker_rows=1),
    "remark": saved(picture(), "JPEG", comment=b"\xff\xd9 <b>"),
    "grey": saved(picture("L"), "JPEG"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_true_end_of_a_jpeg_is_found(kind):
    data = KINDS[kind]
    assert not hides_more(data) and not hides_more(data + b"\0" * 900 + b"\xff\xd9")
    for behind in (b"<script>x</script>", b"%PDF-1.7", b"PK\x03\x04 x", b"MZ", b"#!/bin/sh"):
        assert hides_more(data + behind + b"\xff\xd9"), behind
    assert not hides_more(data[:-40])  # cut off: its decoder says so


def test_a_page_of_the_web_behind_a_jpeg_is_refused_whatever_ends_the_file():
    pages, troubles, _expected = opened(JPEG + b"<script>x</script>\xff\xd9", "a.jpg")
    assert not pages and troubles[0].code == "polyglot"
