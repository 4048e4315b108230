"""Reading tables of old systems, without storing anything: rows a second and memory, through the cage.

    .venv/bin/python bench/tables_in.py [--rows 1000000]

CPU seconds are those of the child that reads the file and of the parent that takes its rows.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from table import Report

from rongdang.capture.sources.connectors.opening import open_table
from rongdang.capture.sources.connectors.tests.dbf_files import dbf

ROW = (
    "张建国",
    "男",
    "汉族",
    "1953-07-01",
    "99010119530701001X",
    "退休",
    "某市某区某路1号",
    "",
    "备注",
    "1971-12",
) * 2
FIELDS = [
    ("姓名", "C", 12, 0),
    ("性别", "C", 2, 0),
    ("出生", "D", 8, 0),
    ("工资", "N", 8, 2),
    ("住址", "C", 40, 0),
    ("身份证", "C", 18, 0),
]


def write_csv(path, rows, encoding, *, quoted=False):
    line = ",".join(f'"{one}"' if quoted else one for one in ROW[1:])
    with path.open("w", encoding=encoding) as out:
        out.write(",".join(f"列名{n}" for n in range(len(ROW))) + "\n")
        out.writelines(f"张{n},{line}\n" for n in range(rows))


def write_xlsx(path, rows):
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("名册")
    sheet.write_row(0, 0, [f"列名{n}" for n in range(len(ROW))])
    for n in range(rows):
        sheet.write_row(n + 1, 0, (f"张{n}", *ROW[1:-1]))
        sheet.write_number(n + 1, len(ROW) - 1, n)
    book.close()


def spent(pid):
    """(CPU seconds, peak of resident MB) of a process, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    status = Path(f"/proc/{pid}/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) // 1024
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak


def children(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def measured(path, report, rows, least=None):
    """One file through the cage: looked at and read; the slower of the two processes is the pace."""
    connector = open_table(path)
    begun, cpu = time.monotonic(), time.process_time()
    info = connector.tables()[0]
    looked = spent(children(children(os.getpid())[0])[0])[0]
    found = sum(1 for _ in connector.rows(info.name))
    wall, own = time.monotonic() - begun, time.process_time() - cpu
    child, peak = spent(children(children(os.getpid())[0])[0])
    connector.close()
    assert found == rows, (path, found)
    report.add(
        f"{path.name}: rows a CPU second of the slower process",
        rows / max(own, child - looked),
        least=least,
    )
    report.add(f"{path.name}: looked at and read, CPU of both", own + child, "s")
    report.add(f"{path.name}: the same by the clock", wall, "s")
    report.add(f"{path.name}: memory of the child at most", peak, "MB")


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    rows, report = given.rows, Report("tables_in")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        write_csv(made / "utf-8.csv", rows, "utf-8")
        measured(made / "utf-8.csv", report, rows, least=150_000)
        write_csv(made / "gb18030.csv", rows, "gb18030")
        measured(made / "gb18030.csv", report, rows, least=150_000)
        write_csv(made / "quoted.csv", rows // 4, "gb18030", quoted=True)
        measured(made / "quoted.csv", report, rows // 4)
        write_xlsx(made / "large.xlsx", rows // 10)
        measured(made / "large.xlsx", report, rows // 10)
        cells = ("张建国", "男", "19530701", " 1234.50", "第一干休所3号楼", "99010119530701001X")
        (made / "pay.dbf").write_bytes(dbf(FIELDS, [cells] * (rows // 10)))
        measured(made / "pay.dbf", report, rows // 10)
    report.show(given.json)


if __name__ == "__main__":
    main()
