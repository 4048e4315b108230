"""The whole measurement, with the engine that reads nothing: what is measured, noted and refused."""

import pytest

from rongdang.base.errors import DomainError
from rongdang.base.typefaces import default_cache
from rongdang.demo.evaluation import evaluate_all


@pytest.fixture(autouse=True)
def _notes(tmp_path, monkeypatch):
    monkeypatch.setenv("RONGDANG_FONTS", str(default_cache()))
    monkeypatch.setenv("RONGDANG_VAR", str(tmp_path / "var"))


def test_every_page_is_counted_and_what_was_read_is_not_read_again(tmp_path):
    said = []
    first = evaluate_all(
        scans=None, stacks=1, seed=1, pages=1, engine="null", jobs=1, progress=said.append
    )
    notes = {
        path: path.stat().st_mtime_ns for path in (tmp_path / "var" / "evaluation").rglob("*.json")
    }
    again = evaluate_all(scans=None, stacks=1, seed=1, pages=1, engine="null", jobs=1)
    body = first.to_dict()
    assert body["pages"] == len(notes) >= 1
    assert body["ocr_error"] == 1.0
    assert sorted(said) == ["1/2 stack-1-1", "2/2 cleaning-1-1"]
    assert again.to_dict() == body
    assert {path: path.stat().st_mtime_ns for path in notes} == notes


def test_scans_without_transcriptions_are_refused_in_words(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(DomainError) as refused:
        evaluate_all(scans=tmp_path, stacks=0, seed=1, engine="null", jobs=1)
    assert refused.value.code == "no-transcriptions"
