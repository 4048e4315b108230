"""What is drawn is true, always the same, and nobody's."""

import json
import re
from random import Random

import cv2
import numpy as np
import pytest
from PIL import Image

from rongdang.base.gate.marks import mark_in
from rongdang.base.vocab.categories import scheme
from rongdang.base.vocab.dates import iso_partial
from rongdang.base.vocab.fields import by_label, dictionary
from rongdang.demo.paper import styles
from rongdang.demo.paper.ageing import Condition, scan
from rongdang.demo.paper.catalogue import day_for, kinds, official_names
from rongdang.demo.paper.lives import invent
from rongdang.demo.paper.materials import draw_material
from rongdang.demo.paper.sections import own_half, prose
from rongdang.demo.paper.sheet import Pen, Sheet
from rongdang.demo.paper.stack import draw_stack
from rongdang.demo.paper.tables import labels


@pytest.fixture(scope="module")
def stack():
    return draw_stack(5, split="train", pages=3)


def find_life(kind):
    """The first life in which such a paper was made, and the day."""
    for seed in range(400):
        life = invent(seed)
        day = day_for(kind, life, Random(seed))
        if day:
            return life, day
    raise AssertionError(kind.kind)


def test_the_same_seed_draws_the_same_bytes(stack):
    again = draw_stack(5, split="train", pages=3)
    assert [page.jpeg for page in again.pages] == [page.jpeg for page in stack.pages]
    assert again.truth() == stack.truth()


def test_another_split_is_another_person_with_other_papers(stack):
    other = draw_stack(5, split="test", pages=3)
    assert other.life.name != stack.life.name
    assert not {m.title for m in other.materials if m.title} & {m.title for m in stack.materials}


def test_pages_and_materials_fit_together(stack):
    numbers = [number for material in stack.materials for number in material.pages]
    assert numbers == list(range(len(stack.pages)))
    for page in stack.pages:
        assert page.blank == (page.text == [])
        assert page.rotation in (0, 90, 180, 270)


def test_a_stack_can_be_drawn_for_a_life_of_one_s_own():
    life = invent(3)
    drawn = draw_stack(1, split="test", life=life, pages=3)
    assert drawn.life == life
    assert len(drawn.pages) >= 3
    assert any(material.person == life.name for material in drawn.materials)


def test_a_written_stack_holds_images_with_their_resolution_and_the_truth(stack, tmp_path):
    stack.write(tmp_path / "out")
    truth = json.loads((tmp_path / "out" / "truth.json").read_text())
    for page in truth["pages"]:
        with Image.open(tmp_path / "out" / page["file"]) as image:
            assert image.info["dpi"][0] in (200, 240, 300)
    assert [material["title"] for material in truth["materials"]] == [
        material.title for material in stack.materials
    ]


def test_splits_share_no_title_face_layout_or_sentence():
    train = {
        title for kind in kinds() for name in ("train", "fresh") for title in kind.titles[name]
    }
    test = {title for kind in kinds() for name in ("test", "unseen") for title in kind.titles[name]}
    assert not train & test
    assert not set(styles.LAYOUTS["train"]) & set(styles.LAYOUTS["test"])
    for faces in (styles.PRINT_FACES, styles.HAND_FACES):
        assert not set(faces["train"]) & set(faces["test"])
    assert styles.SIGNING["train"] != styles.SIGNING["test"]
    groups = [prose()["self"], prose()["essay"], *prose()["opinions"].values()]
    assert all(not set(own_half(g, "train")) & set(own_half(g, "test")) for g in groups)


def test_known_titles_are_in_the_shipped_list_and_unseen_ones_are_not():
    assert len(kinds()) >= 25
    for kind in kinds():
        assert {*kind.titles["train"], *kind.titles["test"]} <= official_names(), kind.kind
        assert not {*kind.titles["unseen"], *kind.titles["fresh"]} & official_names(), kind.kind
        assert scheme("2018").entry(kind.category).takes_items, kind.kind


def test_every_printed_label_is_one_the_dictionary_knows():
    asked = {name for kind in kinds() for name in kind.fields}
    assert asked <= labels().keys()
    for name, printed in labels().items():
        for label in printed:
            assert by_label()[label].name == name, label


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.kind)
def test_every_kind_is_drawn_and_true_to_the_life(kind, split):
    life, day = find_life(kind)
    drawn = draw_material(kind, life, day, split, Random(f"{kind.kind}{split}"))
    truth = drawn.truth
    words = "".join("".join(sheet.lines) for sheet in drawn.sheets)
    assert drawn.sheets and words
    assert truth.category == kind.category and truth.person == life.name
    assert day.startswith(truth.date) and iso_partial(truth.date)
    for name, value in truth.fields.items():
        if dictionary()[name].type == "date":
            assert iso_partial(value), (name, value)
    if truth.form:
        assert truth.fields["姓名"] == life.name
        birth = truth.fields.get("出生日期", life.birth)
        assert life.birth.startswith(birth)
        assert truth.hands.keys() == truth.fields.keys()
    said = words.replace(life.id_number, "").replace(life.phone, "")
    said = said.replace(life.id_number[:6] + life.id_number[8:17], "")
    assert not re.search(r"\d{5}|[一二三四五六七八九〇零]{5}部队", said)
    # No ordinary paper trips the gate for state secrets.
    assert mark_in("\n".join(line for sheet in drawn.sheets for line in sheet.lines)) == ""


@pytest.mark.parametrize("turned", [1, 2, 3])
def test_the_true_rotation_sets_the_page_upright(turned):
    sheet = Sheet(40, 60, 100, Random(1))
    sheet.write(3, 3, "上", Pen("song", "print", 12))
    flat, askew = (Condition(paper=(250, 250, 250), noise=0.0, turned=n) for n in (0, turned))
    upright, scanned = (
        cv2.imdecode(
            np.frombuffer(scan(sheet, None, one, np.random.default_rng(1)), np.uint8),
            cv2.IMREAD_COLOR,
        )
        for one in (flat, askew)
    )
    back = np.rot90(scanned, -askew.upright // 90)
    assert flat.upright == 0
    assert np.mean(np.abs(back.astype(int) - upright)) < 2
