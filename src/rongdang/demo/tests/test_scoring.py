"""The figures of an evaluation, on cases small enough to count by hand."""

import pytest

from rongdang.base.textlayer import Mark
from rongdang.capture.reading.values import Material
from rongdang.demo.paper.materials import TrueMaterial
from rongdang.demo.paper.sheet import TrueMark
from rongdang.demo.reporting import Report
from rongdang.demo.scoring import (
    Counts,
    bin_of,
    f1,
    interval,
    reliability,
    same,
    score_boundaries,
    score_marks,
    score_material,
    shown_sure,
)

BOX = (0.1, 0.1, 0.2, 0.2)


def true_material(**changes):
    values = {
        "pages": [0],
        "title": "干部履历表",
        "category": "1",
        "date": "1953-07",
        "person": "王海山",
        "fields": {"姓名": "王海山", "性别": "男"},
        "hands": {"姓名": "hand", "性别": "typed"},
        "marks": [],
        "known_title": True,
        "form": True,
    }
    return TrueMaterial(**{**values, **changes})


def read_material(**changes):
    values = {
        "pages": (0,),
        "title": "干部履历表",
        "title_source": "page",
        "category": "1",
        "date": "1953-07",
        "copy": False,
        "person": "王海山",
        "fields": {},
        "confidence": {"title": 0.99, "category": 0.97, "date": 0.6, "boundary": 0.9},
    }
    return Material(**{**values, **changes})


def test_values_are_equal_whatever_their_width_and_punctuation():
    assert same("１９５３－０７", "1953-07")
    assert same("柳原省 青溪县。", "柳原省青溪县")
    assert not same("王海川", "王海山")
    assert not same(None, "男")


def test_boundaries_leave_out_the_first_page_of_all():
    counts = Counts()
    score_boundaries(counts, read=[0, 2, 5, 6], truth=[0, 2, 4, 6])
    assert counts.share("boundary", "precision") == pytest.approx(2 / 3)
    assert counts.share("boundary", "recall") == pytest.approx(2 / 3)
    assert f1(counts) == pytest.approx(2 / 3)


def test_nothing_to_find_is_no_figure_and_nothing_found_is_zero():
    assert f1(Counts()) is None
    counts = Counts()
    score_boundaries(counts, read=[0], truth=[0, 3])
    assert f1(counts) == 0.0


def test_a_material_read_right_counts_everywhere():
    counts = Counts()
    score_material(
        counts, read_material(), true_material(), {"姓名": ("王海山", 0.98), "性别": ("女", 0.4)}
    )
    for name in (
        "title/known",
        "category/known",
        "date",
        "person",
        "field/hand",
        "field/hand/姓名",
    ):
        assert (counts.right[name], counts.total[name]) == (1, 1), name
    assert (counts.right["field/typed"], counts.total["field/typed"]) == (0, 1)
    assert counts.share("trusted", "field") == 1.0
    assert counts.share("trusted", "all") == 1.0


def test_a_material_not_found_counts_as_wrong_in_everything():
    counts = Counts()
    score_material(counts, None, true_material(known_title=False), {})
    for name in ("title/unseen", "category/unseen", "date", "person", "field/hand", "field/typed"):
        assert (counts.right[name], counts.total[name]) == (0, 1), name


def test_a_value_invented_with_confidence_spoils_the_trust():
    counts = Counts()
    score_material(counts, read_material(), true_material(), {"血型": ("A型", 0.95)})
    assert counts.share("trusted", "field") == 0.0
    assert counts.share("field-invented") == 1.0


def test_a_paper_without_title_is_not_asked_for_one():
    counts = Counts()
    score_material(counts, read_material(), true_material(title="", known_title=False), {})
    assert "title/untitled" not in counts.total
    assert counts.share("category", "untitled") == 1.0


def test_marks_are_found_by_label_and_state_and_open_circles_are_not_asked():
    counts = Counts()
    truth = [
        TrueMark("box", "男", False),
        TrueMark("box", "女", True),
        TrueMark("circle", "因战", False),
        TrueMark("circle", "因公", True),
    ]
    read = [Mark("box", False, "男", BOX, 0.9), Mark("box", False, "女", BOX, 0.9)]
    score_marks(counts, read, truth)
    assert counts.share("mark", "box", "open") == 1.0
    assert counts.share("mark", "box", "checked") == 0.0
    assert counts.share("mark", "circle", "checked") == 0.0
    assert "mark/circle/open" not in counts.total


def test_the_reliability_table_has_a_row_for_every_bin_used():
    counts = Counts()
    assert (bin_of(0.0), bin_of(0.9), bin_of(1.0)) == ("0.00", "0.90", "0.99")
    score_material(
        counts, read_material(), true_material(), {"姓名": ("王海川", 0.72), "性别": ("男", 1.0)}
    )
    rows = reliability(counts, "field")
    assert rows == [
        {"from": 0.7, "values": 1, "right": 0.0},
        {"from": 0.99, "values": 1, "right": 1.0},
    ]


def test_counts_of_two_processes_add_up():
    first, second = Counts(), Counts()
    first.add("date", right=True)
    second.add("date", right=False)
    first.merge(second.to_dict())
    assert first.share("date") == 0.5


def test_a_report_without_stacks_still_prints():
    text = Report(Counts(), {"a.png": 0.011}, 9000, 0, "", "0").to_text()
    assert "a.png" in text and "1.1 %" in text


@pytest.mark.parametrize(
    "right,total,low,high",
    [(579, 585, 0.9778, 0.9953), (0, 0, 0.0, 1.0), (10, 10, 0.7225, 1.0)],
)
def test_how_firm_a_share_is_by_the_interval_of_wilson(right, total, low, high):
    assert interval(right, total) == pytest.approx((low, high), abs=1e-4)


def test_what_is_shown_as_sure_is_told_with_its_counts_and_as_a_part_of_what_is_right():
    counts = Counts()
    counts.add("trust", "all", "0.95", right=9, total=10)
    counts.add("trust", "all", "0.50", right=3, total=6)
    counts.add("trusted", "all", right=9, total=10)
    told = shown_sure(counts, "all")
    assert (told["values"], told["right"], told["of_right_values"]) == (10, 9, 0.75)
    assert shown_sure(counts, "date")["of_right_values"] is None
