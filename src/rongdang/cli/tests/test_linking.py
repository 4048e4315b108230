"""`rongdang link` reads tables as they are, says which rows are one person and why, and keeps nothing."""

import csv
import json

import pytest

from rongdang.cli import main

HEADS = ["姓名", "曾用名", "性别", "身份证号", "出生日期", "入伍时间", "籍贯", "配偶姓名"]
FIRST = [
    ["林建河", "", "男", "990101195307120014", "1953-07-12", "1970-12", "柳原省青溪县", "赵小兰"],
    ["周德顺", "周小牛", "男", "", "1948.3", "1966年3月", "禾丰省白杨县", ""],
    ["江文涛", "", "男", "990101195001020037", "1950-01-02", "1968-03", "云泽省双桥县", ""],
]
SECOND = [
    ["林健河", "", "男", "", "1953.7", "1970.12", "柳原省青溪县", "赵小兰"],
    ["周小牛", "", "男", "", "1948-03-09", "1966-03", "禾丰省白杨县", ""],
    ["江文波", "", "男", "990101195001020053", "1950-01-02", "1968-03", "云泽省双桥县", ""],
]


@pytest.fixture
def tables(tmp_path):
    for name, rows, encoding in (("甲.csv", FIRST, "utf-8"), ("乙.csv", SECOND, "gb18030")):
        with (tmp_path / name).open("w", encoding=encoding, newline="") as out:
            csv.writer(out).writerows([HEADS, *rows])
    return tmp_path / "甲.csv", tmp_path / "乙.csv"


def test_rows_of_one_person_are_told_with_reasons(tables, capsys):
    assert main(["link", *map(str, tables), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    cluster = {(row["file"], row["row"]): row["cluster"] for row in told["rows"]}
    rows = sorted(row["row"] for row in told["rows"] if row["file"] == "甲.csv")
    other = sorted(row["row"] for row in told["rows"] if row["file"] == "乙.csv")
    same = [cluster["甲.csv", a] == cluster["乙.csv", b] for a, b in zip(rows, other, strict=True)]
    assert same == [True, True, False]  # the third are twins: two valid numbers side by side
    reasons = {pair["first"]["row"]: pair["reason"] for pair in told["pairs"]}
    assert reasons[rows[0]]["zh"].startswith("姓名同音不同字，出生年月一致，入伍年月一致")
    assert reasons[rows[1]]["en"].startswith("the name of one is a former name of the other")
    certain = {pair["first"]["row"]: pair["certain"] for pair in told["pairs"]}
    assert not certain[rows[0]]  # written differently, and no common number: a clerk looks


def test_without_json_it_speaks(tables, capsys):
    assert main(["link", *map(str, tables)]) == 0
    shown = capsys.readouterr()
    assert "姓名同音不同字" in shown.out and "6 行" in shown.err


def test_a_folder_of_recipes_that_is_not_there_is_told(tables, capsys):
    assert main(["link", str(tables[0]), "--recipes", "nowhere", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"] == "no-recipes"
