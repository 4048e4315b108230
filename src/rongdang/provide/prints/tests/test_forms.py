"""The forms as a reader and a printer see them: words, order, sheets, faces, the code on the box."""

import io

import numpy as np
import pikepdf
import pypdfium2
import pytest
import zxingcpp

from rongdang.base.vocab import categories
from rongdang.provide.prints.catalogue import draw_catalogue
from rongdang.provide.prints.labels import draw_label
from rongdang.provide.prints.notes import draw_notes
from rongdang.provide.prints.values import BoxLabel, Catalogue, ClassRows, Line, Notes

RARE = "林㛃䶮𬭎堃喆"


def catalogue(scheme="2018", each=1, **changes):
    classes = tuple(
        ClassRows(
            entry.numeral,
            entry.name,
            tuple(
                Line(n, f"{entry.code}材料{n}", "1953-07-02", 4, "复印件")
                for n in range(1, each + 1)
            )
            if entry.takes_items
            else (),
        )
        for entry in categories.scheme(scheme).entries
    )
    return Catalogue(
        **{
            "person": RARE,
            "number": "X011-RS·JX-00017",
            "unit": "梧桐里军休所",
            "scheme": scheme,
            "classes": classes,
            **changes,
        }
    )


def words(data):
    document = pypdfium2.PdfDocument(data)
    return [page.get_textpage().get_text_range() for page in document]


def test_catalogue_names_every_class_and_material_in_order():
    text = "".join(words(draw_catalogue(catalogue())))
    at = -1
    for entry in categories.scheme("2018").entries:
        assert (at := text.find(f"{entry.numeral} {entry.name}", at + 1)) >= 0, entry.code
        if entry.takes_items:
            assert f"{entry.code}材料1 1953 7 2 4 复印件" in text
    assert "干部人事档案目录" in text and "X011-RS·JX-00017" in text
    assert text.index("序号") < text.index("页数") and "形成时间" in text


def test_catalogue_of_2012_has_its_own_look_and_names():
    text = "".join(words(draw_catalogue(catalogue("2012"))))
    assert (
        "干部人事档案材料目录" in text
        and "材料形成时间" in text
        and "鉴定、考核、考察材料和审计材料" in text
    )


def test_long_catalogue_goes_on_under_the_same_head():
    sheets = words(draw_catalogue(catalogue(each=12)))
    assert len(sheets) > 4
    for number, sheet in enumerate(sheets, 1):
        assert f"第 {number} 页　共 {len(sheets)} 页" in sheet and "序号" in sheet
        assert ("（续）" in sheet) == (number > 1)
    assert sum("10材料12" in sheet for sheet in sheets) == 1


def test_a_class_never_stands_alone_at_the_foot():
    for each in range(1, 9):
        for sheet in words(draw_catalogue(catalogue(each=each)))[:-1]:
            last = [line for line in sheet.splitlines() if line.strip()][-2:]
            assert any("材料" in line and "复印件" in line for line in last), last


def test_an_extract_says_so():
    assert "（节录）" in words(draw_catalogue(catalogue(extract=True)))[0]


def test_rare_characters_are_drawn_and_can_be_copied():
    for sheet in (draw_catalogue(catalogue()), draw_notes(Notes(RARE, "X", "所", ()))):
        assert RARE in "".join(words(sheet))


def test_a_character_without_a_glyph_stands_as_its_code_point():
    text = "".join(words(draw_notes(Notes("林\U000323ad", "X", "所", ()))))
    assert "林[U+323AD]" in text


@pytest.mark.parametrize(
    "draw",
    [
        lambda: draw_catalogue(catalogue()),
        lambda: draw_notes(Notes("林", "X", "所", ("好。",))),
        lambda: draw_label(LABEL),
    ],
)
def test_every_font_is_embedded_on_a4(draw):
    with pikepdf.open(io.BytesIO(draw())) as pdf:
        for page in pdf.pages:
            assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
            for font in page.Resources.Font.values():
                descriptor = font.get("/FontDescriptor")
                assert descriptor is None and "/Encoding" in font or "/FontFile2" in descriptor


def test_notes_state_the_file_and_who_stands_for_it():
    said = tuple(f"第{n}条说明，" + "字" * 60 + "。" for n in range(40))
    sheets = words(
        draw_notes(
            Notes(
                "林长河",
                "X011-RS·JX-00017",
                "梧桐里军休所",
                said,
                "周敏",
                "2026年11月24日",
                "秦正",
                "2026年11月25日",
            )
        )
    )
    assert len(sheets) > 1 and "周敏" not in sheets[0] and "卷　内　备　考　表" in sheets[-1]
    assert all(word in sheets[-1] for word in ("周敏", "秦正", "2026年11月25日"))
    assert all(f"第{n}条说明" in "".join(sheets) for n in range(40))


LABEL = BoxLabel(
    "欧阳长河",
    "X011-RS·JX-00017",
    "梧桐里军休所",
    "X011",
    "rongdang:person:X011-RS·JX-00017",
    (("库房", "3"), ("架", "12"), ("层", "4"), ("盒", "007")),
)


def test_the_code_on_the_box_is_read_and_the_place_stands_beside_it():
    page = pypdfium2.PdfDocument(draw_label(LABEL))[0]
    codes = zxingcpp.read_barcodes(np.asarray(page.render(scale=2.5).to_pil()))
    assert {code.text for code in codes} == {LABEL.payload} and len(codes) == 2
    text = page.get_textpage().get_text_range()
    assert all(
        word in text for word in ("欧阳长河", "007盒", "12架", "梧桐里军休所", "X011-RS·JX-00017")
    )


def test_a_long_name_stays_inside_the_box():
    long = BoxLabel(
        "阿依古丽·买买提艾力·肉孜尼亚孜",
        LABEL.number,
        "很长的单位名称" * 6,
        "X011",
        LABEL.payload,
        LABEL.place,
    )
    page = pypdfium2.PdfDocument(draw_label(long))[0]
    text = page.get_textpage()
    for n in range(text.count_chars()):
        left, _bottom, right, _top = text.get_charbox(n)
        assert 55 <= left <= right <= 540
