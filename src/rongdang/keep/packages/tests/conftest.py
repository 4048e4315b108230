"""What several tests of deliveries begin with."""

import io
import json
import shutil
import zipfile

import pyrage
import pytest
from PIL import Image

from rongdang.keep.packages import jpeg
from rongdang.keep.packages.gbt33870.catalogue import read_catalogue
from rongdang.keep.packages.gbt33870.images import image_name, key_of
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
    directory_zip,
    write_age,
    write_archive,
    write_catalogue,
)
from rongdang.keep.packages.tests.deliveries import (
    PERSON,
    HOME,
    PASSWORD,
    picture,
    entry,
    outgoing,
    InGbk,
    refused,
    public,
)


@pytest.fixture
def home(tmp_path):
    """A delivery unpacked."""
    with zipfile.ZipFile(io.BytesIO(b"".join(directory_zip(outgoing())))) as archive:
        archive.extractall(tmp_path / "in")
    return tmp_path / "in" / HOME
