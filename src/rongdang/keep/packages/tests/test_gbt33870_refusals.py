"""Deliveries that are not whole, or none at all: each is refused, and every reason named."""

import shutil
import zipfile

import pytest

from rongdang.keep.packages import jpeg
from rongdang.keep.packages.gbt33870.reading import open_delivery
from rongdang.keep.packages.gbt33870.sources import MOST_BYTES
from rongdang.keep.packages.gbt33870.values import (
    OPTIMISED,
    ORIGINAL,
)
from rongdang.keep.packages.gbt33870.writing import (
    write_archive,
)
from rongdang.keep.packages.tests.deliveries import (
    HOME,
    PASSWORD,
    picture,
    outgoing,
    refused,
)


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        (lambda h: (h / ORIGINAL / "1-1-0002.jpg").unlink(), "images", "原始图像数据/1-1-0002.jpg"),
        (
            lambda h: (h / OPTIMISED / "7-1-0001.jpg").write_bytes(picture()),
            "images",
            "优化图像数据/7-1-0001.jpg",
        ),
        (lambda h: (h / OPTIMISED / "Scan_1.jpg").write_bytes(picture()), "images", "Scan_1.jpg"),
        (
            lambda h: (h / ORIGINAL / "9-2-3-0001.jpg").write_bytes(picture()[:200]),
            "damaged",
            "9-2-3-0001.jpg",
        ),
        (lambda h: (h / ORIGINAL / "9-2-3-0001.jpg").write_bytes(b""), "damaged", "9-2-3-0001.jpg"),
        (lambda h: (h / f"{HOME}.xml").unlink(), "no-catalogue", "XML"),
        (lambda h: shutil.copy(h / f"{HOME}.xml", h / "two.xml"), "several", "two"),
        (lambda h: (h / f"{HOME}.xml").write_bytes(b"<a/>"), "xml", "数字档案"),
        (lambda h: (h / f"{HOME}.xml").write_bytes(b"<"), "xml", "XML"),
        (
            lambda h: (h / f"{HOME}.xml").write_bytes(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
            "xml",
            "XML",
        ),
    ],
)
def test_a_delivery_that_is_not_whole_is_refused_and_the_fault_named(home, change, code, named):
    change(home)
    error = refused(home)
    assert [one.code for one in error.problems] == [code]
    assert named in error.message() and error.message("en")


def test_two_files_that_are_the_same_image_are_not_silently_one(home):
    (home / ORIGINAL / "01-1-1.jpg").write_bytes(picture(9))
    (home / "图像数据" / OPTIMISED).mkdir(parents=True)
    (home / "图像数据" / OPTIMISED / "9-2-3-0001.jpg").write_bytes(picture(9))
    assert len(refused(home).problems) == 2


def test_a_name_listed_twice_is_told_as_that(home):
    path = home / f"{HOME}.xml"
    path.write_text(
        path.read_text().replace("<原始图像数据>1-1-0002.jpg", "<原始图像数据>1-1-0001.jpg")
    )
    [problem] = refused(home).problems
    assert (
        "不止一次：原始图像数据/1-1-0001.jpg" in problem.zh
        and "没有写：原始图像数据/1-1-0002.jpg" in problem.zh
    )


def test_the_folder_of_one_person_with_the_catalogue_of_another(home):
    moved = home.rename(home.with_name("石怀远990101195001010019"))
    assert refused(moved.parent).code == "identity"
    short = moved.rename(home.with_name("石怀远990101530712001"))
    with open_delivery(short.parent) as delivery:
        assert delivery.warnings == ()


def test_a_zip_that_swells_beyond_reason_is_refused(tmp_path):
    path = tmp_path / "big.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 100_000)
        archive.infolist()[0].file_size = MOST_BYTES + 1  # so its table of contents says
    assert refused(path).code == "too-large"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-zip"),
        (b"PK\x03\x04 nothing", "not-zip"),
        (b"age-encryption.org/v1\nnothing", "password"),
    ],
)
def test_what_is_no_delivery(tmp_path, data, code):
    path = tmp_path / "x"
    path.write_bytes(data)
    assert refused(path).code == code


def test_the_password_decides(tmp_path):
    path = tmp_path / "x.zip"
    with path.open("wb") as target:
        write_archive(outgoing(), target, PASSWORD)
    assert [refused(path, word).code for word in ("", "wrong")] == ["password", "password"]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert refused(path, PASSWORD).code == "damaged"


def test_heads_of_jpegs():
    head = jpeg.read_head(picture())
    assert (head.width, head.height, head.components, head.dpi) == (31, 44, 3, 300)
    assert jpeg.is_whole(picture()) and not jpeg.is_whole(picture()[:-2])
    for cut in range(0, len(picture()), 7):
        assert not jpeg.is_whole(picture()[:cut])
    assert jpeg.read_head(b"\x89PNG\r\n\x1a\n") is None
