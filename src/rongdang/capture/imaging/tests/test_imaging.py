import io
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from rongdang.base.errors import DomainError
from rongdang.capture.imaging.blank import is_blank
from rongdang.capture.imaging.crop import crop_to, find_bed
from rongdang.capture.imaging.decode import decode_image
from rongdang.capture.imaging.deskew import find_skew, rotate
from rongdang.capture.imaging.direction import find_rotation, turn
from rongdang.capture.imaging.encode import encode_jpeg
from rongdang.capture.imaging.page import clean_page
from rongdang.capture.imaging.quality import measure
from rongdang.capture.imaging.spread import split_spread
from rongdang.capture.imaging.tests.pages import on_bed, written
from rongdang.capture.imaging.values import shrunk
from rongdang.capture.imaging.whiten import find_pictures, whiten

SCANS = (
    Path(os.environ.get("RONGDANG_SHARED", Path(__file__).parents[6] / "shared" / "data")) / "scans"
)
needs_scans = pytest.mark.skipif(not SCANS.is_dir(), reason="the folder of real scans is not here")


def as_bytes(picture, kind="PNG", **more):
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def test_a_picture_made_smaller_in_steps_is_its_average():
    image = written(512, 768)
    at_once = cv2.resize(image, (192, 128), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk(image, 0.25).astype(int) - at_once).max() <= 2


@pytest.mark.parametrize("scale", [0.5, 0.347, 0.25, 0.1])
def test_what_stands_on_a_picture_stays_in_its_place_when_it_is_made_smaller(scale):
    image = np.full((1501, 1003, 3), 255, np.uint8)
    image[1300:1340, 850:890] = 0
    small = 255 - shrunk(image, scale)[:, :, 0].astype(float)
    assert small.shape == (round(1501 * scale), round(1003 * scale))
    rows, columns = np.indices(small.shape) + 0.5
    y, x = (float((axis * small).sum() / small.sum()) for axis in (rows, columns))
    assert abs(y / small.shape[0] - 1320 / 1501) < 0.003
    assert abs(x / small.shape[1] - 870 / 1003) < 0.003


def test_a_picture_is_never_made_larger():
    image = written(120, 80)
    assert shrunk(image, 1.7) is image


def test_exif_orientation_is_applied():
    picture = Image.new("RGB", (60, 40), "white")
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode_image(as_bytes(picture, "JPEG", exif=exif)).bgr.shape == (60, 40, 3)


@pytest.mark.parametrize(
    "mode,value", [("CMYK", (0, 255, 255, 0)), ("RGB", (255, 0, 0)), ("RGBA", (255, 0, 0, 255))]
)
def test_red_is_red_in_every_colour_model(mode, value):
    kind = "TIFF" if mode == "CMYK" else "PNG"
    blue, green, red = decode_image(as_bytes(Image.new(mode, (9, 9), value), kind)).bgr[4, 4]
    assert red > 200 and blue < 60 and green < 60


def test_sixteen_bit_one_bit_palette_and_transparency():
    deep = Image.fromarray(np.array([[0, 65535], [32768, 65535]], np.uint16))
    assert decode_image(as_bytes(deep)).bgr[:, :, 0].tolist() == [[0, 255], [127, 255]]
    assert decode_image(as_bytes(Image.new("1", (9, 9), 1))).bgr.min() == 255
    palette = Image.new("RGB", (9, 9), (0, 0, 250)).convert("P", palette=Image.Palette.ADAPTIVE)
    assert decode_image(as_bytes(palette)).bgr[0, 0].tolist() == [250, 0, 0]
    assert decode_image(as_bytes(Image.new("RGBA", (9, 9), (0, 0, 0, 0)))).bgr.min() == 255


