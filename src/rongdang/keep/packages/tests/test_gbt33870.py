"""GB/T 33870 deliveries: one form out, every form in, and every reason named."""

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


@pytest.fixture
def home(tmp_path):
    """A delivery unpacked."""
    with zipfile.ZipFile(io.BytesIO(b"".join(directory_zip(outgoing())))) as archive:
        archive.extractall(tmp_path / "in")
    return tmp_path / "in" / HOME


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


def test_the_folder_of_one_person_with_the_catalogue_of_another(home):
    moved = home.rename(home.with_name("石怀远990101195001010019"))
    assert refused(moved.parent).code == "identity"
    short = moved.rename(home.with_name("石怀远990101530712001"))
    with open_delivery(short.parent) as delivery:
        assert delivery.warnings == ()


def test_what_only_surprises_is_told_and_taken(home):
    (home / "说明.docx").write_bytes(b"?")
    (home / "Thumbs.db").write_bytes(b"?")
    renamed = home.rename(home.with_name("别人"))
    with open_delivery(renamed) as delivery:
        assert {one.code for one in delivery.warnings} == {"extra"}
    with open_delivery(renamed.parent) as delivery:
        assert {one.code for one in delivery.warnings} == {"extra", "folder"}


def catalogue_xml(**changes):
    tags = {
        "类号": "1",
        "序号": "1",
        "材料名称": "表",
        "材料形成时间": "1985",
        "页数": "1",
        "备注": "",
        ORIGINAL: "1-1-01.jpg",
        OPTIMISED: "1-1-01.jpg",
    } | changes
    row = "".join(f"<{tag}>{text}</{tag}>" for tag, text in tags.items() if text is not None)
    return f"<数字档案><人员基本信息><姓名>石怀远</姓名></人员基本信息><目录信息><档案目录条目>{row}</档案目录条目></目录信息></数字档案>".encode()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("1", "1"),
        ("一", "1"),
        ("十", "10"),
        ("4-1", "4-1"),
        ("四-1", "4-1"),
        ("九－２", "9-2"),
        ("第九类", "9"),
        ("04-03", "4-3"),
    ],
)
def test_every_way_of_writing_a_class(told, code):
    catalogue, problems = read_catalogue(catalogue_xml(类号=told))
    assert (catalogue.entries[0].category, problems) == (code, [])


@pytest.mark.parametrize(
    ("told", "date"),
    [
        ("1985", "1985"),
        ("198503", "1985-03"),
        ("19850301", "1985-03-01"),
        ("1985-03", "1985-03"),
        ("１９８５．０３", "1985-03"),
        ("19850300", "1985-03"),
        ("19850000", "1985"),
    ],
)
def test_every_way_of_writing_a_date(told, date):
    catalogue, problems = read_catalogue(catalogue_xml(材料形成时间=told))
    assert (catalogue.entries[0].formed, problems) == (date, [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"类号": ""}, "category"),
        ({"页数": "二百页页"}, "pages"),
        ({"类号": "十一"}, "category"),
        ({"序号": "甲"}, "sequence"),
        ({"材料名称": None}, "title"),
        ({"材料形成时间": "19851301"}, "date"),
        ({"材料形成时间": "85年"}, "date"),
        ({"材料形成时间": ""}, "date"),
        ({"页数": ""}, "pages"),
        ({"页数": "2"}, "pages"),
        ({ORIGINAL: None}, "pages"),
    ],
)
def test_an_entry_that_cannot_stand_is_named(changes, code):
    _catalogue, problems = read_catalogue(catalogue_xml(**changes))
    assert [one.code for one in problems] == [code]
    assert "第 1 条" in problems[0].place


def test_numbers_in_either_kind_of_numerals():
    catalogue, problems = read_catalogue(catalogue_xml(序号="十二", 页数="１页"))
    assert (catalogue.entries[0].sequence, catalogue.entries[0].page_count, problems) == (12, 1, [])


def test_a_date_may_be_missing_when_the_note_says_so():
    assert read_catalogue(catalogue_xml(材料形成时间="", 备注="形成时间不详"))[1] == []


def test_two_entries_with_one_number():
    xml = catalogue_xml().replace(
        b"</\xe7\x9b\xae\xe5\xbd\x95\xe4\xbf\xa1\xe6\x81\xaf>",
        catalogue_xml()[
            catalogue_xml().index("<档案目录条目>".encode()) : catalogue_xml().index(
                "</目录信息>".encode()
            )
        ]
        + "</目录信息>".encode(),
    )
    assert [one.code for one in read_catalogue(xml)[1]] == ["repeated"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("claimed", ["UTF-8", "GB2312", "gb18030", ""])
def test_the_encoding_is_found_whatever_the_file_claims(encoding, claimed):
    head = f'<?xml version="1.0" encoding="{claimed}"?>' if claimed else ""
    catalogue, problems = read_catalogue((head + catalogue_xml().decode()).encode(encoding))
    assert (catalogue.person.name, problems) == ("石怀远", [])


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("1-1-0001.jpg", ("1", 1, 1)),
        ("四-1-2-7.JPEG", ("4-1", 2, 7)),
        ("9-2-03-012.jpg", ("9-2", 3, 12)),
        ("x.jpg", None),
        ("4-1-1.jpg", ("4", 1, 1)),
        ("13-1-1.jpg", None),
    ],
)
def test_names_of_images(name, key):
    assert key_of(name) == key


def test_a_zip_that_swells_beyond_reason_is_refused(tmp_path, monkeypatch):
    from rongdang.keep.packages.gbt33870 import sources

    path = tmp_path / "big.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 100_000)
    monkeypatch.setattr(sources, "MOST_BYTES", 10_000)
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
