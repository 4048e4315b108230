"""An engine that reads what a test tells it to; registered beside the others, none is replaced."""

import pytest


@pytest.fixture
def engine(settings):
    """Call it with the text layers of the pages to come, in order."""
    from rongdang.capture.batches.tests.factories import ScriptedEngine
    from rongdang.capture.ocr import ports

    def use(*layers, **options):
        scripted = ScriptedEngine(*layers, **options)
        ports.ENGINES["scripted"] = lambda: scripted
        ports.shared_engine.cache_clear()
        settings.OCR_ENGINE = "scripted"
        return scripted

    yield use
    ports.ENGINES.pop("scripted", None)
    ports.shared_engine.cache_clear()
