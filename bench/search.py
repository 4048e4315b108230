"""Full text at size: recall and latency of names, phrases and dates on generated pages.

    make bench NAME=search ARGS="--pages 500000"

Prints the median and p95 in milliseconds for each class of question, and recall against a plain scan
of the same pages. The database is the product's own (encrypted), made in a folder that is thrown away.
"""

import argparse
import os
import random
import statistics
import tempfile
import time

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何林罗高"
GIVEN = "伟芳娜敏静强磊军洋勇艳杰涛明超霞平刚桂英华建国志海山河林春生"
WORDS = ("某部三连 战士 班长 排长 连长 参加 战斗 表现 勇敢 任务 完成 工作 积极 学习 训练 立功 授奖 嘉奖 组织 同志 认真 负责 团结 "
         "群众 干部 登记 审查 批准 意见 单位 政治 思想 作风 生活 检查 总结 优点 缺点 努力 方向 年度 鉴定 入伍 入党 转业 退休 移交 安置").split()
UNITS = [f"0001.{a:04d}.{b:04d}" for a in range(1, 21) for b in range(1, 21)]


def page(rng):
    name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2))))
    lines = [name, f"{rng.randint(1940, 1999)}年{rng.randint(1, 12)}月"]
    for _ in range(rng.randint(12, 20)):
        lines.append("".join(rng.choices(WORDS, k=rng.randint(6, 14))))
    return name, "\n".join(lines)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--pages", type=int, default=50_000)
    options = options.parse_args()
    folder = tempfile.TemporaryDirectory()
    os.environ.update(RONGDANG_VAR=folder.name, DJANGO_SETTINGS_MODULE="rongdang.config.settings")
    import django
    django.setup()
    from django.db import connection, transaction
    from rongdang.provide.search import bigrams
    from rongdang.provide.search.engines import fts5
    with connection.cursor() as cursor:
        cursor.execute(fts5.CREATE)
    rng = random.Random(5)
    bodies, names, started = {}, [], time.perf_counter()
    row = 0
    while row < options.pages:
        with transaction.atomic():
            for _ in range(2_000):
                row += 1
                name, text = page(rng)
                path = rng.choice(UNITS)
                scope = bigrams.scope_tokens(path, level="基本", category="1", year="1962", kind="p")
                fts5.add(row, bigrams.joined(bigrams.tokens(text)), bigrams.joined(scope))
                if row % 10 == 0:
                    bodies[row] = (path, "\n".join(bigrams.runs(text)))
                if len(names) < 3000:
                    names.append(name)
    built = time.perf_counter() - started
    print(f"{options.pages} pages in {built:.0f} s ({options.pages / built:.0f} pages/s, tokens included)")
    everywhere = [[[bigrams.unit_token("0001")], [bigrams.level_token("基本")], ["kp"]]]
    classes = {
        "2-character name": [n for n in dict.fromkeys(names) if len(n) == 2][:40],
        "3-character name": [n for n in dict.fromkeys(names) if len(n) == 3][:40],
        "single character": list("疑伟霞海桂")[:5],
        "year beside Chinese": [f"{year}年{month}月" for year in range(1950, 1970) for month in (3, 11)],
        "phrase of 4": [a + b for a, b in zip(WORDS[1:20], WORDS[7:26], strict=True)],
    }
    print(f"{'class':22}{'p50 ms':>9}{'p95 ms':>9}{'in a unit p95':>15}{'recall':>9}{'false':>7}")
    for label, queries in classes.items():
        times, unit_times, hit, truth, false = [], [], 0, 0, 0
        for query in queries:
            phrases = [bigrams.phrase_tokens(part) for part in bigrams.phrases(query)]
            start = time.perf_counter()
            fts5.match(phrases, everywhere, limit=1001)
            times.append((time.perf_counter() - start) * 1000)
            unit = rng.choice(UNITS)
            start = time.perf_counter()
            found = set(fts5.match(phrases, [[*everywhere[0], [bigrams.unit_token(unit)]]], limit=1_000_000))
            unit_times.append((time.perf_counter() - start) * 1000)
            part = bigrams.phrases(query)[0]
            right = {r for r, (path, body) in bodies.items() if path == unit and part in body}
            hit, truth = hit + len(right & found), truth + len(right)
            false += len({r for r in found if r in bodies and r not in right})
        p95 = lambda values: sorted(values)[max(0, round(len(values) * 0.95) - 1)]
        recall = f"{hit / truth:.3f}" if truth else "-"
        print(f"{label:22}{statistics.median(times):9.2f}{p95(times):9.2f}{p95(unit_times):15.2f}{recall:>9}{false:7d}")
    size = os.path.getsize(os.path.join(folder.name, "rongdang.db"))
    print(f"database {size / 2**20:.0f} MB, {size / options.pages / 1024:.2f} KB a page")


if __name__ == "__main__":
    main()
