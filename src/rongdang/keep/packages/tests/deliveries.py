"""A delivery of one invented person, and how its refusal is caught."""

import io
import zipfile

import pytest
from PIL import Image

from rongdang.keep.packages.gbt33870.images import image_name
from rongdang.keep.packages.gbt33870.reading import open_delivery
from rongdang.keep.packages.gbt33870.values import (
    OPTIMISED,
    ORIGINAL,
    Catalogue,
    DeliveryError,
    Entry,
    PersonInfo,
)
from rongdang.keep.packages.gbt33870.writing import Image as Outgone
from rongdang.keep.packages.gbt33870.writing import (
    Outgoing,
)


PERSON = PersonInfo("石怀远", "99010119530712001X", "男", "汉族", "1953-07-12")


HOME = "石怀远99010119530712001X"


PASSWORD = "梧桐 Harbour-41"


def picture(mark=0):
    file = io.BytesIO()
    Image.new("RGB", (31, 44), (mark, 0, 0)).save(file, "JPEG", dpi=(300, 300))
    return file.getvalue()


def entry(category="1", sequence=1, pages=2, formed="1985-03", **more):
    names = tuple(image_name(category, sequence, page) for page in range(1, pages + 1))
    return Entry(
        category,
        sequence,
        f"材料{category}",
        formed,
        pages,
        originals=names,
        optimised=names,
        **more,
    )


def outgoing(*entries, supplement=None):
    entries = entries or (entry(), entry("9-2", 3, 1, "1999"))
    images = tuple(
        Outgone(folder, name, lambda: picture())
        for folder in (ORIGINAL, OPTIMISED)
        for one in entries
        for name in one.originals
    )
    return Outgoing(Catalogue(PERSON, tuple(entries)), images, supplement or {})


class InGbk(zipfile.ZipInfo):
    """A name as Chinese Windows writes it: GBK, without the mark of UTF-8."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def refused(path, password=""):
    with pytest.raises(DeliveryError) as error, open_delivery(path, password):
        pass
    return error.value


def public(shared_data):
    return shared_data / "conformance" / "gbt33870"
