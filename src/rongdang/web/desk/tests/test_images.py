"""Images of pages: marked for whoever looks, kept nowhere outside memory, reached by no other way."""

import io

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from rongdang.capture.batches.tests.factories import closed_batch, form, page_image, run_jobs
from rongdang.capture.imaging.encode import encode_jpeg
from rongdang.capture.imaging.shown import QUALITY, sized_image
from rongdang.capture.review import services as review
from rongdang.describe.access import opening
from rongdang.describe.casefiles.models import CaseFile
from rongdang.keep.objects import services as objects
from rongdang.web import shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(station, clerk, reviewer, engine):
    """A filed page that two people have opened, each for a reason of his own."""
    engine(form())
    batch = closed_batch(station, clerk, ("a.jpg", page_image(1, size=(1000, 1400))))
    run_jobs()
    decision = review.Decision("履历表", "1", "1962", {"姓名": "林长河"}, new_name="林长河")
    filed = review.confirm_material(batch.materials.get(), decision, version=1, acting_user=clerk)
    case_file = filed.item.case_file
    opening.open_file(case_file, code="keep", note="", acting_user=clerk)
    opening.open_file(case_file, code="daily", note="", acting_user=reviewer)
    return filed.item.pages.get()


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"), int)


def seen(client, user, address):
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"] == "image/jpeg" and answer["X-Content-Type-Options"] == "nosniff"
    return answer.content


def unmarked(stored, width):
    return encode_jpeg(sized_image(objects.read(stored), width=width), quality=QUALITY)


@pytest.mark.parametrize("width", [160, 400, 900, 2480])
def test_every_size_bears_the_mark_of_whoever_looks_also_from_memory(
    client, clerk, reviewer, page, width
):
    shown.held.clear()
    address = f"/images/pages/{page.pk}/{width}/"
    plain = pixels(unmarked(page.optimised, width))
    first, second = (pixels(seen(client, user, address)) for user in (clerk, reviewer))
    for marked in (first, second):
        assert (plain - marked > 15).mean() > 0.005
    assert np.abs(first - second).max() > 40


def test_the_master_and_a_page_on_its_way_bear_it_too(client, clerk, page, station, engine):
    master = pixels(seen(client, clerk, f"/images/pages/{page.pk}/original/"))
    assert (pixels(unmarked(page.original, 2480)) - master > 15).mean() > 0.005
    engine(form())
    batch = closed_batch(station, clerk, ("b.jpg", page_image(2)))
    run_jobs()
    scan = batch.scans.get()
    on_its_way = pixels(seen(client, clerk, f"/images/scans/{scan.pk}/900/"))
    assert (pixels(unmarked(scan.optimised, 900)) - on_its_way > 15).mean() > 0.005


@pytest.mark.parametrize("query", ["mark=0", "watermark=off", "plain=1", "who=nobody"])
def test_n40_no_parameter_takes_the_mark_away(client, clerk, page, query):
    address = f"/images/pages/{page.pk}/900/"
    usual, asked = (pixels(seen(client, clerk, a)) for a in (address, f"{address}?{query}"))
    assert (pixels(unmarked(page.optimised, 900)) - asked > 15).mean() > 0.005
    assert np.abs(usual - asked).mean() < 3  # another minute may have begun


def test_n40_the_store_has_no_address_of_its_own(client, clerk, page, settings):
    client.force_login(clerk)
    key = objects.key_of(page.original_id)
    for address in (
        f"/objects/{key}",
        f"/media/{key}",
        f"/static/{key}",
        f"/static/../objects/{key}",
    ):
        assert client.get(address).status_code == 404
    assert not settings.MEDIA_URL.strip("/") and not settings.MEDIA_ROOT


def test_a_destroyed_page_is_shown_to_nobody_even_when_it_was_looked_at_a_moment_ago(
    client, clerk, page
):
    address = f"/images/pages/{page.pk}/900/"
    seen(client, clerk, address)
    objects.shred(page.optimised, reason="secret-mark")
    assert client.get(address).status_code != 200


def test_memory_for_sized_pages_is_bounded():
    held = shown.Held(1000)
    for number in range(9):
        held.put((str(number), 160), np.zeros((10, 10, 3), np.uint8))
    assert held.get(("8", 160)) is not None and held.get(("0", 160)) is None
    assert sum(held.get((str(n), 160)) is not None for n in range(9)) == 3


@pytest.mark.parametrize("form", ["catalogue.pdf", "notes.pdf", "label.pdf"])
def test_prints_say_who_took_them_when_and_why(client, clerk, page, form):
    client.force_login(clerk)
    person = page.item.case_file.person
    answer = client.get(f"/people/{person.pk}/{form}")
    assert answer.status_code == 200
    words = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    assert clerk.username in words and "整理著录" in words


def test_an_exported_pdf_bears_the_mark_in_its_pixels(page, reviewer):
    from rongdang.describe.access.predicate import TRANSFER
    from rongdang.describe.casefiles import exporting

    case_file = CaseFile.objects.get(pk=page.item.case_file_id)
    built = exporting.build(
        case_file, form="pdf", password="", acting_user=reviewer, purpose=TRANSFER
    )
    picture = pypdfium2.PdfDocument(built.stream.read())[0].render(scale=2).to_pil().convert("L")
    plain = Image.open(io.BytesIO(objects.read(page.optimised))).convert("L").resize(picture.size)
    assert (np.asarray(plain, int) - np.asarray(picture, int) > 15).mean() > 0.005