def test_too_large_is_refused_before_decoding_and_rubbish_is_named():
    with pytest.raises(DomainError) as wide:
        decode_image(as_bytes(Image.new("1", (40_001, 1))))
    assert wide.value.code == "too-many-pixels" and "40001" in wide.value.zh
    good = as_bytes(Image.fromarray(written()), "JPEG")
    for data in (b"", b"no picture", good[: len(good) // 2]):
        with pytest.raises(DomainError) as broken:
            decode_image(data)
        assert broken.value.code == "unreadable-image"


def test_resolution_is_written_and_read_back():
    assert decode_image(encode_jpeg(written(), dpi=240)).dpi == 240
    assert decode_image(as_bytes(Image.fromarray(written()), dpi=(30, 30))).dpi is None


def test_deskew_reaches_its_figures():
    page = written()
    start = find_skew(page)
    errors = [
        abs(find_skew(rotate(page, a, (235,) * 3)) - start + a)
        for a in (0.1, -0.4, 1, -2.5, 5, -9, 15, -15)
    ]
    assert np.median(errors) <= 0.05 and max(errors) <= 0.2


@needs_scans
def test_deskew_on_real_scans():
    errors = []
    for name in (
        "redhead_p2.jpg",
        "typeset_old_p1.jpg",
        "hw_letter.png",
        "table_scan_blue.png",
        "vertical_trad.jpg",
    ):
        page = cv2.imread(str(SCANS / name))
        start = find_skew(page)
        errors += [
            abs(find_skew(rotate(page, a, (255,) * 3)) - start + a) for a in (0.3, -1.7, 7, -12)
        ]
    assert np.median(errors) <= 0.05 and np.percentile(errors, 95) <= 0.2


@needs_scans
@pytest.mark.parametrize(
    "name", ["redhead_p1.jpg", "exam_tables.jpg", "hw_letter.png", "typeset_old_p1.jpg"]
)
def test_direction_of_real_pages(name):
    page = cv2.imread(str(SCANS / name))
    for turned in (0, 90, 180, 270):
        assert find_rotation(turn(page, turned)) == (360 - turned) % 360


@pytest.mark.parametrize("bed,paper", [(20, 230), (110, 240), (255, 200)])
def test_crop_leaves_two_to_three_millimetres(bed, paper):
    scan = on_bed(written(paper=paper), bed)
    found = find_bed(scan)
    assert abs(found.left - 60) <= 4 and abs(found.bottom - 1814) <= 4
    x0, y0, x1, y1 = crop_to(scan, found, 300)[1]
    assert 2 <= (60 - x0) / 300 * 25.4 <= 3 and 2 <= (y1 - 1814) / 300 * 25.4 <= 3


@pytest.mark.parametrize("edge", [58, 60, 61, 63])
def test_the_cut_is_exact_though_the_edge_was_seen_on_a_small_picture(edge):
    scan = on_bed(written(), 20, edge)
    x0, y0, x1, y1 = crop_to(scan, find_bed(scan), 300)[1]
    margin = round(2.5 / 25.4 * 300)
    assert abs(edge - x0 - margin) <= 1 and abs(edge - y0 - margin) <= 1
    assert abs(x1 - (edge + 1240) - margin) <= 1 and abs(y1 - (edge + 1754) - margin) <= 1


def test_a_page_that_fills_the_scan_is_not_cut():
    assert find_bed(written()) is None
    ink_to_the_edge = written()
    ink_to_the_edge[:, :300:40] = 30
    assert clean_page(ink_to_the_edge, 150).crop == (0, 0, 1, 1)


def test_writing_outside_the_darker_sheet_is_never_cut():
    scan = on_bed(written(paper=200), 255, 150)
    cv2.putText(scan, "1953", (20, 900), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (30, 30, 30), 3)
    assert find_bed(scan) is None


def test_whitening_keeps_seal_and_photograph():
    page = written(paper=205)
    page[:, :, 0] = (page[:, :, 0] * 0.85).astype(np.uint8)  # yellowed
    cv2.circle(page, (900, 1500), 90, (50, 40, 210), 12)
    photo = np.random.default_rng(3).normal(120, 30, (300, 220, 3)).clip(40, 190).astype(np.uint8)
    photo = cv2.GaussianBlur(photo, (0, 0), 3)
    photo = cv2.add(
        photo // 2,
        np.linspace(0, 110, 300).astype(np.uint8)[:, None, None].repeat(220, 1).repeat(3, 2),
    )
    page[200:500, 900:1120] = photo
    white = whiten(page)
    assert np.median(white) >= 245
    blue, green, red = (int(v) for v in white[1500 - 90, 900])
    assert red > 200 and blue < 90 and green < 90
    assert len(find_pictures(page)) == 1
    inside = white[230:470, 930:1090].astype(float)
    assert (
        inside.mean() < 175
        and np.corrcoef(inside.mean(2).ravel(), photo[30:270, 30:190].mean(2).ravel())[0, 1] > 0.99
    )


def test_blank_backs_and_pages_with_little_writing():
    chance = np.random.default_rng(5)
    back = np.full((1754, 1240, 3), 225, np.uint8)
    back = cv2.subtract(back, chance.integers(0, 6, back.shape, np.uint8))
    assert is_blank(back)
    holes = back.copy()
    for y in (600, 1150):
        cv2.circle(holes, (70, y), 18, (25, 25, 25), -1)
    assert is_blank(holes)
    through = cv2.GaussianBlur(written()[:, ::-1].copy(), (9, 9), 0)
    assert is_blank(cv2.addWeighted(back, 0.88, through, 0.12, 0))
    number = back.copy()
    cv2.putText(number, "12", (600, 1650), cv2.FONT_HERSHEY_SIMPLEX, 1, (40, 40, 40), 3)
    assert not is_blank(number)
    pencil = cv2.addWeighted(back, 0.7, written(), 0.3, 0)
    assert not is_blank(pencil)


def spread():
    sheet = np.hstack([written(seed=1), written(seed=2)])
    for offset in range(-10, 11):
        sheet[:, 1240 + offset] = (sheet[:, 1240 + offset] * (0.6 + 0.035 * abs(offset))).astype(
            np.uint8
        )
    return sheet


def test_a_spread_is_cut_at_the_fold_and_nothing_else_is():
    left, right = split_spread(spread())
    assert abs(left.shape[1] - 1240) <= 12 and abs(right.shape[1] - 1240) <= 12
    assert len(split_spread(np.hstack([written(), written()]), 150)) == 2  # 16.5 inches wide
    assert len(split_spread(spread(), 300)) == 1  # only 8.3 inches wide


def folded_sheet(shade, degrees):
    """A form in two halves, ruled to its edges, folded in the middle and laid a little askew."""
    page = written(lines=24)
    cv2.rectangle(page, (120, 120), (1120, 1640), (60, 60, 60), 3)
    sheet = np.hstack([page, page]).astype(np.float32)
    for offset in range(-12, 13):
        sheet[:, 1240 + offset] *= 1 - shade * (1 - abs(offset) / 12)
    return rotate(sheet.astype(np.uint8), degrees, (235,) * 3)


@pytest.mark.parametrize("shade", [0.0, 0.15, 0.3])
@pytest.mark.parametrize("degrees", [0.0, 0.4, -0.5])
def test_a_sheet_is_cut_at_its_fold_though_it_lies_askew(shade, degrees):
    sheet = folded_sheet(shade, degrees)
    left, _right = split_spread(sheet, 150)
    assert abs(left.shape[1] - sheet.shape[1] / 2) <= 3 / 25.4 * 150  # 3 mm


def test_a_spread_is_left_whole_where_writing_crosses_it():
    across = spread()
    across[400:404, 200:2200] = 40
    across[800:840, 1100:1400] = 40
    across[1100:1140, 1100:1400] = 40
    assert len(split_spread(across)) == 1
    assert len(split_spread(written())) == 1


def codes(page, **more):
    return {
        r.code
        for r in measure(
            page, page.shape[:2], **({"dpi": 300, "skew": 0.0, "blank": False} | more)
        ).rejects
    }


@pytest.mark.parametrize("name", ["certificate_green.png", "hw_letter.png"])
def test_a_real_page_is_sent_back_for_its_back_only_where_that_shows(shared_data, name):
    if shared_data is None:
        pytest.skip("the folder of real scans is not here")
    page = cv2.imread(str(shared_data / "scans" / name))
    behind = cv2.imread(str(shared_data / "scans" / "typeset_old_p1.jpg"))[:, ::-1]
    behind = cv2.resize(np.ascontiguousarray(behind), page.shape[1::-1])
    behind = cv2.GaussianBlur(behind, (0, 0), page.shape[1] / 700)
    shining = cv2.multiply(page, cv2.addWeighted(behind, 0.2, behind, 0, 204), scale=1 / 255)
    assert "show-through" not in codes(page)
    assert "show-through" in codes(shining)


def test_reasons_to_scan_again():
    page = written()
    assert codes(page) == set()
    assert codes(page, dpi=150) == {"low-resolution"}
    assert codes(page, skew=12.0) == {"steep"}
    assert "blurred" in codes(cv2.GaussianBlur(page, (0, 0), 5))
    assert codes(page[:, 250:]) == {"clipped"} or codes(page[:, 160:]) == {"clipped"}
    through = cv2.GaussianBlur(np.roll(written(seed=9)[:, ::-1], 23, axis=0), (7, 7), 0)
    assert "show-through" in codes(cv2.addWeighted(page, 0.7, through, 0.3, 0))
    reject = measure(page, page.shape[:2], dpi=100, skew=0.0, blank=False).rejects[0]
    assert "重新扫描" in reject.zh and "Scan again" in reject.en


def test_the_whole_clean_up_leaves_the_original_alone():
    scan = on_bed(rotate(written(), 3.0, (20, 20, 20)), 20)
    before = scan.copy()
    page = clean_page(scan, 150)
    assert page.original is scan and np.array_equal(scan, before)
    assert abs(page.skew + 3.0) < 0.2 or page.rotation
    assert np.median(page.optimised) >= 245 and not page.blank
    assert page.optimised[:12].min() > 120  # no black edge left


def test_a_blank_page_is_not_turned():
    page = clean_page(np.full((1000, 707, 3), 230, np.uint8), 85)
    assert page.blank and page.rotation == 0 and page.skew == 0.0
