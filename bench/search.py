"""Full text at size: recall, precision and latency on generated pages, embedded and encrypted.

    make bench NAME=search ARGS="--pages 500000"

Every tenth page is kept in memory and searched plainly: what the index gives of these pages must be what
the plain search gives. Latency is of the first 10 hits; of count and facets, where said. Times are CPU time
of the asking process (the engine runs inside it), so that other work on the machine does not count; p95 by
the clock is told beside it. The database is the product's own (SQLCipher), in a folder that is thrown away.
"""

import argparse
import os
import random
import statistics
import time
import uuid

from table import Report, house, p95

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何林罗高"
GIVEN = "伟芳娜敏静强磊军洋勇艳杰涛明超霞平刚桂英华建国志海山河林春生"
WORDS = (
    "某部三连 战士 班长 排长 连长 参加 战斗 表现 勇敢 任务 完成 工作 积极 学习 训练 立功 授奖 嘉奖 组织 同志 认真 负责 团结 "
    "群众 干部 登记 审查 批准 意见 单位 政治 思想 作风 生活 检查 总结 优点 缺点 努力 方向 年度 鉴定 入伍 入党 转业 退休 移交 安置"
).split()
UNITS = [f"0001.{a:04d}.{b:04d}" for a in range(1, 21) for b in range(1, 21)]
CLASSES = ("1", "2", "3", "4-1", "6", "7", "9-1", "9-2")
LEVEL = "基本"


def page(rng):
    name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2))))
    lines = [name, f"{rng.randint(1940, 1999)}年{rng.randint(1, 12)}月"]
    for _ in range(rng.randint(12, 20)):
        lines.append("".join(rng.choices(WORDS, k=rng.randint(6, 14))))
    return name, "\n".join(lines)


def fill(count):
    """Pages in the index and their rows beside it; every tenth (path, class, canonical text) is kept."""
    from django.db import connection, transaction
    from rongdang.provide.search import bigrams
    from rongdang.provide.search.engines import fts5
    from rongdang.provide.search.ports import PAGES

    rng, kept, names, row = random.Random(5), {}, [], 0
    nobody = uuid.uuid4().hex
    while row < count:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            documents = []
            for _ in range(min(2_000, count - row)):
                row += 1
                name, text = page(rng)
                path, category, year = (
                    rng.choice(UNITS),
                    rng.choice(CLASSES),
                    str(rng.randint(1950, 1999)),
                )
                scope = bigrams.scope_tokens(path, category=category, year=year)
                canonical = bigrams.canonical(text)
                fts5.add(PAGES, row, canonical, scope)
                documents.append(
                    (row, "p", uuid.uuid4().hex, nobody, None, path, LEVEL, category, year)
                )
                if row % 10 == 0:
                    kept[row] = (path, canonical)
                if len(names) < 3000:
                    names.append(name)
            cursor.executemany(
                "INSERT INTO search_document(id, kind, ref, person_id, item_id, scope, level, category, year) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                documents,
            )
    return kept, names


def ask(queries, kept, unit_for):
    """Times of the first hits and of the counts, and how the answers compare with a plain search."""
    from rongdang.describe.access.sight import Sight
    from rongdang.provide.search import bigrams
    from rongdang.provide.search.matching import Question, match, tally

    first, by_clock, count, right, truth, wrong = [], [], [], 0, 0, 0
    for query in queries:
        unit = unit_for(query)
        asked = Question(bigrams.phrases(query), Sight({"0001": (LEVEL,)}), unit)
        clock, start = time.perf_counter(), time.process_time()
        match(asked, limit=11)
        first.append((time.process_time() - start) * 1000)
        by_clock.append((time.perf_counter() - clock) * 1000)
        start = time.process_time()
        tally(asked, ("scope", "category", "year"), limit=20_000)
        count.append((time.process_time() - start) * 1000)
        found = set(match(asked, limit=10_000_000))
        real = {
            row
            for row, (path, text) in kept.items()
            if path.startswith(unit) and asked.phrases[0] in text
        }
        right, truth = right + len(real & found), truth + len(real)
        wrong += sum(row in kept and row not in real for row in found)
    return {
        "first": first,
        "clock": by_clock,
        "count": count,
        "recall": right / truth if truth else None,
        "wrong": wrong,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = house()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
    report, cpu = Report("search"), time.process_time()
    kept, names = fill(options.pages)
    report.add("pages", options.pages)
    report.add("put into the index", options.pages / (time.process_time() - cpu), "pages/CPU-s")
    rng = random.Random(7)

    def everywhere(_query):
        return ""

    def in_a_unit(_query):
        return rng.choice(UNITS)

    two = [name for name in dict.fromkeys(names) if len(name) == 2][:60]
    three = [name for name in dict.fromkeys(names) if len(name) == 3][:60]
    phrase = [a + b for a, b in zip(WORDS[1:40], WORDS[7:46], strict=True)]
    classes = {
        "2-character name": (two, everywhere, 5),
        "3-character name": (three, everywhere, None),
        "phrase of 4 or more, in a unit": (phrase, in_a_unit, 20),
        "phrase of 4 or more, everywhere": (phrase, everywhere, None),
        "year and month beside Chinese": (
            [f"{y}年{m}月" for y in range(1950, 1970) for m in (3, 11)],
            everywhere,
            None,
        ),
        "part of a year (53年7月)": (
            [f"{y}年{m}月" for y in range(50, 70) for m in (3, 7)],
            everywhere,
            None,
        ),
        "one character": (list("疑伟霞海桂"), everywhere, None),
        "one character, in a unit": (list("疑伟霞海桂战三"), in_a_unit, None),
        "nothing to be found": ([name + "丿" for name in two[:40]], everywhere, None),
    }
    for label, (queries, unit_for, most) in classes.items():
        got = ask(queries, kept, unit_for)
        report.add(f"{label}: first hits, p50", statistics.median(got["first"]), "ms")
        report.add(f"{label}: first hits, p95", p95(got["first"]), "ms", most=most)
        report.add(f"{label}: first hits, p95 by the clock", p95(got["clock"]), "ms")
        report.add(f"{label}: count and facets, p95", p95(got["count"]), "ms")
        if got["recall"] is not None:
            report.add(f"{label}: recall", got["recall"], least=1.0)
        report.add(f"{label}: wrong hits", got["wrong"], most=0)
    size = os.path.getsize(os.path.join(folder.name, "rongdang.db"))
    report.add("index and rows", size / options.pages / 1024, "KB/page")
    return report.show(options.json)


if __name__ == "__main__":
    raise SystemExit(main())
