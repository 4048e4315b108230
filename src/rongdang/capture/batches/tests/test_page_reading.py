"""One page image in, its sides out: direction, spreads, separators, blanks, quality. No engine."""

import io

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from rongdang.base.errors import DomainError
from rongdang.base.textlayer import Line, TextLayer
from rongdang.capture.batches.page_reading import pack, read_page, unpack
from rongdang.capture.batches.separators import ITEM
from rongdang.capture.imaging.decode import decode_image
from rongdang.capture.imaging.tests.pages import written
from rongdang.capture.ocr.engines.null import NullEngine
from rongdang.capture.ocr.tests.paper import Paper


class Sees:
    """The null engine, remembering the pictures it was given."""

    def __init__(self):
        self.identity, self.pictures = NullEngine.identity, []

    def read(self, bgr):
        self.pictures.append(bgr)
        return NullEngine().read(bgr)


def as_jpeg(bgr, **more):
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(bgr[:, :, ::-1])).save(out, "JPEG", quality=92, **more)
    return out.getvalue()


def letter(height=1754):
    page = Paper(1240, height)
    for row in range(14):
        page.write(120, 140 + row * 90, "关于离休干部移交安置工作的通知及有关规定", size=44)
    return page.bgr


def test_an_ordinary_page_with_its_quality():
    engine = Sees()
    (side,) = read_page(as_jpeg(letter(), dpi=(150, 150)), engine)
    assert (side.half, side.rotation, side.blank, side.separator) == (0, 0, False, "")
    assert side.quality["dpi"] == 150 and [code for code, _, _ in side.rejects] == [
        "low-resolution"
    ]
    assert set(side.quality) == {"dpi", "blur", "skew", "clipped", "show_through"}
    assert engine.pictures[0].shape[:2] == (side.height, side.width)
    kept = decode_image(side.jpeg)
    assert kept.bgr.shape == engine.pictures[0].shape and kept.dpi == 150
    (scanned,) = read_page(as_jpeg(letter()), engine, dpi=300)  # the file around it says so
    assert scanned.quality["dpi"] == 300 and scanned.rejects == ()


@pytest.mark.parametrize("lies", [0, 90, 180, 270])
def test_a_page_is_set_upright_and_a_person_may_turn_it_further(lies):
    turns = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}
    page = cv2.rotate(letter(), turns[lies]) if lies else letter()
    (side,) = read_page(as_jpeg(page), NullEngine(), dpi=300)
    assert side.rotation == lies and side.height > side.width
    (turned,) = read_page(as_jpeg(page), NullEngine(), dpi=300, turn=90)
    assert turned.rotation == (lies + 90) % 360
    assert (turned.width, turned.height) == (side.height, side.width)


def test_the_camera_s_own_direction_is_not_applied_twice():
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = cv2.rotate(letter(), cv2.ROTATE_90_COUNTERCLOCKWISE)
    (side,) = read_page(as_jpeg(lying, exif=exif), NullEngine(), dpi=300)
    assert side.rotation == 0 and side.height > side.width


def spread():
    sheet = np.hstack([letter(), letter()])
    for offset in range(-10, 11):
        shade = 0.6 + 0.035 * abs(offset)
        sheet[:, 1240 + offset] = (sheet[:, 1240 + offset] * shade).astype(np.uint8)
    return sheet


def test_a_spread_is_two_pages_also_when_it_was_scanned_on_its_side():
    sides = read_page(as_jpeg(spread()), NullEngine(), dpi=150)
    assert [(side.half, side.rotation) for side in sides] == [(1, 0), (2, 0)]
    assert all(abs(side.width - 1240) < 20 for side in sides)
    lying = cv2.rotate(spread(), cv2.ROTATE_90_CLOCKWISE)
    sides = read_page(as_jpeg(lying), NullEngine(), dpi=150)
    assert [(side.half, side.rotation) for side in sides] == [(1, 270), (2, 270)]
    assert all(side.height > side.width for side in sides)


def test_blank_pages_and_separator_sheets_are_not_read():
    engine = Sees()
    blank = np.full((1754, 1240, 3), 236, np.uint8)
    (side,) = read_page(as_jpeg(blank), engine)
    assert side.blank and side.rotation == 0 and side.layer.lines == ()
    code = zxingcpp.create_barcode(ITEM, zxingcpp.BarcodeFormat.QRCode).to_image(scale=12)
    sheet = np.full((1754, 1240, 3), 250, np.uint8)
    code = np.asarray(code)
    sheet[300 : 300 + code.shape[0], 400 : 400 + code.shape[1]] = code[:, :, None]
    (side,) = read_page(as_jpeg(sheet), engine)
    assert side.separator == ITEM and not side.blank and engine.pictures == []


def test_reasons_to_scan_again_come_in_both_languages():
    (side,) = read_page(as_jpeg(cv2.GaussianBlur(written(), (0, 0), 5)), NullEngine(), dpi=300)
    assert ("blurred" in [code for code, _, _ in side.rejects]) and all(
        zh and en for _, zh, en in side.rejects
    )


def test_bytes_that_are_no_picture_are_refused():
    with pytest.raises(DomainError) as refused:
        read_page(b"%PDF-1.7", NullEngine())
    assert refused.value.code == "unreadable-image"


def test_a_layer_is_packed_and_found_again():
    layer = TextLayer("null 1", 10, 20, (Line("姓名", (0, 0, 1, 1), 0.5),), (), ())
    assert unpack(pack(layer)) == layer
    with pytest.raises(DomainError) as empty:
        unpack(b"")
    assert empty.value.code == "no-text"
