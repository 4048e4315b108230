"""Values in words."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import translation

from rongdang.base.accounts.roles import Permission
from rongdang.capture.batches.states import BatchState, ScanState, UploadState
from rongdang.capture.review.states import MaterialState
from rongdang.config import flow
from rongdang.describe.casefiles.states import CaseFileState
from rongdang.web import charts, crops, words
from rongdang.web.event_words import EVENTS
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
    band = crops.band_view([(0.9, 0.5, 0.99, 0.52), (0.1, 0.9, 0.2, 0.92)], 1000, 2000)
    left, top, wide, high = map(int, band["view"].split())
    assert left + wide == 1000
    assert top < 1000 < 1040 < top + high
    assert len(band["rects"]) == 1


def test_names_of_the_data_standard_in_the_readers_language():
    unit = SimpleNamespace(name="梧桐里军休所", name_en="Wutongli Home")
    with translation.override("zh-hans"):
        assert tags.category_name("1") == "履历类材料"
        assert tags.field_name("籍贯") == {"name": "籍贯", "english": ""}
        assert tags.unit_name(unit) == "梧桐里军休所"
        assert tags.long_day(dt.date(2026, 11, 24)) == "2026年11月24日 星期二"
    with translation.override("en"):
        assert tags.category_name("1") == "Records of service"
        assert tags.field_name("籍贯") == {"name": "籍贯", "english": "Native place"}
        assert tags.field_name("不在标准里") == {"name": "不在标准里", "english": ""}
        assert tags.unit_name(unit) == "Wutongli Home"
        assert tags.unit_name(SimpleNamespace(name="银杏路军休所", name_en="")) == "银杏路军休所"
        assert tags.long_day(dt.date(2026, 11, 24)) == "Tuesday 24 November 2026"


def test_reasons_are_told_in_the_readers_language():
    scan = SimpleNamespace(reason_zh="左边的字被切掉", reason_en="Writing cut off")
    found = SimpleNamespace(zh="不一致", en="They differ")
    with translation.override("en"):
        assert (tags.spoken(scan, "reason"), tags.spoken(found)) == (
            "Writing cut off",
            "They differ",
        )
    with translation.override("zh-hans"):
        assert (tags.spoken(scan, "reason"), tags.spoken(found)) == ("左边的字被切掉", "不一致")


def test_every_state_right_and_event_has_its_word():
    """A state that is stored, a right in the table and an event of the flow are never shown as codes."""
    states = [*BatchState, *UploadState, *ScanState, *MaterialState, *CaseFileState]
    assert not [state for state in states if state.value not in words.WORDS]
    assert not [right for right in Permission if right.value not in words.PERMISSIONS]
    assert not [event for event in flow.FLOW if event not in EVENTS]


def test_bars_stand_on_one_line_and_fill_the_room():
    drawn = charts.bars([("周一", 0), ("周二", 5), ("周三", 10)])
    feet = {bar["y"] + bar["high"] for bar in drawn["bars"]}
    assert feet == {charts.HEIGHT - charts.FOOT}
    assert max(bar["high"] for bar in drawn["bars"]) == charts.HEIGHT - charts.TOP - charts.FOOT
    assert drawn["total"] == 15
    assert charts.bars([])["bars"] == []
