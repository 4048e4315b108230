"""Searchable PDF/A-2b: words found where they stand, no blanks between characters, rules kept."""

import contextlib
import io
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from rongdang.base.cipher.errors import DamagedError
from rongdang.base.errors import DomainError
from rongdang.keep.packages.pdfa.checking import check_pdfa, outside_check
from rongdang.keep.packages.pdfa.font import Codes
from rongdang.keep.packages.pdfa.values import DocumentInfo, PdfPage, Run
from rongdang.keep.packages.pdfa.writing import write_pdf

AT = datetime(2026, 11, 24, 8, 30, 5, tzinfo=timezone(timedelta(hours=8)))
INFO = DocumentInfo("石怀远 X002", "梧桐里军休所", AT, "干部人事档案", ("履历", "军休"))
RUNS = (
    Run("干部履历表", (0.3, 0.05, 0.7, 0.09)),
    Run("姓名周𬭎林 No.7 1953年", (0.1, 0.2, 0.6, 0.23)),
    Run("纪律处分决定书", (0.85, 0.1, 0.89, 0.5), vertical=True),
    Run("最后一行，很长的一行字共计二十个字左右吧", (0.1, 0.8, 0.9, 0.82)),
)


def image(mode="RGB", form="JPEG", size=(620, 877)):
    file = io.BytesIO()
    Image.new("RGB", size, "white").convert(mode).save(file, form, dpi=(75, 75))
    return file.getvalue()


def document(*pages, info=INFO):
    file = io.BytesIO()
    write_pdf(pages or [PdfPage(image, 75, RUNS)], info, file)
    return file.getvalue()


def broken_in(data):
    return check_pdfa(io.BytesIO(data))


def found(page, words):
    """Boxes of the words in 0..1 of the unturned page, origin top left."""
    x0, y0, width, height = page.get_mediabox()
    text = page.get_textpage()
    match = text.search(words).get_next()
    assert match, words
    boxes = [text.get_rect(number) for number in range(text.count_rects(*match))]
    return (
        min(b[0] for b in boxes) / width,
        1 - max(b[3] for b in boxes) / height,
        max(b[2] for b in boxes) / width,
        1 - min(b[1] for b in boxes) / height,
    )


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_words_are_found_where_they_stand_whichever_way_the_page_is_turned(rotate):
    page = pypdfium2.PdfDocument(document(PdfPage(image, 75, RUNS, rotate)))[0]
    assert found(page, "干部履历表") == pytest.approx((0.3, 0.05, 0.7, 0.09), abs=0.003)
    assert found(page, "履历") == pytest.approx((0.46, 0.05, 0.62, 0.09), abs=0.003)
    assert found(page, "处分决定") == pytest.approx(
        (0.85, 0.1 + 0.4 * 2 / 7, 0.89, 0.1 + 0.4 * 6 / 7), abs=0.003
    )
    assert found(page, "二十个字")[1::2] == pytest.approx((0.8, 0.82), abs=0.003)


def test_text_comes_out_as_it_was_read_without_blanks_between_characters():
    text = pypdfium2.PdfDocument(document())[0].get_textpage().get_text_range()
    assert text.split("\r\n") == [run.text for run in RUNS]


def test_characters_beyond_the_basic_plane_come_out_whole():
    rare = "𬭎𠮷𪚥㐂"
    text = pypdfium2.PdfDocument(document(PdfPage(image, 75, (Run(rare, (0.1, 0.1, 0.5, 0.15)),))))[
        0
    ].get_textpage()
    assert text.get_text_range() == rare


def test_what_no_pdf_can_hold_is_left_out():
    assert Codes().encode("甲\x00\n\ufeff\ufffe\ud800乙") == "甲乙".encode("utf-16-be")
    assert (
        broken_in(document(PdfPage(image, 75, (Run("\x00", (0, 0, 1, 1)), Run("", (0, 0, 1, 1))))))
        == []
    )


@pytest.mark.parametrize("box", [(0, 0, 0, 0), (0.5, 0.5, 0.5, 0.9), (0, 0, 1, 1)])
@pytest.mark.parametrize("vertical", [False, True])
def test_a_box_without_extent_is_no_trouble(box, vertical):
    page = pypdfium2.PdfDocument(document(PdfPage(image, 75, (Run("点", box, vertical),))))[0]
    assert page.get_textpage().get_text_range() == "点"


def test_another_reader_opens_it_and_it_says_what_it_is():
    data = document(
        PdfPage(image, 75, RUNS, bookmark=("一 履历", "1 履历表")),
        PdfPage(image, 75, bookmark=("一 履历", "2 登记表")),
    )
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert not pdf.is_encrypted
        assert pdf.pdf_version == "1.7"
        assert pdf.docinfo["/Title"] == "石怀远 X002"
        with pdf.open_metadata() as meta:
            assert meta.pdfa_status == "2B"
            assert meta["dc:title"] == "石怀远 X002"
            assert meta["xmp:CreateDate"] == "2026-11-24T08:30:05+08:00"
        with pdf.open_outline() as outline:
            assert [
                (one.title, [child.title for child in one.children]) for one in outline.root
            ] == [("一 履历", ["1 履历表", "2 登记表"])]
    page = pypdfium2.PdfDocument(data)[0]
    assert page.get_size() == pytest.approx((595.2, 841.92), abs=0.1)
    assert (
        page.render(scale=0.3).to_pil().getextrema() == ((255, 255),) * 3
    )  # the words are not seen


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        ("RGB", "JPEG"),
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("RGB", "PNG"),
        ("1", "TIFF"),
        ("RGBA", "PNG"),
        ("P", "PNG"),
    ],
)
def test_any_kind_of_image_keeps_the_rules(mode, form):
    data = document(PdfPage(lambda: image(mode, form, (60, 80)), 75, RUNS))
    assert broken_in(data) == []


