"""A table of an old system to facts: a CSV of 20 columns and an XLSX, read in the cage and recorded in one run.

    make bench NAME=sources ARGS="--rows 1000000 --xlsx 100000"
    dev/postgresql-tests .venv/bin/python bench/sources.py --rows 1000000

Invented people, each row one of them: name, ID number, birth, sex, nation, native place, units, posts, dates.
Time is by the clock from starting the run to its end, with the CPU time of the writer and of its children
beside it; memory is the peak of the writer and of the caged reader. Then the same file again: nothing may
change. `--index` also works off the index jobs that follow and tells what they took.
"""

import argparse
import csv
import os
import random
import resource
import tempfile
import time
from pathlib import Path

from table import Report, house

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何林罗高梁郑谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆汪范金石廖贾韦夏付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
GIVEN = "伟芳娜敏静强磊军洋勇艳杰涛明超霞平刚桂英华建国志海山河林春生德福贵有才长远守信立功卫东文武祥瑞宝成永清"
PLACES = ("梧桐省银杏市", "梧桐省白桦县", "松柏省柳树市", "松柏省槐树县")
COLUMNS = (
    ("工号", None), ("姓名", "姓名"), ("身份证号", "公民身份号码"), ("性别", "性别"), ("民族", "民族"),
    ("出生日期", "出生日期"), ("籍贯", "籍贯"), ("出生地", "出生地"), ("入伍时间", "入伍日期"), ("参加工作时间", "参加工作日期"),
    ("政治面貌", "政治面貌"), ("入党时间", "入党日期"), ("文化程度", "文化程度"), ("婚姻状况", "婚姻状况"), ("健康状况", "健康状况"),
    ("住址", "现住址"), ("联系电话", "联系电话"), ("军休类别", "军休类别"), ("配偶", "配偶"), ("曾用名", "曾用名"),
)


def person(rng, number):
    from rongdang.base.vocab.ids import check_digit

    name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))
    year, month, day = rng.randint(1925, 1965), rng.randint(1, 12), rng.randint(1, 28)
    male = rng.random() < 0.9
    first = f"990101{year}{month:02}{day:02}{(number % 500) * 2 + male:03}"
    return (
        f"{number:08}", name, first + check_digit(first), "男" if male else "女", rng.choice(("汉族", "汉族", "汉族", "回族", "满族")),
        f"{year}.{month}.{day}", rng.choice(PLACES), rng.choice(PLACES), f"{year + 18}年{(joined := rng.randint(1, 12))}月", f"{year + 18}-{joined:02}",
        rng.choice(("中共党员", "群众")), f"{year + 22}.{rng.randint(1, 12):02}", rng.choice(("高中", "大学本科", "初中", "中专")),
        rng.choice(("已婚", "丧偶")), rng.choice(("健康", "一般")), f"{rng.choice(PLACES)}第{rng.randint(1, 300)}号", f"139{rng.randint(0, 99999999):08}",
        "离休干部" if year + 18 < 1949 else "退休干部", rng.choice(SURNAMES) + rng.choice(GIVEN), "",
    )


def rows(count, seed=7):
    rng = random.Random(seed)
    yield tuple(name for name, _field in COLUMNS)
    for number in range(count):
        yield person(rng, number)


def write_csv(path, count):
    with open(path, "w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(rows(count))


def write_xlsx(path, count):
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        for at, row in enumerate(rows(count)):
            sheet.write_row(at, 0, row)


def recipe(table):
    from rongdang.base.vocab.fields import is_known
    from rongdang.capture.sources.recipe_text import to_text
    from rongdang.capture.sources.recipes import Recipe, Take

    takes = tuple(Take(field, (name,)) for name, field in COLUMNS if field and is_known(field))
    taken = {take.columns[0] for take in takes}
    left = tuple(name for name, _field in COLUMNS if name not in taken and name != "工号")
    return to_text(Recipe(table, ("工号",), takes, leave=left)), len(takes)


def used():
    """CPU seconds of this process and of the children it waited for; peak of its memory in MiB."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime, own.ru_maxrss / 1024


def reading(report, label, path, unit, clerk, *, most, count):
    """One run of the file, told; the source."""
    from rongdang.capture.sources import running, services
    from rongdang.describe.statements.services import make_source

    source = make_source(unit=unit, name=label, kind="table", acting_user=clerk)
    text, fields = recipe(path.stem)
    version = services.save_recipe(source, text, why="", acting_user=clerk)
    with path.open("rb") as stream:
        delivery = services.deliver(source, [(path.name, stream)], table=path.stem, acting_user=clerk)
    clock, (cpu, _children, _memory) = time.monotonic(), used()
    run = running.read_on(services.start(delivery, version, acting_user=clerk).pk)
    seconds, (after, _children, memory) = time.monotonic() - clock, used()
    counts = run.counts
    report.add(f"{label}: rows of {fields} fields recorded", counts.get("new", 0), least=count * 0.999)
    report.add(f"{label}: by the clock", seconds, "s", most=most)
    report.add(f"{label}: CPU of the writer", after - cpu, "s")
    report.add(f"{label}: CPU of the writer a row", (after - cpu) / count * 1e6, "µs")
    report.add(f"{label}: refused", counts.get("refused", 0))
    report.add(f"{label}: peak memory of the writer", memory, "MiB", most=1024)
    clock = time.monotonic()
    again = running.read_on(services.start(delivery, version, acting_user=clerk).pk)
    report.add(f"{label}: again, rows changed", again.counts.get("new", 0) + again.counts.get("changed", 0), most=0)
    report.add(f"{label}: again, by the clock", time.monotonic() - clock, "s")
    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--xlsx", type=int, default=0)
    parser.add_argument("--profile", action="store_true", help="what the writer spends its time on")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = house()
    from django.db import connection, connections
    from rongdang.base.accounts.services import assign_role, create_user
    from rongdang.base.orgs.services import create_unit

    unit = create_unit(code="990001", name="梧桐里军休所", parent=None, acting_user=None, fonds="X001")
    clerk = create_user(username="zhou", display_name="周", password="correct horse 42", acting_user=None)
    assign_role(user=clerk, role="clerk", unit=unit, acting_user=None)
    embedded = connection.vendor == "sqlite"
    report = Report("sources")
    report.add("load of the machine at the start", os.getloadavg()[0])
    with tempfile.TemporaryDirectory() as place:
        if options.rows:
            path = Path(place) / "roster.csv"
            write_csv(path, options.rows)
            report.add("CSV", path.stat().st_size / 2**20, "MiB")
            most = (900 if embedded else 360) * options.rows / 1e6
            whole = lambda: reading(report, "csv", path, unit, clerk, most=most, count=options.rows)  # noqa: E731
            profiled(whole) if options.profile else whole()
        if options.xlsx:
            path = Path(place) / "名册.xlsx"
            write_xlsx(path, options.xlsx)
            reading(report, "xlsx", path, unit, clerk, most=40 * options.xlsx / 1e5, count=options.xlsx)
    if embedded:
        report.add("database", (Path(os.environ["RONGDANG_VAR"]) / "rongdang.db").stat().st_size / 2**20, "MiB")
    connections.close_all()
    folder.cleanup()
    return report.show(options.json)


def profiled(act):
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(act)
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    raise SystemExit(main())
