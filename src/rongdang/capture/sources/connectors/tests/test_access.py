"""Access: what holds nothing stays empty, deleted rows stay away, long texts come whole, damage is told."""

import csv
import datetime as dt
import io
import shutil
import struct
import subprocess

import pytest

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors.tests import access_files as made
from rongdang.capture.sources.connectors.tests.factories import read

LONG_TEXT = "一九七一年入伍，" * 80
COLUMNS = [
    ("编号", made.LONG),
    ("姓名", made.TEXT),
    ("出生", made.MOMENT),
    ("工资", made.MONEY),
    ("在册", made.BOOLEAN),
    ("简历", made.MEMO),
]


def wide(text):
    return text.encode("utf-16-le")


def money(value):
    return struct.pack("<q", value)


@pytest.fixture
def base():
    rows = [
        [
            struct.pack("<i", 7),
            wide("张建国"),
            made.moment(dt.datetime(1953, 7, 1)),
            money(12_345_600),
            True,
            made.memo(0, len(wide(LONG_TEXT))),
        ],
        [struct.pack("<i", 8), wide("删除者"), None, None, False, None],
        [struct.pack("<i", 9), b"\xff\xfeABC\x00" + wide("李"), None, None, False, None],
    ]
    return made.access([made.Table("人员", COLUMNS, rows, gone={1})], [wide(LONG_TEXT)])


def test_values_empty_cells_and_deleted_rows(base):
    info, rows = read(base, "a.mdb")
    assert (info.name, info.rows) == ("人员", 2)
    assert info.columns == ("编号", "姓名", "出生", "工资", "在册", "简历")
    assert rows[0].cells == ("7", "张建国", "1953-07-01", "1234.56", "TRUE", LONG_TEXT)
    assert rows[1].cells == ("9", "ABC李", "", "", "FALSE", "") and rows[1].number == 2
    assert [row.number for row in read(base, "a.mdb", after=1)[1]] == [2]


@pytest.mark.skipif(not shutil.which("mdb-export"), reason="mdbtools are not on this machine")
def test_another_program_reads_the_same(base, tmp_path):
    (tmp_path / "a.mdb").write_bytes(base)
    shown = subprocess.run(
        ["mdb-export", "-T", "%Y-%m-%d", tmp_path / "a.mdb", "人员"],
        capture_output=True,
        check=True,
    )
    first = next(csv.DictReader(io.StringIO(shown.stdout.decode())))
    assert (first["编号"], first["姓名"], first["出生"]) == ("7", "张建国", "1953-07-01")
    assert first["简历"] == LONG_TEXT and float(first["工资"]) == 1234.56


def test_a_table_of_many_pages_is_read_to_its_end():
    rows = [
        [struct.pack("<i", n), wide(f"张{n}" * 20), None, None, True, None] for n in range(2_000)
    ]
    info, found = read(made.access([made.Table("人员", COLUMNS, rows)]), "a.mdb")
    assert info.rows == 2_000 and found[-1].cells[:2] == ("1999", "张1999" * 20)


def test_a_damaged_or_encrypted_file_is_refused(base):
    locked = base[: 2 * made.PAGE] + bytes(made.PAGE) + base[3 * made.PAGE :]
    for data, code in ((locked, "encrypted"), (base[: 7 * made.PAGE], "damaged")):
        with pytest.raises(DomainError) as refusal:
            read(data, "a.mdb")
        assert refusal.value.code == code and "没有读入" in refusal.value.zh
