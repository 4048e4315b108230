"""Each kind of file a scanner or a colleague hands in, whole and broken, through the real child process."""

import io
import stat
import struct
import zipfile

import pikepdf
import pytest
from PIL import Image, ImageDraw

from rongdang.capture.opening.reader import read_pages
from rongdang.capture.opening.values import End, PageFound, Trouble
from rongdang.capture.opening.tests.factories import scanned_pdf


def picture(mode="RGB", size=(400, 560), text="1"):
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((60, 80), text, fill="black")
    return image.convert(mode)


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


JPEG = saved(picture(), "JPEG", dpi=(300, 300))


def opened(data, name):
    messages = list(read_pages(io.BytesIO(data), name))
    assert isinstance(messages[-1], End)
    pages = [m for m in messages if isinstance(m, PageFound)]
    troubles = [m for m in messages if isinstance(m, Trouble)]
    return pages, troubles, messages[-1].expected


def zipped(members, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def test_a_jpeg_is_its_own_page_with_its_dpi():
    pages, troubles, expected = opened(JPEG, "a.jpg")
    assert [(p.number, p.whole, p.dpi) for p in pages] == [(0, True, 300)]
    assert (troubles, expected) == ([], 1)


def test_every_page_of_a_tiff_comes_without_loss():
    images = [picture("RGB", text=str(n)) for n in range(3)]
    data = saved(images[0], "TIFF", save_all=True, append_images=images[1:])
    pages, troubles, expected = opened(data, "a.tif")
    assert expected == len(pages) == 3 and not troubles
    assert Image.open(io.BytesIO(pages[2].data)).tobytes() == images[2].tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "P"])
def test_bilevel_grey_cmyk_and_palette_pages_are_taken(mode):
    form = "PNG" if mode == "P" else "TIFF"
    pages, troubles, _ = opened(saved(picture(mode), form), f"a.{form.lower()}")
    assert len(pages) == 1 and not troubles


def test_a_broken_page_in_the_middle_of_a_tiff_does_not_hide_those_after_it():
    images = [picture("RGB", size=(300, 300 + n)) for n in range(3)]
    data = bytearray(
        saved(images[0], "TIFF", save_all=True, append_images=images[1:], compression="tiff_lzw")
    )
    with Image.open(io.BytesIO(bytes(data))) as image:
        image.seek(1)
        offset, length = image.tag_v2[273][0], image.tag_v2[279][0]
    data[offset : offset + length] = bytes(b ^ 0x5A for b in data[offset : offset + length])
    pages, troubles, expected = opened(bytes(data), "a.tif")
    assert expected == 3
    assert [p.number for p in pages] == [0, 2]
    assert (
        [t.number for t in troubles] == [1]
        and "第 2 页" in troubles[0].zh
        and "Page 2" in troubles[0].en
    )


def test_a_scanned_pdf_gives_its_jpeg_byte_for_byte():
    held = scanned_pdf([JPEG], pixels=(400, 560), points=(96, 134.4))
    pages, troubles, _ = opened(held, "a.pdf")
    assert pages[0].data == JPEG and pages[0].dpi == 300 and not troubles


def blank_pdf(**save):
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 300))
    return document, save


def test_a_born_digital_page_is_drawn_at_300_dpi():
    document, _ = blank_pdf()
    out = io.BytesIO()
    document.save(out)
    pages, _, _ = opened(out.getvalue(), "a.pdf")
    assert Image.open(io.BytesIO(pages[0].data)).size == (834, 1250)


def test_a_pdf_with_a_password_is_refused_and_says_what_to_do():
    document, _ = blank_pdf()
    out = io.BytesIO()
    document.save(out, encryption=pikepdf.Encryption(owner="x", user="y"))
    pages, troubles, _ = opened(out.getvalue(), "a.pdf")
    assert not pages and troubles[0].code == "encrypted" and troubles[0].fatal
    assert "口令" in troubles[0].zh and "password" in troubles[0].en


def test_script_and_attachment_in_a_pdf_are_named_and_never_run():
    document, _ = blank_pdf()
    document.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
    )
    document.attachments["a.txt"] = pikepdf.AttachedFileSpec(document, b"hello", filename="a.txt")
    out = io.BytesIO()
    document.save(out)
    pages, troubles, _ = opened(out.getvalue(), "a.pdf")
    assert len(pages) == 1
    assert [t.code for t in troubles] == ["active-parts"] and not troubles[0].lost


@pytest.mark.parametrize(
    "data,name,code",
    [
        (b"", "a.jpg", "empty"),
        (JPEG[:-400], "a.jpg", "damaged"),
        (b"hello, this is a letter", "a.jpg", "unknown-format"),
        (b"%PDF-1.4 broken", "a.pdf", "damaged"),
        (b"PK\x03\x04broken", "a.zip", "damaged"),
        (b"II*\x00\x08\x00", "a.tif", "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_to_be_so_and_gives_no_page(data, name, code):
    pages, troubles, _ = opened(data, name)
    assert not pages
    assert code in [t.code for t in troubles] and all(t.zh and t.en for t in troubles)


def test_a_renamed_file_is_read_by_its_content_and_noted():
    pages, troubles, _ = opened(JPEG, "a.pdf")
    assert len(pages) == 1 and [t.code for t in troubles] == ["renamed"] and not troubles[0].lost


def test_an_image_of_thirty_thousand_pixels_is_refused_before_it_is_decoded():
    def chunk(kind, body):
        import zlib

        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", b"x")
        + chunk(b"IEND", b"")
    )
    pages, troubles, _ = opened(data, "a.png")
    assert not pages and troubles[0].code == "too-many-pixels" and "30000" in troubles[0].zh


def test_a_zip_is_read_in_natural_order_and_its_gbk_names_are_understood():
    members = [(f"AAAA{n}.jpg", saved(picture(text=str(n)[-1]), "JPEG")) for n in (10, 2)]
    data = zipped([*members, ("BB.jpg", JPEG[:200])])
    data = data.replace(b"AAAA", "履历".encode("gbk")).replace(
        b"BB.jpg", "坏".encode("gbk") + b".jpg"
    )
    pages, troubles, expected = opened(data, "a.zip")
    assert expected == 3 and len(pages) == 2
    assert [p.data for p in pages] == [saved(picture(text=t), "JPEG") for t in ("2", "0")]
    assert "坏.jpg" in troubles[0].zh


@pytest.mark.parametrize(
    "members,code",
    [
        ([("../../etc/a.jpg", JPEG)], "traversal"),
        ([("..\\a.jpg", JPEG)], "traversal"),
        ([("/abs.jpg", JPEG)], "traversal"),
        ([("bomb.jpg", b"\0" * (50 * 2**20))], "bomb"),
        ([("inner.zip", zipped([("a.jpg", JPEG)]))], "unknown-format"),
    ],
)
def test_a_harmful_zip_gives_no_page(members, code):
    pages, troubles, _ = opened(zipped(members, compression=zipfile.ZIP_DEFLATED), "a.zip")
    assert not pages and code in [t.code for t in troubles]


def test_a_link_inside_a_zip_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("a.jpg")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    pages, troubles, _ = opened(out.getvalue(), "a.zip")
    assert not pages and troubles[0].code == "link"


def test_a_child_that_hangs_is_ended_and_said_to_have_failed():
    messages = list(read_pages(io.BytesIO(JPEG), "a.jpg", seconds=0))
    assert isinstance(messages[-1], End)
    assert any(isinstance(m, Trouble) and m.code == "parser-died" for m in messages)
