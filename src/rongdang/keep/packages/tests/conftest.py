"""What several tests of deliveries begin with."""

import io
import zipfile

import pytest

from rongdang.keep.packages.gbt33870.writing import directory_zip
from rongdang.keep.packages.tests.deliveries import HOME, outgoing


@pytest.fixture
def home(tmp_path):
    """A delivery unpacked."""
    with zipfile.ZipFile(io.BytesIO(b"".join(directory_zip(outgoing())))) as archive:
        archive.extractall(tmp_path / "in")
    return tmp_path / "in" / HOME