def test_the_same_pages_give_the_same_bytes():
    assert document() == document()


def test_an_image_that_cannot_be_read_and_no_page_at_all_are_refused():
    with pytest.raises(DomainError) as refused:
        document(PdfPage(lambda: b"nothing"))
    assert refused.value.code == "image-unreadable"
    with pytest.raises(DomainError) as refused:
        write_pdf([], INFO, io.BytesIO())
    assert refused.value.code == "no-pages"


def damage(change):
    with pikepdf.open(io.BytesIO(document())) as pdf:
        change(pdf)
        file = io.BytesIO()
        pdf.save(file)
    return broken_in(file.getvalue())


def descendant(pdf):
    return pdf.pages[0].Resources.Font.F0.DescendantFonts[0]


@pytest.mark.parametrize(
    ("clause", "change"),
    [
        ("6.2.3", lambda pdf: pdf.Root.__delitem__("/OutputIntents")),
        ("6.2.3", lambda pdf: setattr(pdf.Root.OutputIntents[0].DestOutputProfile, "N", 4)),
        ("6.6.2.1", lambda pdf: pdf.Root.__delitem__("/Metadata")),
        ("6.6.3", lambda pdf: setattr(pdf.docinfo, "Title", pikepdf.String("other"))),
        ("6.6.3", lambda pdf: setattr(pdf.docinfo, "ModDate", pikepdf.String("D:20200101000000Z"))),
        (
            "6.5.1",
            lambda pdf: setattr(
                pdf.Root, "OpenAction", pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")
            ),
        ),
        ("6.5.2", lambda pdf: setattr(pdf.pages[0].obj, "AA", pikepdf.Dictionary())),
        (
            "6.8",
            lambda pdf: setattr(
                pdf.Root, "Names", pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary())
            ),
        ),
        ("6.2.11.4.1", lambda pdf: descendant(pdf).FontDescriptor.__delitem__("/FontFile2")),
        ("6.2.11.5", lambda pdf: setattr(descendant(pdf), "DW", 500)),
        ("6.2.11.7", lambda pdf: pdf.pages[0].Resources.Font.F0.__delitem__("/ToUnicode")),
        (
            "6.2.11.8",
            lambda pdf: setattr(descendant(pdf), "CIDToGIDMap", pdf.make_stream(b"\0\0" * 65536)),
        ),
        ("6.2.8", lambda pdf: setattr(pdf.pages[0].Resources.XObject.Im0, "Interpolate", True)),
        (
            "6.2.4.3",
            lambda pdf: setattr(
                pdf.pages[0].Resources.XObject.Im0, "ColorSpace", pikepdf.Name.DeviceCMYK
            ),
        ),
        ("6.1.13", lambda pdf: setattr(pdf.pages[0].obj, "MediaBox", pikepdf.Array([0, 0, 1, 1]))),
        (
            "6.6.4",
            lambda pdf: setattr(
                pdf.Root, "Metadata", pdf.make_stream(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
            ),
        ),
    ],
)
def test_the_check_sees_each_rule_broken(clause, change):
    assert clause in {one.clause for one in damage(change)}


def test_an_encrypted_a_cut_and_a_foreign_file_are_not_called_pdfa():
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(document())) as pdf:
        pdf.save(file, encryption=pikepdf.Encryption(owner="o", user=""))
    assert "6.1.3" in {one.clause for one in broken_in(file.getvalue())}
    assert broken_in(document()[:-200])
    assert broken_in(b"hello")


def test_another_validator_can_be_asked(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(document())
    assert outside_check(
        "python3 -c 'import sys; print(open(sys.argv[1],\"rb\").read(8))'", path
    ) == (True, "b'%PDF-1.7'\n")
    assert outside_check("false", path)[0] is False


def test_a_moment_in_greenwich_agrees_too():
    assert (
        broken_in(document(info=DocumentInfo("t", "a", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))))
        == []
    )


PEAK = """
import io, os, resource, sys
from datetime import UTC, datetime
from rongdang.base.cipher.spool import Spool
from rongdang.keep.packages.pdfa.values import DocumentInfo, PdfPage
from rongdang.keep.packages.pdfa.writing import write_pdf
head = sys.stdin.buffer.read()
read = lambda: head + os.urandom(2 << 20)
peaks = []
for count in (2, 60):
    with Spool() as target:
        write_pdf([PdfPage(read)] * count, DocumentInfo("t", "a", datetime.now(UTC)), target)
        assert target.length > count << 21
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
print(peaks[1] - peaks[0])
"""


def test_a_document_of_120_mb_needs_no_more_memory_than_one_of_4():
    done = subprocess.run(
        [sys.executable, "-c", PEAK], input=image(), stdout=subprocess.PIPE, check=True
    )
    assert int(done.stdout) < 40  # MiB; images alone would be 116


def test_a_disk_that_gives_back_other_bytes_ends_in_no_document():
    def spoiling():
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/self/fd/{name}").endswith("(deleted)"):
                    os.pwrite(int(name), b"other bytes", 100_000)
        return image() + os.urandom(1 << 20)

    pages = [PdfPage(lambda: image() + os.urandom(1 << 20)), PdfPage(spoiling)]
    with pytest.raises(DamagedError):
        write_pdf(pages, INFO, io.BytesIO())
