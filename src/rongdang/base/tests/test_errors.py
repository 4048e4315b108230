"""A refusal keeps its words from one process to the next."""

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.typefaces import MissingFaceError, MissingGlyphsError, Typeface


@pytest.mark.parametrize(
    "error",
    [
        DomainError("不行", "No", hint_zh="改", hint_en="Mend it", code="no", status=418),
        ConflictError("有人先改了", "Somebody was first"),
        MissingGlyphsError("䶮"),
        MissingFaceError(Path("noto-serif-sc")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_it_is_the_same_when_it_comes_out_of_a_pickle(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and again.args == error.args
    assert vars(again) == vars(error) and again.message("en") == error.message("en")


def test_what_a_worker_refuses_is_told_and_does_not_end_the_pool(tmp_path):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        with pytest.raises(MissingFaceError) as refused:
            pool.submit(Typeface, tmp_path / "gone", tmp_path).result()
        assert pool.submit(len, "still here").result() == 10
    assert "make assets" in refused.value.message("en")
