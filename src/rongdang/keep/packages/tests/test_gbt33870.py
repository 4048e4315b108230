"""GB/T 33870 deliveries: one form out, every form in."""

import io
import json
import shutil
import zipfile

import pyrage
import pytest

from rongdang.keep.packages.gbt33870.catalogue import read_catalogue
from rongdang.keep.packages.gbt33870.reading import open_delivery
from rongdang.keep.packages.gbt33870.values import (
    OPTIMISED,
    ORIGINAL,
)
from rongdang.keep.packages.gbt33870.writing import (
    directory_zip,
    write_age,
    write_archive,
    write_catalogue,
)
from rongdang.keep.packages.tests.deliveries import (
    HOME,
    PASSWORD,
    picture,
    outgoing,
    InGbk,
    refused,
    public,
)


def test_the_public_cases_get_their_verdicts(shared_data, tmp_path):
    if shared_data is None:
        return
    folder = public(shared_data)
    cases = {
        case["path"]: case for case in json.loads((folder / "cases.json").read_text())["cases"]
    }
    assert len(cases) == 4
    with open_delivery(folder / HOME) as delivery:
        right = delivery.catalogue
        assert (
            len(right.entries),
            sum(len(a) for a, _b in delivery.images),
            delivery.warnings,
        ) == (4, 6, ())
    for name in ("catalogue-wild-variants.xml", "catalogue-gb18030.xml"):
        given = tmp_path / name / "梧桐里军休所" / HOME
        shutil.copytree(folder / HOME, given)
        shutil.copy(folder / name, given / f"{HOME}.xml")
        with open_delivery(tmp_path / name) as delivery:
            read = delivery.catalogue
            assert [len(a) for a, _b in delivery.images] == [2, 1, 2, 1]
        assert read.person == right.person
        assert [(e.category, e.sequence, e.title) for e in read.entries] == [
            (e.category, e.sequence, e.title) for e in right.entries
        ]
        if "gb18030" in name:
            assert read == right
        else:
            assert [e.formed for e in read.entries] == ["1985", "1977-07", "2003", "2008-11"]
            again, problems = read_catalogue(write_catalogue(read))
            assert (again, problems) == (read, [])


def test_the_public_bad_case_is_refused_with_its_four_reasons(shared_data, tmp_path):
    if shared_data is None:
        return
    shutil.copytree(public(shared_data) / HOME, tmp_path / HOME)
    shutil.copy(public(shared_data) / "catalogue-bad.xml", tmp_path / HOME / f"{HOME}.xml")
    problems = {one.place[:5]: one for one in refused(tmp_path).problems}
    assert len(problems) == 4
    assert problems["第 1 条"].code == "category"
    assert problems["第 2 条"].code == "pages" and "3" in problems["第 2 条"].zh
    assert problems["第 3 条"].code == "images" and "9-1-1-0009.jpg" in problems["第 3 条"].zh
    assert problems["第 4 条"].code == "date" and "2008年冬" in problems["第 4 条"].zh


def test_the_one_form_that_is_written(home):
    text = (home / f"{HOME}.xml").read_text(encoding="utf-8")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<数字档案 xmlns:xsi=')
    order = [
        "类号",
        "序号",
        "材料名称",
        "材料形成时间",
        "页数",
        "备注",
        "原始图像数据",
        "优化图像数据",
    ]
    first = text[text.index("<档案目录条目>") : text.index("</档案目录条目>")]
    places = [first.index(f"<{tag}") for tag in order]
    assert places == sorted(places)
    assert "<材料形成时间>198503</材料形成时间>" in first
    assert first.count("<原始图像数据>") == 2
    assert sorted(p.name for p in (home / ORIGINAL).iterdir()) == [
        "1-1-0001.jpg",
        "1-1-0002.jpg",
        "9-2-3-0001.jpg",
    ]


@pytest.mark.parametrize("form", ["folder", "above", "zip", "gbk", "aes", "age", "nested"])
def test_every_way_of_packing_gives_the_same(home, tmp_path, form):
    path, password = tmp_path / "given", ""
    if form == "folder":
        path = home
    elif form == "above":
        path = home.parent
    elif form == "nested":
        (home / "图像数据").mkdir()
        for folder in (ORIGINAL, OPTIMISED):
            (home / folder).rename(home / "图像数据" / folder)
        path = home
    elif form == "zip":
        path.write_bytes(b"".join(directory_zip(outgoing())))
    elif form == "gbk":
        with (
            zipfile.ZipFile(io.BytesIO(b"".join(directory_zip(outgoing())))) as source,
            zipfile.ZipFile(path, "w") as target,
        ):
            for info in source.infolist():
                target.writestr(InGbk(info.filename), source.read(info))
    else:
        password = PASSWORD
        with path.open("wb") as target:
            (write_archive if form == "aes" else write_age)(outgoing(), target, password)
    with open_delivery(path, password) as delivery:
        assert delivery.catalogue == outgoing().catalogue
        assert [
            delivery.read(name) for pair in delivery.images for names in pair for name in names
        ] == [picture()] * 6


def test_an_age_tool_opens_what_we_encrypt():
    target = io.BytesIO()
    write_age(outgoing(), target, PASSWORD)
    inner = zipfile.ZipFile(io.BytesIO(pyrage.passphrase.decrypt(target.getvalue(), PASSWORD)))
    assert inner.testzip() is None


def test_names_may_stand_together_and_bear_their_folder(home):
    path = home / f"{HOME}.xml"
    text = path.read_text()
    for folder in (ORIGINAL, OPTIMISED):
        text = text.replace(
            f"1-1-0001.jpg</{folder}>\n      <{folder}>1-1-0002.jpg",
            f"{folder}\\1-1-0001.jpg；{folder}/1-1-2.JPG",
        )
    assert "0001.jpg；" in text
    path.write_text(text)
    with open_delivery(home) as delivery:
        assert [len(names) for pair in delivery.images for names in pair] == [2, 2, 1, 1]


def test_what_only_surprises_is_told_and_taken(home):
    (home / "说明.docx").write_bytes(b"?")
    (home / "Thumbs.db").write_bytes(b"?")
    renamed = home.rename(home.with_name("别人"))
    with open_delivery(renamed) as delivery:
        assert {one.code for one in delivery.warnings} == {"extra"}
    with open_delivery(renamed.parent) as delivery:
        assert {one.code for one in delivery.warnings} == {"extra", "folder"}
