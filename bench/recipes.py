"""A recipe at work: a million invented rows of twenty columns profiled, proposed and applied, in CPU-seconds."""

import random
import sys
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from table import Report

from rongdang.base.vocab import codes, ids
from rongdang.capture.sources.applying import Taken, apply, compiled
from rongdang.capture.sources.port import SourceRow
from rongdang.capture.sources.recipes import Recipe, Take

ROWS, PART = 1_000_000, 50_000
TAKES = {
    "XM": "姓名", "XB": "性别", "MZ": "民族", "CSRQ": "出生日期", "SFZH": "公民身份号码", "JG": "籍贯",
    "CSD": "出生地", "RWSJ": "入伍日期", "GZSJ": "参加工作日期", "RDSJ": "入党日期", "ZZMM": "政治面貌",
    "WHCD": "文化程度", "JX": "军衔", "ZW": "职务", "ZWDJ": "职务等级", "BZB": "部职别", "JXLB": "军休类别",
    "LTXSJ": "离退休日期", "DH": "联系电话",
}  # fmt: skip
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "国建华志明德福文玉春长永海山河平安宁忠义学军民生"


def rows(first, count, seed):
    """Rows as an old system writes them: codes, eight digits, partial dates in words, some blanks."""
    chance = random.Random(seed + first)
    peoples = [row for row in codes.words("ethnic") if not row.endswith("族")]
    ranks, grades = codes.words("rank"), codes.words("post_grade")
    places = [f"甲乙省{a}{b}县" for a in GIVEN for b in GIVEN]
    posts = [f"{grade}{word}" for grade in grades for word in ("参谋", "干事", "主任", "教员", "工程师", "军医")]
    day = date(1920, 1, 1)
    for number in range(first, first + count):
        birth = day + timedelta(days=chance.randrange(15_000))
        joined = birth + timedelta(days=6_600 + chance.randrange(1_500))
        first17 = f"990101{birth:%Y%m%d}{chance.randrange(1000):03d}"
        yield SourceRow(number, (
            f"A{number:07d}",
            chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(("", *GIVEN)),
            chance.choice("12"), chance.choice(peoples), f"{birth:%Y%m%d}",
            first17 + ids.check_digit(first17), chance.choice(places), chance.choice(places),
            f"{joined.year}年{joined.month}月", f"{joined:%Y.%m}", f"{joined.year + 2}-{joined.month:02d}-01",
            chance.choice(("中共党员", "群众", "党员", "")), chance.choice(("高中", "初中", "大专", "高小", "无")),
            chance.choice(ranks), chance.choice(posts), chance.choice(grades), f"第{number % 900}仓库",
            chance.choice(("离休", "退休")), f"{joined.year + 40}.{joined.month}", f"13{chance.randrange(10**9):09d}",
        ))  # fmt: skip


def recipe():
    takes = tuple(Take(field, (column,), values={"1": "男", "2": "女"} if column == "XB" else {}) for column, field in TAKES.items())
    return Recipe("人员", ("RYBH",), takes, nothing=("无", "不详"))


def main():
    report = Report("recipes")
    plan = compiled(recipe(), ("RYBH", *TAKES))
    spent, taken = 0.0, 0
    for first in range(1, ROWS, PART):
        part = list(rows(first, PART, 7))
        begun = time.process_time()
        taken += sum(isinstance(apply(plan, row), Taken) for row in part)
        spent += time.process_time() - begun
    report.add("rows taken of a million", taken, "", least=ROWS)
    report.add("1,000,000 rows of 20 columns applied", spent, "CPU-s", most=250)
    return report.show("--json" in sys.argv)


if __name__ == "__main__":
    raise SystemExit(main())
