"""Catalogues of GB/T 33870 as a source, folders and zips; what is no table at all."""

import io
import zipfile

import pytest

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors.opening import open_table
from rongdang.capture.sources.connectors.tests.factories import read

XML = """<?xml version="1.0" encoding="{encoding}"?>
<数字档案><人员基本信息><姓名>{name}</姓名><性别>男</性别><名族>汉族</名族><出生日期>19530701</出生日期>
<公民身份号码>99010119530701{tail}</公民身份号码></人员基本信息><目录信息><档案目录条目><类号>一</类号>
<序号>1</序号><材料名称>履历表</材料名称><材料形成时间>197101</材料形成时间><页数>2</页数><备注/>
</档案目录条目></目录信息></数字档案>"""


def catalogue(name, tail="001X", encoding="utf-8"):
    return XML.format(name=name, tail=tail, encoding=encoding).encode(encoding)


def zip_of(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_one_catalogue_gives_its_person_and_its_materials(encoding):
    data = catalogue("石怀远", encoding=encoding)
    info, people = read(data, "a.xml", table="人员基本信息")
    assert info.rows == 1 and info.columns[:5] == (
        "姓名",
        "性别",
        "民族",
        "出生日期",
        "公民身份号码",
    )
    assert people[0].cells[:6] == ("石怀远", "男", "汉族", "1953-07-01", "99010119530701001X", "1")
    _info, entries = read(data, "a.xml", table="档案目录条目")
    assert entries[0].cells[2:8] == ("1", "1", "履历表", "1971-01", "2", "")


def test_a_zip_and_a_folder_of_many_people_are_one_table(tmp_path):
    files = {f"单位/石{n}/石{n}.xml": catalogue(f"石{n}", f"00{n}X") for n in range(3)}
    files["单位/石1/原始图像数据/1-1-0001.jpg"] = b"\xff\xd8"
    _info, rows = read(zip_of(files), "a.zip", after=1)
    assert [(row.number, row.cells[0]) for row in rows] == [(2, "石1"), (3, "石2")]
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    connector = open_table(tmp_path)
    assert [row.cells[0] for row in connector.rows("人员基本信息")] == ["石0", "石1", "石2"]
    connector.close()


def test_a_catalogue_that_is_wrong_is_named_and_the_others_are_read():
    files = {
        "a.xml": catalogue("甲"),
        "b.xml": b"<x/>",
        "c.xml": catalogue("丙").replace("丙".encode(), b""),
    }
    _info, rows = read(zip_of(files), "a.zip")
    assert [row.oddity and row.oddity.code for row in rows] == [None, "catalogue", "catalogue"]
    assert "没有写姓名" in rows[2].oddity.zh


def test_a_folder_or_a_zip_without_a_table_is_refused(tmp_path):
    with pytest.raises(DomainError) as refusal:
        open_table(tmp_path)
    assert refusal.value.code == "folder"
    with pytest.raises(DomainError) as refusal:
        read(zip_of({"a.csv": b"a,b"}), "a.zip")
    assert refusal.value.code == "archive"
    with pytest.raises(DomainError) as refusal:
        open_table(tmp_path / "nothing.csv")
    assert refusal.value.code == "cannot-open"


def test_a_module_that_lies_in_the_folder_is_never_run(tmp_path, monkeypatch):
    """Somebody unpacks old tables and, beside them, a file named like one of Python's own."""
    (tmp_path / "csv.py").write_text("raise SystemExit('run by a stranger')")
    (tmp_path / "名册.csv").write_text("姓名\n林长河\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    connector = open_table(tmp_path / "名册.csv")
    try:
        [row] = connector.rows(connector.tables()[0].name)
    finally:
        connector.close()
    assert row.cells == ("林长河",)
