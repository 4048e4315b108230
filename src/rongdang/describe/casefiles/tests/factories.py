"""The smallest material: a page of two stored images and a text layer."""

import io
import zlib

from PIL import Image

from rongdang.base.textlayer import Char, Line, TextLayer
from rongdang.describe.casefiles import services
from rongdang.keep.objects import services as objects


def text_layer(*texts, engine="old 1"):
    lines = tuple(
        Line(
            text,
            (0.1, 0.1 + n * 0.05, 0.6, 0.13 + n * 0.05),
            0.97,
            tuple(
                Char(c, (0.1 + k * 0.02, 0.1 + n * 0.05, 0.12 + k * 0.02, 0.13 + n * 0.05), 0.97)
                for k, c in enumerate(text)
            ),
        )
        for n, text in enumerate(texts)
    )
    return TextLayer(engine, 60, 80, lines, (), ())


def page_source(seed, *texts, engine="old 1"):
    out = io.BytesIO()
    Image.new("RGB", (60, 80), (seed % 200, 40, 90)).save(out, "JPEG")
    stored = objects.put(out.getvalue(), "image/jpeg")
    layer = text_layer(*(texts or ("干部履历表",)), engine=engine)
    return services.PageSource(
        stored.pk,
        stored.pk,
        60,
        80,
        300,
        0,
        False,
        engine,
        zlib.compress(layer.to_json().encode()),
    )


def filed(case_file, user, *, title="履历表", category="1", formed="1962", pages=1, texts=()):
    """A material with its pages, filed by `user`."""
    first = case_file.items.count() * 10
    return services.file_item(
        case_file,
        services.ItemDescription(title, category, formed),
        [page_source(first + n, *texts) for n in range(pages)],
        acting_user=user,
    )
