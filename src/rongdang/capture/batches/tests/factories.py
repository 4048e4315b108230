"""The smallest things intake works on: page images, what an engine says of them, a closed batch."""

import io

from django.utils.module_loading import import_string
from PIL import Image, ImageDraw

from rongdang.base.jobs import worker
from rongdang.base.jobs.models import Job
from rongdang.base.ledger.models import Entry
from rongdang.base.textlayer import Char, Line, TextLayer
from rongdang.capture.batches import services
from rongdang.capture.batches.models import Batch, Scan, Upload
from rongdang.capture.review.models import Material, MaterialPage
from rongdang.describe.casefiles.models import EarlierText, Item, Page
from rongdang.describe.people.models import Fact
from rongdang.keep.objects.models import StoredObject

ENGINE = "script 1"


def page_image(seed=0, *, size=(620, 877), form="JPEG", mode="RGB", **options):
    """A page with dark bars of writing; another seed is another page, byte for byte."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for row in range(18):
        top = 90 + row * 38
        width = 300 + (seed * 37 + row * 53) % 220
        for left in range(70, 70 + width, 22):
            draw.rectangle([left, top, left + 15, top + 16], fill="black")
    out = io.BytesIO()
    image.convert(mode).save(out, form, **{"dpi": (300, 300), **options})
    return out.getvalue()


def layer(*texts, engine=ENGINE):
    """A text layer whose first line stands large in the middle, as a title does."""
    lines = []
    for row, text in enumerate(texts):
        height = 0.035 if row == 0 else 0.018
        width = min(0.8, len(text) * height * 0.75)
        left = (1 - width) / 2 if row == 0 else 0.12
        top = 0.08 + row * 0.05
        step = width / max(len(text), 1)
        chars = tuple(
            Char(c, (left + n * step, top, left + (n + 1) * step, top + height), 0.98)
            for n, c in enumerate(text)
        )
        lines.append(Line(text, (left, top, left + width, top + height), 0.98, chars))
    return TextLayer(engine, 620, 877, tuple(lines), (), ())


def form(name="林长河", title="干部履历表", date="一九六二年三月十五日", **fields):
    said = {"姓名": name, **fields}
    return layer(title, *(f"{label}：{value}" for label, value in said.items()), date)


class ScriptedEngine:
    """Gives the layers it was told, in the order in which pages are read; then empty ones."""

    def __init__(self, *layers, identity=ENGINE):
        self.layers, self.identity = list(layers), identity

    def read(self, bgr):
        height, width = bgr.shape[:2]
        if not self.layers:
            return TextLayer(self.identity, width, height, (), (), ())
        said = self.layers.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


def hand_in(batch, clerk, data, name="a.jpg"):
    return services.receive_file(
        batch, name=name, data=io.BytesIO(data), size=len(data), acting_user=clerk
    )


def closed_batch(unit, clerk, *files):
    """A batch with these files (name, bytes), handed in."""
    batch = services.open_batch(unit=unit, acting_user=clerk, source="browser", declared=True)
    for name, data in files:
        hand_in(batch, clerk, data, name)
    return services.close_batch(batch, acting_user=clerk)


def run_jobs():
    """All jobs that are due, one after another, in this process."""
    count = 0
    while worker.run_one():
        count += 1
        assert count < 1000
    return count


def run_all_again():
    """Every job that ever ran, once more, as after a crash before it was marked as done."""
    for job in list(Job.objects.order_by("pk")):
        import_string(job.path).call(*job.arguments["args"], **job.arguments["kwargs"])
    run_jobs()


def everything():
    """All rows that jobs write, in a form to compare; the ledger by its length."""
    tables = (Batch, Upload, Scan, Material, MaterialPage, Item, Page, Fact, StoredObject)
    rows = {table: sorted(map(str, table.objects.values_list())) for table in tables}
    return {**rows, Entry: Entry.objects.count(), EarlierText: EarlierText.objects.count()}
