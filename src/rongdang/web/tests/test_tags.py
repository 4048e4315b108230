"""Values in words."""

import pytest
from django.utils import translation

from rongdang.web.templatetags import rongdang as tags


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ("1953", "1953年", "1953"),
        ("1953-07", "1953年7月", "July 1953"),
        ("1953-07-02", "1953年7月2日", "2 July 1953"),
        ("", "", ""),
        (None, "", ""),
        ("约1953", "约1953", "约1953"),
        ("1983-13", "1983-13", "1983-13"),
    ],
)
def test_a_date_is_as_precise_as_it_is_known(value, zh, en):
    with translation.override("zh-hans"):
        assert tags.partial_date(value) == zh
    with translation.override("en"):
        assert tags.partial_date(value) == en


@pytest.mark.parametrize(
    ("confidence", "word"),
    [
        (1.0, "sure"),
        (0.9, "sure"),
        (0.899, "check"),
        (0.7, "check"),
        (0.69, "unsure"),
        (None, "unsure"),
    ],
)
def test_confidence_has_three_levels(confidence, word):
    assert tags.level(confidence) == word


def test_numerals_sizes_boxes():
    with translation.override("zh-hans"):
        assert [tags.numeral(code) for code in ("4-1", "10", "", None, "x")] == [
            "四-1",
            "十",
            "",
            "",
            "x",
        ]
    assert [tags.file_size(size) for size in (0, 1023, 1536, 5 * 2**30)] == [
        "0 B",
        "1023 B",
        "1.5 KB",
        "5.0 GB",
    ]
    assert tags.box_text((0.1, 0.2, 0.3, 0.4)) == "0.1000,0.2000,0.3000,0.4000"
    assert tags.box_text(None) == ""


def test_a_crop_stays_inside_the_page_and_small():
    crop = tags.crop_view((0.0, 0.99, 1.0, 1.0), 1000, 2000)
    left, top, wide, high = map(int, crop["view"].split())
    assert (left, left + wide) == (0, 1000)
    assert top + high <= 2000
    assert crop["width"] <= 300


def test_the_band_of_a_hit_holds_it():
    band = tags.band_view([(0.9, 0.5, 0.99, 0.52), (0.1, 0.9, 0.2, 0.92)], 1000, 2000)
    left, top, wide, high = map(int, band["view"].split())
    assert left + wide == 1000
    assert top < 1000 < 1040 < top + high
    assert len(band["rects"]) == 1
