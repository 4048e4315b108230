"""A register as spreadsheets save it: what is understood, and what is said of a wrong line."""

import pytest

from rongdang.base.errors import DomainError
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.casefiles.register_tables import read_register
from rongdang.describe.casefiles.registering import not_yet_known, take_over_register
from rongdang.describe.casefiles.spreadsheets import MOST_BYTES, MOST_COLUMNS, text_of

WHOLE = """序号,姓名,性别,出生年月,公民身份号码,爱好,库房,架号,层,盒号,类号,材料名称,形成时间,页数,备注
1,林长河,男,1938年4月,,钓鱼,3,12,4,7,一,干部履历表,1962.3.15,4,
,,,,,,,,,,九-2,授予军官军衔报告表,一九五五年九月,2页,复印件
2,高崎远,男,1941,,,3,12,4,8,,自传,1958,5,
"""


def faults(text):
    return [(one.line, one.zh) for one in read_register(text).faults]


def test_people_with_their_facts_catalogues_and_places():
    register = read_register(WHOLE)
    lin, gao = register.rows
    assert (lin.name, dict(lin.facts)) == ("林长河", {"性别": "男", "出生日期": "1938-04"})
    assert lin.place == ("3", "12", "4", "7") and register.left_aside == ["爱好"]
    assert [
        (i.description.category, i.description.formed, i.pages, i.description.is_copy)
        for i in lin.items
    ] == [("1", "1962-03-15", 4, False), ("9-2", "1955-09", 2, True)]
    assert gao.items[0].description.category == "2"  # known by its title
    assert (register.item_count, register.page_count, register.faults) == (3, 11, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_as_different_programs_save_it(encoding, delimiter):
    data = WHOLE.replace(",", delimiter).replace("\n", "\r\n").encode(encoding)
    register = read_register(text_of(data))
    assert [row.name for row in register.rows] == ["林长河", "高崎远"] and not register.faults


@pytest.mark.parametrize(
    "line,told",
    [
        (",男,1938,,,,", "没有姓名，上面也没有人"),
        ("林长河,男,三月,,,,", "出生日期“三月”写得不对：看不出是哪一天"),
        ("林长河,男女,1938,,,,", "性别“男女”写得不对：只能是：未知的性别、男、女、未说明的性别"),
        (
            "林长河,男,1938,11010119380401001X,,,",
            "公民身份号码“11010119380401001X”写得不对：校验码或出生日期不对",
        ),
        ("林长河,男,1938,,四,履历表,2", "类号“四”不对"),
        ("林长河,男,1938,,十一,履历表,2", "类号“十一”不对"),
        ("林长河,男,1938,,一,履历表,", "没有页数"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(line, told):
    head = "姓名,性别,出生日期,身份证号,类号,题名,页数\n"
    assert faults(head + line) == [(2, told)]


def test_one_person_on_many_lines_and_two_of_one_name():
    head = "姓名,出生日期,性别\n"
    assert len(read_register(head + "林长河,1938,男\n林长河,1938,\n").rows) == 1
    assert len(read_register(head + "林长河,1938,男\n林长河,1941,男\n").rows) == 2
    assert faults(head + "林长河,1938,男\n林长河,1938,女\n") == [(3, "性别和第 2 行写的不一样")]
    [(line, told)] = faults(head + "林长河,,男\n高崎远,,男\n林长河,,男\n")
    assert line == 4 and "分不清是不是一个人" in told


@pytest.mark.parametrize(
    "data",
    [
        b"",
        "甲,性别\n林长河,男".encode(),
        b"PK\x03\x04 a spreadsheet",
        b"\xff\xff\x00\x01",
        b"x" * (MOST_BYTES + 1),
    ],
)
def test_what_is_no_register_says_what_to_do(data):
    with pytest.raises(DomainError) as refused:
        read_register(text_of(data))
    assert refused.value.code == "no-register" and "CSV" in refused.value.hint_zh


@pytest.mark.parametrize(
    "table,zh,en",
    [
        ('姓名,性别\n林长河,男\n"高崎远,男\n何海生,男\n', "从第 3 行起", "From line 3"),
        ('姓名,性别\n"高崎远",男\n"何海"生,男\n', "从第 3 行起", "From line 3"),
        (
            "姓名" + ",一列" * MOST_COLUMNS,
            f"有 {MOST_COLUMNS + 1} 列",
            f"{MOST_COLUMNS + 1} columns",
        ),
        ("姓名,出生日期,出生年月\n林长河,1938,1941", "说的是同一件事", "mean the same"),
        ("姓名,架,架号\n林长河,1,2", "说的是同一件事", "mean the same"),
        ("姓名,性别\n林长河\0,男", "不是文字", "no text"),
    ],
)
def test_a_table_that_could_be_understood_wrongly_is_refused_whole(table, zh, en):
    with pytest.raises(DomainError) as refused:
        read_register(table)
    assert zh in refused.value.zh and en in refused.value.en
    assert "没有收" in refused.value.zh and "nothing was taken over" in refused.value.en


@pytest.mark.parametrize(
    "line,told",
    [
        (
            '"林长河,男\n高崎远",男',
            "姓名“林长河,男\n高崎远”不像姓名（引号不成对，或多打了分隔号？）",
        ),
        ("1938,男", "姓名“1938”不像姓名（引号不成对，或多打了分隔号？）"),
        ("林" * 61 + ",男", f"姓名“{'林' * 20}”不像姓名（引号不成对，或多打了分隔号？）"),
        ("林长河,男,三连", "右边有字不在任何一列里（多打了一个分隔号？）"),
    ],
)
def test_what_is_no_name_and_what_stands_in_no_column_is_told_with_its_line(line, told):
    assert faults("姓名,性别\n" + line) == [(2, told)]


def test_names_as_people_have_them_and_the_empty_columns_a_spreadsheet_leaves():
    held = ("古丽·阿不都", "林 长河", "㛃䶮", "Anna Li")
    register = read_register("姓名" + "," * 900 + "\n" + "\n".join(f"{one},,,," for one in held))
    assert [row.name for row in register.rows] == list(held) and not register.faults


@pytest.mark.django_db
def test_what_was_read_is_taken_over_once(station, clerk):
    rows = read_register(WHOLE).rows
    assert len(take_over_register(station, rows, acting_user=clerk)) == 2
    assert Item.objects.count() == 3 and CaseFile.objects.get(person__name="林长河").box == "7"
    assert not_yet_known(station, rows) == []
