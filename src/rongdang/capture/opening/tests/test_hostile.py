"""Files made to do harm: each gives no page, says why in words, and the next file is read as ever."""

import io
import struct
import zipfile
import zlib

import pikepdf
import pytest
from PIL import Image

from rongdang.capture.opening import images, pdf
from rongdang.capture.opening.reader import read_pages
from rongdang.capture.opening.tests.test_files import JPEG, opened, picture, saved, zipped


def refused(data, name, code, *, seconds=60):
    messages = list(read_pages(io.BytesIO(data), name, seconds=seconds))
    codes = [m.code for m in messages if hasattr(m, "code")]
    assert code in codes, codes
    assert not any(hasattr(m, "whole") for m in messages)
    # The worker lives: what comes next is read.
    assert len(opened(JPEG, "a.jpg")[0]) == 1


def png_of(width, height, data=b"x"):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def tiff_of(pages, *, looped=False):
    """Pages of one dot, as many as wanted; looped: the last is followed by the first."""
    fields = (
        (256, 1),
        (257, 1),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, 1),
        (279, 1),
    )
    body = b"".join(struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in fields)
    size = 2 + len(body) + 4
    out = b"II*\x00" + struct.pack("<I", 8)
    for number in range(pages):
        following = 8 + (number + 1) * size if number + 1 < pages else (8 if looped else 0)
        out += struct.pack("<H", len(fields)) + body + struct.pack("<I", following)
    return out


@pytest.mark.parametrize("width,height", [(30_000, 30_016), (12_000, 12_032), (1, 200_000)])
def test_n31_a_picture_out_of_measure_is_refused_before_it_is_decoded(width, height):
    refused(png_of(width, height, zlib.compress(bytes(1000))), "a.png", "too-many-pixels")


@pytest.mark.parametrize("pages", [10_000, images.MOST_FRAMES + 1])
def test_n31_a_tiff_of_ten_thousand_pages_is_refused(pages):
    refused(tiff_of(pages), "a.tif", "too-many-pages")


def test_n31_a_tiff_whose_pages_run_in_a_circle_ends():
    pages, _, expected = opened(tiff_of(3, looped=True), "a.tif")
    assert len(pages) == expected == 3


def test_n31_inks_with_a_profile_of_rubbish_are_read():
    data = saved(picture("CMYK"), "JPEG", icc_profile=b"no profile at all" * 9)
    assert len(opened(data, "a.jpg")[0]) == 1


def written(document, **options):
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


def one_page():
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 300))
    return document


def javascript(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def launch(document):
    document.pages[0].obj.AA = pikepdf.Dictionary(
        O=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    )


def form(document):
    document.Root.AcroForm = pikepdf.Dictionary(XFA=pikepdf.Stream(document, b"<xdp/>"), Fields=[])


def associated(document):
    held = document.make_stream(b"MZ")
    held.Type = pikepdf.Name.EmbeddedFile
    document.Root.AF = pikepdf.Array(
        [pikepdf.Dictionary(Type=pikepdf.Name.Filespec, EF=pikepdf.Dictionary(F=held))]
    )


@pytest.mark.parametrize("plant", [javascript, launch, form, associated])
def test_n32_active_parts_of_a_pdf_are_named_and_only_its_page_is_taken(plant):
    document = one_page()
    plant(document)
    pages, troubles, _ = opened(written(document), "a.pdf")
    assert [page.media_type for page in pages] == ["image/jpeg"]
    assert [t.code for t in troubles] == ["active-parts"]


def test_n32_a_pdf_with_a_password_gives_no_page():
    data = written(one_page(), encryption=pikepdf.Encryption(owner="x", user="y"))
    refused(data, "a.pdf", "encrypted")


def test_n32_a_tree_of_pages_that_bites_its_tail_ends():
    document = one_page()
    document.Root.Pages.Kids.append(document.Root.Pages)
    refused(written(document), "a.pdf", "damaged")


def test_n32_a_million_objects_are_not_gone_through():
    parts = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>"]
    parts += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] + [b"[]"] * pdf.MOST_OBJECTS
    out, rows = bytearray(b"%PDF-1.7\n"), [b"0000000000 65535 f \n"]
    for number, part in enumerate(parts, 1):
        rows.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    at = len(out)
    out += b"xref\n0 %d\n%b" % (len(rows), b"".join(rows))
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(rows), at)
    refused(bytes(out), "a.pdf", "too-many-pages")


