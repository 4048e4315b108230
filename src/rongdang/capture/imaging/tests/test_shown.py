"""What a reader is sent of a page: upright, whole, no larger than asked."""

import io

import numpy as np
import pytest
from PIL import Image

from rongdang.capture.imaging.decode import UnreadableImageError
from rongdang.capture.imaging.shown import sized_image


def page(mode="RGB", size=(1200, 1700)):
    """White paper with a red mark in the upper left eighth."""
    picture = Image.new("RGB", size, "white")
    picture.paste((200, 0, 0), (0, 0, size[0] // 2, size[1] // 4))
    return picture.convert(mode)


def as_file(picture, kind="JPEG", **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def opened(bgr):
    return Image.fromarray(np.ascontiguousarray(bgr[:, :, ::-1]))


def mark_is_upper_left(picture):
    wide, high = picture.size
    red, white = picture.getpixel((wide // 8, high // 16)), picture.getpixel((wide - 5, high - 5))
    return red[0] > 150 and red[1] < 80 and min(white) > 230


@pytest.mark.parametrize("width", [160, 400, 900, 1600])
def test_is_as_wide_as_asked_and_never_blown_up(width):
    picture = opened(sized_image(as_file(page()), width=width))
    assert picture.size[0] == min(width, 1200)
    assert abs(picture.size[1] / picture.size[0] - 1700 / 1200) < 0.01
    assert mark_is_upper_left(picture)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_inks_come_out_as_they_look(mode):
    picture = opened(sized_image(as_file(page(mode)), width=160))
    assert min(picture.getpixel((155, 220))) > 230
    assert max(picture.getpixel((10, 10))) < 255


def test_a_page_turned_by_its_exif_is_shown_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    lying = page().transpose(Image.Transpose.ROTATE_90)
    for width in (160, 900):
        picture = opened(sized_image(as_file(lying, exif=exif), width=width))
        assert picture.size[0] == width
        assert mark_is_upper_left(picture)


def test_what_is_not_painted_in_a_png_is_paper():
    picture = page().convert("RGBA")
    picture.putalpha(Image.fromarray(np.full((1700, 1200), 0, np.uint8)))
    assert min(opened(sized_image(as_file(picture, "PNG"), width=160)).getpixel((10, 10))) > 230


def test_a_strip_of_paper_is_not_higher_than_three_widths():
    assert opened(sized_image(as_file(page(size=(200, 4000))), width=160)).size[1] == 480


@pytest.mark.parametrize("width", [160, 1600])
def test_half_a_file_is_refused_in_words(width):
    data = as_file(page())
    with pytest.raises(UnreadableImageError) as refusal:
        sized_image(data[: len(data) // 2], width=width)
    assert "损坏" in refusal.value.zh
    with pytest.raises(UnreadableImageError):
        sized_image(b"\xff\xd8 no picture\xff\xd9", width=width)
