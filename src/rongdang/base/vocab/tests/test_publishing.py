"""The standard as files: what spreadsheets and programmes take away is whole, valid and harmless."""

import csv
import io
import json

import pytest
from lxml import etree

from rongdang.base.vocab import areas, codes, fields, publishing, values


def lines(data):
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_sheet_of_fields_holds_every_field():
    rows = lines(publishing.fields_sheet())
    assert [row["name"] for row in rows] == list(fields.dictionary())
    assert all(row["meaning"] and row["level"] for row in rows)


@pytest.mark.parametrize("name", [*codes.all_tables(), publishing.AREA])
def test_the_sheet_of_a_table_holds_every_value(name):
    rows = lines(publishing.table_sheet(name))
    held = areas.everything() if name == publishing.AREA else codes.entries(name)
    assert [row["code"] for row in rows] == [one.code for one in held]


def test_there_is_no_sheet_of_what_is_no_table():
    with pytest.raises(KeyError):
        publishing.table_sheet("../fields")


def test_no_cell_of_any_sheet_is_a_formula():
    sheets = [make() for kind, make in publishing.FILES.values() if "csv" in kind]
    sheets += [publishing.table_sheet(name) for name in codes.all_tables()]
    for data in sheets:
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))):
            assert not [cell for cell in row if cell.startswith(publishing.FORMULA)]
    assert publishing.sheet(["a"], [["=1+1"], ["-2"]]).endswith(b"a\r\n'=1+1\r\n'-2\r\n")


def test_both_schemes_stand_side_by_side_with_what_each_class_becomes():
    rows = lines(publishing.schemes_sheet())
    assert len(rows) == 36 and {row["scheme"] for row in rows} == {"2012", "2018"}
    assert all(row["becomes"] for row in rows)


def test_the_json_is_whole_and_names_the_version_of_every_table():
    told = json.loads(publishing.whole())
    assert told["digest"] == publishing.digest() and len(told["digest"]) == 16
    assert [one["name"] for one in told["fields"]] == list(fields.dictionary())
    assert set(told["tables"]) == set(codes.all_tables())
    named = {one["name"] for one in told["versions"]}
    assert set(codes.all_tables()) | {"fields", "area", "required", "scheme_2018"} <= named
    assert all(one["title"] and one["version"] and one["source"] for one in told["versions"])


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.fromstring(publishing.record_xsd()))


# One value for every field, as somebody might write it.
SAMPLE = {
    "date": "1953年7月",
    "id": "11010519491231002X",
    "place": "山东省烟台市",
    "text": "写在这里的话",
    "phone": "138 0000 5678",
    "number": "3",
    "account": "6222000012345678",
    "area": "110105",
    "money": "58.00",
    "card": "军字第2001988号",
}


def record():
    known = {}
    for name, entry in fields.dictionary().items():
        text = SAMPLE.get(entry.form or entry.type) or codes.entries(entry.table)[0].name
        value, wrong = values.canonical(name, text)
        assert wrong is None, name
        known[name] = [value, value] if entry.repeats else [value]
    return known


def test_a_record_of_every_field_is_valid(schema):
    data = publishing.record_xml([record(), {"姓名": ["林长河"]}])
    schema.assertValid(etree.fromstring(data))


@pytest.mark.parametrize(
    "name,value",
    [("性别", "男女"), ("出生日期", "1953-13"), ("公民身份号码", "123"), ("卷数", "三")],
)
def test_a_record_with_a_value_that_cannot_stand_is_not(schema, name, value):
    data = publishing.record_xml([{"姓名": ["林长河"], name: [value]}])
    assert not schema.validate(etree.fromstring(data))


def test_a_record_without_a_name_or_with_two_birth_dates_is_not(schema):
    for known in ({"性别": ["男"]}, {"姓名": ["林长河"], "出生日期": ["1953", "1954"]}):
        assert not schema.validate(etree.fromstring(publishing.record_xml([known])))
