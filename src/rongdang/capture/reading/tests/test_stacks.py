"""A folder of stacks → JSON, without database or server."""

import io
import json
import subprocess
import sys

import pikepdf
import pytest
from PIL import Image, ImageDraw

from rongdang.base.errors import DomainError
from rongdang.capture.batches.page_reading import PageReading
from rongdang.capture.reading.stacks import (
    Side,
    describe,
    find_stacks,
    natural,
    read_folder,
    side_of,
)
from rongdang.capture.reading.tests.papers import Paper, form


def picture(folder, name, *, ink=True, size=(620, 877)):
    page = Image.new("RGB", size, "white")
    if ink:
        ImageDraw.Draw(page).rectangle((100, 100, 500, 300), outline="black", width=6)
    folder.mkdir(parents=True, exist_ok=True)
    page.save(folder / name)


def read(folder):
    return read_folder(folder, jobs=1, engine="null")


def test_each_sub_folder_is_a_stack_loose_files_are_one_and_files_keep_natural_order(tmp_path):
    for name in ("page10.png", "page2.png", "notes.txt", ".hidden.png"):
        picture(tmp_path / "b", name) if name.endswith("png") else (
            tmp_path / "b" / name
        ).write_text("x")
    picture(tmp_path / "a" / "inner", "1.png")
    picture(tmp_path, "loose.png")
    found = find_stacks(tmp_path)
    assert {name: [path.name for path in files] for name, files in found.items()} == {
        "a": ["1.png"],
        "b": ["page2.png", "page10.png"],
        tmp_path.name: ["loose.png"],
    }
    assert natural("p2") < natural("p10") < natural("q1")


def test_the_json_has_the_shape_everybody_measures_with(tmp_path):
    picture(tmp_path / "one", "1.png")
    picture(tmp_path / "one", "2.png", ink=False)
    heard = []
    result = read_folder(tmp_path, jobs=1, progress=heard.append, engine="null")
    stack = json.loads(json.dumps(result))["stacks"]["one"]
    assert [
        (page["file"], page["text"], page["rotation"], page["blank"], page["person"])
        for page in stack["pages"]
    ] == [
        ("1.png", "", 0, False, None),
        ("2.png", "", 0, True, None),
    ]
    (material,) = stack["materials"]
    assert material["pages"] == [0, 1] and {"title", "category", "date", "person", "fields"} <= set(
        material
    )
    assert set(material["confidence"]) == {"title", "category", "date", "boundary"}
    assert heard and "one" in heard[-1]


def test_a_described_stack_tells_fields_with_place_and_confidence():
    layer = form("干部履历表", rows=[["籍贯", "黑岭省", "军衔", "大佐"]])
    stack = describe([Side("1.jpg", layer), Side("2.jpg", None, blank=True)])
    assert [page["person"] for page in stack["pages"]] == ["林长河", "林长河"]
    assert stack["pages"][0]["text"].startswith("干部履历表")
    field = stack["materials"][0]["fields"]["籍贯"]
    assert (
        field["value"] == "黑岭省"
        and field["page"] == 0
        and len(field["box"]) == 4
        and 0.9 <= field["confidence"] < 1
    )
    assert stack["materials"][0]["fields"]["军衔"]["reason"] == {
        "zh": "不在代码表内",
        "en": "not in the code table",
    }
    assert (
        stack["materials"][0]["category"] == "1" and stack["materials"][0]["date"] == "1962-03-05"
    )


def test_what_cannot_be_read_is_a_page_with_an_error_and_never_left_out(tmp_path):
    picture(tmp_path / "one", "1.png")
    (tmp_path / "one" / "2.png").write_bytes(b"not a picture")
    (tmp_path / "one" / "3.pdf").write_bytes(b"")
    pages = read(tmp_path)["stacks"]["one"]["pages"]
    assert [page["file"] for page in pages] == ["1.png", "2.png", "3.pdf"]
    assert ["error" in page for page in pages] == [False, True, True]
    assert all(page["text"] == "" for page in pages) and "/" in pages[1]["error"]


def test_pages_of_a_pdf_are_pages_of_the_stack(tmp_path):
    document = pikepdf.new()
    for _ in range(3):
        document.add_blank_page(page_size=(200, 300))
    out = io.BytesIO()
    document.save(out)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "all.pdf").write_bytes(out.getvalue())
    pages = read(tmp_path)["stacks"]["one"]["pages"]
    assert [(page["file"], page["blank"]) for page in pages] == [("all.pdf", True)] * 3


@pytest.mark.parametrize("name,code", [("nowhere", "no-folder"), ("", "no-files")])
def test_no_folder_and_no_files_are_refused_in_both_languages(tmp_path, name, code):
    with pytest.raises(DomainError) as refused:
        read(tmp_path / name)
    assert refused.value.code == code and refused.value.hint_zh and refused.value.hint_en


def test_a_page_with_a_mark_of_secrets_gives_no_words():
    layer = Paper().write("机密★10年", 0.7, 0.05).paragraph("内容", 0.2).layer()
    reading = PageReading(0, b"", 10, 10, 0, False, "", {}, (), layer)
    side = side_of("1.jpg", reading)
    page = describe([side])["pages"][0]
    assert page["text"] == "" and "机密" in page["secret"]


def test_reading_a_folder_loads_no_django(tmp_path):
    code = "import sys, rongdang.capture.reading.stacks; sys.exit(any(n.split('.')[0] == 'django' for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == 0
