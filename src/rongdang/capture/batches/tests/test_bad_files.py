"""Bad input, from the file to the state in words: nothing lost, nothing called a success that is none."""

import io
import struct
import zipfile
import zlib

import pikepdf
import pytest
import pyzipper
from PIL import Image

from rongdang.capture.batches import queries
from rongdang.capture.batches.folders import summary
from rongdang.capture.batches.tests.factories import closed_batch, page_image, run_jobs
from rongdang.keep.objects import services as objects

pytestmark = pytest.mark.django_db


def pdf(count=2, *, script=False, **save):
    document = pikepdf.new()
    for _ in range(count):
        document.add_blank_page(page_size=(60, 80))
    if script:
        document.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
        )
        document.attachments["a.txt"] = pikepdf.AttachedFileSpec(document, b"x", filename="a.txt")
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def broken_tiff():
    pages = [Image.new("RGB", (300, 300 + n), "white") for n in range(3)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    data = bytearray(out.getvalue())
    with Image.open(io.BytesIO(bytes(data))) as image:
        image.seek(1)
        offset, length = image.tag_v2[273][0], image.tag_v2[279][0]
    data[offset : offset + length] = bytes(b ^ 0x5A for b in data[offset : offset + length])
    return bytes(data)


def huge_png():
    def chunk(kind, body):
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


def zipped(*members, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def locked_zip(*members):
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"x")
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


REFUSED = {
    "truncated.jpg": (page_image(1)[:-2000], "损坏"),
    "letter.jpg": (b"Dear Sir, this is no picture.", "不是能识读的格式"),
    "password.pdf": (pdf(encryption=pikepdf.Encryption(owner="x", user="y")), "口令"),
    "half.pdf": (pdf()[:200], "损坏"),
    "huge.png": (huge_png(), "30000"),
    "bomb.zip": (zipped(("a.jpg", b"\0" * (40 * 2**20))), "异常地大"),
    "outside.zip": (zipped(("../../etc/a.jpg", page_image(2))), "包外"),
    "locked.zip": (locked_zip(("a.jpg", page_image(4))), "口令保护"),
    "half.zip": (zipped(("a.jpg", page_image(3)))[:-300], "损坏"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_gives_no_page_is_refused_in_words_and_kept_as_it_came(
    station, clerk, engine, name
):
    data, said = REFUSED[name]
    batch = closed_batch(station, clerk, (name, data))
    run_jobs()
    upload = batch.uploads.get()
    assert upload.state == "refused" and said in upload.reason_zh and upload.reason_en
    assert upload.pages_found == 0 and not batch.scans.exists()
    assert objects.read(upload.stored) == data
    assert not summary(batch.pk).ok and upload in queries.bad_files(clerk)


def test_a_broken_page_in_the_middle_keeps_its_place_and_waits_to_be_scanned_again(
    station, clerk, engine
):
    batch = closed_batch(station, clerk, ("三页.tif", broken_tiff()))
    run_jobs()
    upload = batch.uploads.get()
    assert (upload.state, upload.pages_found, upload.pages_expected) == ("partial", 2, 3)
    assert "第 2 页" in upload.reason_zh and "Page 2" in upload.reason_en
    lost = batch.scans.get(number=1)
    assert (lost.state, lost.original) == ("failed", None) and "第 2 页" in lost.reason_zh
    batch.refresh_from_db()
    assert batch.state == "review" and not summary(batch.pk).ok
    assert lost in queries.reject_list(clerk)


def test_a_zip_with_a_broken_member_is_taken_in_part_and_says_which(station, clerk, engine):
    data = zipped(("AAAA1.jpg", page_image(1)), ("AAAA2.jpg", page_image(2)[:-2000]))
    data = data.replace(b"AAAA", "履历".encode("gbk"))
    batch = closed_batch(station, clerk, ("包.zip", data))
    run_jobs()
    upload = batch.uploads.get()
    assert (upload.state, upload.pages_found, upload.pages_expected) == ("partial", 1, 2)
    assert "履历2.jpg" in upload.reason_zh


def test_script_and_attachment_are_noted_and_every_page_is_taken(station, clerk, engine):
    batch = closed_batch(station, clerk, ("a.pdf", pdf(script=True)))
    run_jobs()
    upload = batch.uploads.get()
    assert (upload.state, upload.pages_found) == ("split", 2)
    assert "脚本" in upload.reason_zh and "script" in upload.reason_en


def test_a_renamed_file_is_read_by_its_content_and_said_to_be_renamed(station, clerk, engine):
    batch = closed_batch(station, clerk, ("其实是图.pdf", page_image(1)))
    run_jobs()
    upload = batch.uploads.get()
    assert upload.state == "split" and "文件名与内容不符" in upload.reason_zh


@pytest.mark.parametrize(
    "mode,form", [("CMYK", "TIFF"), ("1", "TIFF"), ("I;16", "PNG"), ("L", "JPEG")]
)
def test_unusual_pixels_are_read_to_the_end(station, clerk, engine, mode, form):
    if mode == "I;16":
        import numpy as np

        grey = np.asarray(Image.open(io.BytesIO(page_image(1))).convert("L"), np.uint16) * 257
        out = io.BytesIO()
        Image.fromarray(grey).save(out, "PNG")
        data = out.getvalue()
    else:
        data = page_image(1, mode=mode, form=form)
    batch = closed_batch(station, clerk, (f"a.{form.lower()}", data))
    run_jobs()
    assert batch.scans.get().state == "read"


def test_the_same_batch_handed_in_twice_is_recognised_file_by_file(station, clerk, engine):
    files = [(f"{n}.jpg", page_image(n)) for n in range(2)]
    first = closed_batch(station, clerk, *files)
    run_jobs()
    second = closed_batch(station, clerk, *files)
    run_jobs()
    second.refresh_from_db()
    assert set(second.uploads.values_list("state", flat=True)) == {"duplicate"}
    assert all(first.number in u.reason_zh for u in second.uploads.all())
    assert second.state == "done" and not second.scans.exists() and summary(second.pk).ok
