"""The figures of trust: every one is used, says what it means, and cannot be wrong unnoticed."""

import json
import re
from pathlib import Path

import pytest

import rongdang
from rongdang.base.errors import DomainError
from rongdang.capture.reading.thresholds import FILE, load, threshold, thresholds
from rongdang.demo.scoring import BINS

ROOT = Path(rongdang.__file__).parent


def test_every_figure_of_the_file_is_used_and_every_one_used_is_there():
    asked = set()
    for path in ROOT.rglob("*.py"):
        text = path.read_text("utf-8")
        if "thresholds import" in text and "tests" not in path.parts:
            asked |= set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', text))
            if "SHOWN" in text:
                asked.add("shown_sure")
    dates = {f"date_{precision}" for precision in ("day", "month", "year", "vague")}
    named = set(re.findall(r'threshold\(\s*"([a-z_]+)"', "".join(_sources())))
    assert set(thresholds()) - asked - dates == set()
    assert named - set(thresholds()) == set()


def _sources():
    return [p.read_text("utf-8") for p in ROOT.rglob("*.py") if "tests" not in p.parts]


def test_each_says_what_it_means_and_what_it_rests_on_in_both_languages():
    for one in thresholds().values():
        assert all(one.meaning) and all(one.basis) and one.part
        assert re.search(r"[\u4e00-\u9fff]", one.meaning[0]) and one.meaning[0] != one.meaning[1]


def test_the_evaluation_counts_from_where_the_desk_shows_sure():
    assert threshold("shown_sure") in BINS and threshold("shown_check") in BINS


def _changed(tmp_path, which, **parts):
    body = json.loads(FILE.read_text("utf-8"))
    row = next(row for row in body["rows"] if row["name"] == which)
    row.update(parts)
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    return path


@pytest.mark.parametrize(
    "name,parts",
    [
        ("free_character", {"value": 9.6}),
        ("free_character", {"value": "0.96"}),
        ("free_character", {"value": True}),
        ("hole_times", {"value": 0.5}),
        ("free_doubt", {"value": 0.95}),  # would be shown as sure, unseen by anybody
        ("shown_sure", {"value": 0.5}),  # and so would all that must be asked about
        ("label_far", {"zh": ""}),
        ("label_far", {"basis": "hearsay"}),
        ("label_far", {"name": "under_seal"}),
    ],
)
def test_a_figure_that_cannot_be_is_refused_in_words(tmp_path, name, parts):
    with pytest.raises(DomainError) as refused:
        load(_changed(tmp_path, name, **parts))
    assert refused.value.code == "bad-thresholds" and "trust.json" in refused.value.message("en")


def test_a_figure_that_was_changed_as_it_should_is_read(tmp_path):
    path = _changed(tmp_path, "free_character", value=0.97)
    assert load(path)["free_character"].value == 0.97
