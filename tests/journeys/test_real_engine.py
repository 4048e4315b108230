"""The main line with the engine itself, on paper drawn by the generator: a few pages, every step real."""

import pytest

from rongdang.base.ledger.queries import verify
from rongdang.capture.batches.tests.factories import closed_batch, run_jobs
from rongdang.capture.review import services
from rongdang.describe.casefiles.models import Page
from rongdang.describe.casefiles.rereading import ask_rereading, read_by_others
from rongdang.keep.objects.queries import verify_objects
from rongdang.describe.access.predicate import KEEP
from rongdang.provide.search.queries import search

pytestmark = pytest.mark.django_db


def test_drawn_paper_is_read_confirmed_filed_found_and_read_again(
    station, clerk, reviewer, settings
):
    from rongdang.capture.ocr.ports import shared_engine
    from rongdang.demo.paper.stack import draw_stack

    settings.OCR_ENGINE = "rapid"
    # The jobs run inside the test's own transaction, so no lease has to be held from outside it.
    settings.JOB_LEASE_SECONDS = 14_400
    stack = draw_stack(3, split="train", pages=2)
    name = stack.life.name
    files = [(f"{n}.jpg", page.jpeg) for n, page in enumerate(stack.pages[:3], 1)]
    batch = closed_batch(station, clerk, *files)
    run_jobs()
    batch.refresh_from_db()
    assert batch.state == "review" and batch.materials.exists()
    engine = shared_engine("rapid").identity
    read = batch.scans.filter(state="read")
    assert read.exists() and set(read.values_list("engine", flat=True)) == {engine}
    for material in batch.materials.all():
        decision = services.Decision(
            title=material.title or "材料",
            category=material.category or "10",
            formed=material.formed,
            values={},
            new_name=name,
        )
        services.confirm_material(material, decision, version=1, acting_user=reviewer)
    run_jobs()
    words = next(
        line for page in stack.pages for line in page.text if 4 <= len(line.strip()) <= 8
    ).strip()
    results = search(reviewer, [KEEP], words)
    assert results.total or search(reviewer, [KEEP], name).people, words
    Page.objects.update(engine="rapid 0")
    pages = list(read_by_others(clerk, engine).select_related("item__case_file"))
    assert ask_rereading(pages, acting_user=clerk) == len(pages) > 0
    run_jobs()
    assert not read_by_others(clerk, engine).exists()
    assert all(page.earlier_texts.count() == 1 for page in pages)
    assert verify().ok and not list(verify_objects())
