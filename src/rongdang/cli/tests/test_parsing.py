"""parse: lines in, rows out, with nothing around it."""

import json
import subprocess
import sys

import pytest

from rongdang.cli import main
from rongdang.cli.parsing import COLUMNS

LINES = {
    "dates": ("53.7", "53.7\t1953-07\tmonth\t1953-07-01\t1953-07-31\tsure\tgregorian\t\t"),
    "ids": (
        "11010519491231002X",
        "11010519491231002X\t11010519491231002X\tyes\t1949-12-31\t女\t110105\t北京市朝阳区\t\t",
    ),
    "names": ("张 三（又名张山）", "张 三（又名张山）\t张三\t张\t三\t张山\t\tsure\t张三"),
    "addresses": (
        "山东莱阳",
        "山东莱阳\t山东省\t烟台市\t莱阳市\t\t\t\t\t370682\t山东省烟台市莱阳市\t370682\t\tsure",
    ),
    "posts": ("退役大校", "退役大校\trank 大校 MR-04 retired sure\t"),
    "units": ("99999部队医院", "某部医院\t某部医院\thospital\tmasked\tdoubtful"),
}


def parse(capsys, tmp_path, raw, *words):
    file = tmp_path / "lines.txt"
    file.write_bytes(raw)
    code = main(["parse", *words[:1], str(file), *words[1:]])
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err


@pytest.mark.parametrize("kind", list(COLUMNS))
def test_each_line_gives_one_row_under_a_header(capsys, tmp_path, kind):
    line, row = LINES[kind]
    raw = f"{line}\r\n\n{line}".encode()
    code, out, _ = parse(capsys, tmp_path, raw, kind)
    assert code == 0 and out[0] == "\t".join(COLUMNS[kind])
    assert out[1] == out[3] == row and len(out) == 4
    assert all(len(one.split("\t")) == len(COLUMNS[kind]) for one in out)


def test_spans_serials_and_the_year_of_the_lines(capsys, tmp_path):
    raw = "1953.7—1956.3\n1953年7月至今\n不详\n同年8月\n19552\n".encode()
    _, out, _ = parse(capsys, tmp_path, raw, "dates", "--year", "1950", "--serial", "1900")
    rows = [dict(zip(COLUMNS["dates"], line.split("\t"), strict=True)) for line in out[1:]]
    assert [(row["value"], row["until"], row["open"]) for row in rows] == [
        ("1953-07", "1956-03", ""),
        ("1953-07", "", "open"),
        ("", "", ""),
        ("1950-08", "", ""),
        ("1953-07-12", "", ""),
    ]
    assert rows[0]["earliest"] == "1953-07-01" and rows[0]["latest"] == "1956-03-31"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_old_encodings_are_read_without_being_told(capsys, tmp_path, encoding):
    raw = "一九五三年七月\n".encode(encoding)
    assert "1953-07" in parse(capsys, tmp_path, raw, "dates")[1][1]
    big = "民國三十七年\n".encode("big5")
    assert "\t1948\t" in parse(capsys, tmp_path, big, "dates", "--encoding", "big5")[1][1]


def test_json_is_one_object_a_line(capsys, tmp_path):
    _, out, _ = parse(capsys, tmp_path, "53.7\n不详\n".encode(), "dates", "--json")
    rows = [json.loads(line) for line in out]
    assert rows[0]["value"] == "1953-07" and rows[1]["value"] == "" and len(rows) == 2


def test_a_cell_never_breaks_its_row(capsys, tmp_path):
    _, out, _ = parse(
        capsys, tmp_path, "a\tb\x0bc\u2028d\n\xff\xfe".encode("latin-1", "replace"), "names"
    )
    assert all(len(line.split("\t")) == len(COLUMNS["names"]) for line in out)


def test_what_cannot_be_read_is_said(capsys, tmp_path):
    assert main(["parse", "dates", str(tmp_path / "none-such.txt")]) == 1
    assert "could not be opened" in capsys.readouterr().err
    code, _, err = parse(capsys, tmp_path, b"53.7\n", "dates", "--encoding", "klingon")
    assert code == 1 and "no such encoding" in err


PROBE = """
import sys
from rongdang.cli import main
code = main(sys.argv[1:])
print("django" in sys.modules, file=sys.stderr)
raise SystemExit(code)
"""


def test_it_needs_nothing_around_it_and_answers_line_by_line(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", PROBE, "parse", "dates"],
        cwd=empty,
        env={"PATH": "", "LC_ALL": "C"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    long = b"1" * 300_000 + b"\n"
    out, err = process.communicate("一九五三年七月\n".encode() + long + b"53.7\n", timeout=120)
    lines = out.decode().splitlines()
    assert process.returncode == 0 and err.decode().strip() == "False"
    assert len(lines) == 4 and "1953-07" in lines[1] and lines[3].startswith("53.7\t1953-07")
    assert list(empty.iterdir()) == []


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path):
    file = tmp_path / "many.txt"
    file.write_text("53.7\n" * 200_000)
    process = subprocess.Popen(
        [sys.executable, "-c", PROBE, "parse", "dates", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout.readline().startswith(b"original")
    process.stdout.close()
    err = process.stderr.read().decode()
    assert process.wait(timeout=120) == 0 and "Traceback" not in err
