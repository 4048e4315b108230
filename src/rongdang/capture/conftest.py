"""An engine that reads what a test tells it to, in the place of the null engine."""

import pytest


@pytest.fixture
def engine(monkeypatch):
    """Call it with the text layers of the pages to come, in order."""
    from rongdang.capture.batches.tests.factories import ScriptedEngine
    from rongdang.capture.ocr import ports

    def use(*layers, **options):
        scripted = ScriptedEngine(*layers, **options)
        monkeypatch.setitem(ports.ENGINES, "null", lambda: scripted)
        ports.shared_engine.cache_clear()
        return scripted

    yield use
    ports.shared_engine.cache_clear()
