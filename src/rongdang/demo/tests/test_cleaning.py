"""The measure of cleaning: that good cleaning is found good, and lost red, tone and place are seen."""

import numpy as np
import pytest

from rongdang.base.typefaces import default_cache
from rongdang.demo.cleaning import is_kept, measure_cleaning
from rongdang.demo.scoring import Counts

RED = np.tile([0.8, 0.8, 0.2], (400, 1))  # light taken from blue, green, red
TONES = np.linspace(0.1, 0.7, 400)[:, None].repeat(3, axis=1)


@pytest.fixture(autouse=True)
def _fonts(monkeypatch):
    monkeypatch.setenv("RONGDANG_FONTS", str(default_cache()))


def test_drawn_pages_are_set_upright_straightened_and_cut():
    result = measure_cleaning(4, pages=2)
    counts = Counts()
    counts.merge(result["counts"])
    assert counts.share("clean", "rotation") == 1.0 and len(result["angles"]) == 2
    assert max(result["angles"]) < 0.2
    kept = [counts.share("clean", what) for what in ("seal", "red", "hand", "photo", "spread")]
    assert {share for share in kept if share is not None} == {1.0}


@pytest.mark.parametrize(
    "after,kept",
    [
        (RED, True),
        (RED * 0.9, True),
        (RED * 0.5, False),  # washed out
        (np.tile([0.05, 0.05, 0.05], (400, 1)), False),
        (np.zeros((400, 3)), False),
    ],
)
def test_a_seal_that_lost_its_red_is_not_kept(after, kept):
    assert is_kept(RED, after, "seal") is kept


def test_a_photograph_must_keep_its_tones_too():
    assert is_kept(TONES, TONES * 0.95, "photo")
    assert not is_kept(TONES, np.full_like(TONES, TONES.mean()), "photo")  # a grey patch
    assert not is_kept(TONES, TONES[::-1], "photo")  # looked for in the wrong place
