"""The catalogue of a delivery, in every way it is written."""

import pytest

from rongdang.keep.packages.gbt33870.catalogue import read_catalogue
from rongdang.keep.packages.gbt33870.images import key_of
from rongdang.keep.packages.gbt33870.values import (
    OPTIMISED,
    ORIGINAL,
)


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