def test_n32_a_stream_that_unpacks_without_end_is_ended_by_memory_or_the_clock():
    squeeze = zlib.compressobj(9)
    begun = squeeze.compress(bytes(2**24)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    again = squeeze.compress(bytes(2**24)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    document = one_page()
    stream = pikepdf.Stream(document, b"")
    stream.write(begun + again * 700, filter=pikepdf.Name.FlateDecode)  # 11 GiB
    document.pages[0].Contents = document.make_indirect(stream)
    data = written(document, compress_streams=False)
    messages = list(read_pages(io.BytesIO(data), "a.pdf", seconds=4))
    assert {m.code for m in messages if hasattr(m, "code")} & {"parser-died", "damaged"}
    assert len(opened(JPEG, "a.jpg")[0]) == 1


def test_n33_a_million_names_are_refused_by_the_count_of_the_directory():
    data = bytearray(zipped([("a.jpg", JPEG)]))
    at = data.rfind(b"PK\x05\x06")
    data[at + 8 : at + 12] = struct.pack("<HH", 60_000, 60_000)
    refused(bytes(data), "a.zip", "too-many-members")


def test_n33_two_members_of_one_name_are_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped([("a.jpg", JPEG), ("a.jpg", JPEG)])
    refused(data, "a.zip", "duplicate")


def test_n33_members_that_share_their_bytes_are_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.jpg", JPEG)
        archive.writestr("b.jpg", JPEG)
        archive.filelist[1].header_offset = 0
    refused(out.getvalue(), "a.zip", "overlap")


@pytest.mark.parametrize(
    "name,code",
    [
        ("../a.jpg", "traversal"),
        ("C:/a.jpg", "traversal"),
        ("a\\..\\..\\b.jpg", "traversal"),
    ],
)
def test_n33_a_name_outside_the_zip_is_refused(name, code):
    refused(zipped([(name, JPEG)]), "a.zip", code)


def test_n33_a_bomb_of_a_thousand_to_one_is_refused():
    data = zipped([("a.png", bytes(20 * 2**20))], compression=zipfile.ZIP_DEFLATED)
    refused(data, "a.zip", "bomb")


@pytest.mark.parametrize(
    "data",
    [
        zipped([("[Content_Types].xml", "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>")]),
        zipped([("OFD.xml", "<ofd/>"), ("Doc_0/Document.xml", "<x/>")]),
    ],
    ids=["ooxml", "ofd"],
)
def test_n34_office_and_ofd_files_are_never_parsed(data):
    refused(data, "a.docx", "unknown-format")


@pytest.mark.parametrize(
    "data,name,code",
    [
        (b"<html><script>alert(1)</script>", "a.pdf", "unknown-format"),
        (b"<html>%PDF-1.4\n", "a.pdf", "unknown-format"),
        (b"%PDF-1.4\n<html><script>alert(1)</script>", "a.pdf", "polyglot"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.jpg", "unknown-format"),
        (b"MZ" + bytes(600), "a.jpg", "unknown-format"),
        (b"GIF89a" + bytes(600), "a.gif", "unknown-format"),
        (JPEG + zipped([("evil.jar", b"x")]), "a.jpg", "polyglot"),
        (JPEG + b"<html><script>alert(1)</script>", "a.jpg", "polyglot"),
        (JPEG + b"\x7fELF" + bytes(100), "a.jpg", "polyglot"),
        (
            JPEG[:20] + b"\xff\xfe\x00\x20<script>alert(document.a)//" + JPEG[20:],
            "a.jpg",
            "polyglot",
        ),
        (saved(picture(), "PNG") + b"#!/bin/sh\nid", "a.png", "polyglot"),
        (written(one_page()) + zipped([("a.jpg", JPEG)]), "a.pdf", "polyglot"),
    ],
)
def test_n35_what_is_two_things_or_not_what_it_says_gives_no_page(data, name, code):
    refused(data, name, code)


def test_n35_bytes_that_a_scanner_leaves_behind_a_page_are_no_harm():
    for tail in (bytes(400), b"\r\n", b"scanner 4711 \xff\xd8 no picture"):
        assert len(opened(JPEG + tail, "a.jpg")[0]) == 1


@pytest.mark.parametrize("name", ["CON", "..", "a‮gpj.exe", "x" * 300 + ".jpg", "a\0b.jpg", ""])
def test_n35_a_strange_name_opens_nothing_and_hurts_nothing(name):
    assert len(opened(JPEG, name)[0]) == 1


def test_a_big_tiff_which_only_we_know_is_read():
    out = io.BytesIO()
    Image.new("L", (50, 60), 255).save(out, "TIFF", big_tiff=True)
    assert out.getvalue()[:3] in (b"II+", b"MM+") and len(opened(out.getvalue(), "a.tif")[0]) == 1
