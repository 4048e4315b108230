"""A batch in review, made by the jobs from scripted pages."""

from rongdang.capture.batches.tests.factories import closed_batch, page_image, run_jobs
from rongdang.capture.review.services import Decision


def in_review(unit, clerk, pages, first=1):
    """A batch of so many pages, read and proposed; the engine was told what they say."""
    files = [(f"{n}.jpg", page_image(n)) for n in range(first, first + pages)]
    batch = closed_batch(unit, clerk, *files)
    run_jobs()
    batch.refresh_from_db()
    return batch


def decision(**changes):
    """A decision with all that is needed; `changes` say what is different."""
    said = {
        "title": "干部履历表",
        "category": "1",
        "formed": "1962-03-15",
        "values": {"姓名": "林长河", "出生日期": "1938-04"},
        "new_name": "林长河",
    }
    return Decision(**{**said, **changes})
