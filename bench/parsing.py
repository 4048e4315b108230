"""The parsers of the data standard: how many of the checked forms they read right, and what one call costs."""

import random
import sys
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from table import Report

from rongdang.base.vocab.addresses import parse_address
from rongdang.base.vocab.dates import parse_date
from rongdang.base.vocab.datespans import parse_span
from rongdang.base.vocab.idchecks import check_id
from rongdang.base.vocab.ids import check_digit
from rongdang.base.vocab.personnames import parse_name
from rongdang.base.vocab.posts import parse_posts
from rongdang.base.vocab.tests.test_dates_measured import got, rows, score, wanted
from rongdang.base.vocab.units import parse_unit

CHANCE = random.Random(11)
FIGURES = "〇一二三四五六七八九"
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴", "明国建华伟强军平文志德生云龙"


def each(parse, texts):
    """Microseconds of CPU for one call, every text once, after one call to load the tables."""
    parse(texts[0])
    begun = time.process_time()
    for text in texts:
        parse(text)
    return (time.process_time() - begun) / len(texts) * 1e6


def numbers(count):
    """Numbers of an area that was never issued."""
    for _ in range(count):
        born = date(1915, 1, 1) + timedelta(days=CHANCE.randrange(20_000))
        first = f"990101{born:%Y%m%d}{CHANCE.randrange(1, 900):03d}"
        yield first + check_digit(first)


def main():
    report = Report("parsing")
    for half, name in ((1, "tuned on"), (0, "held back")):
        pairs = [(wanted(row), got(row[0])) for n, row in enumerate(rows(), 1) if n % 2 == half]
        right, wrong, unmarked = score(pairs)
        report.add(f"dates, {name}: right of {right + wrong}", 100 * right / (right + wrong), "%", least=99.5)
        report.add(f"dates, {name}: wrong without a doubt mark", unmarked, "", most=0)
    days = [date(1915, 1, 1) + timedelta(days=n) for n in range(30_000)]
    iso = [day.isoformat() for day in days]
    report.add("date, ISO, first time", each(parse_date, iso), "µs", most=2)
    report.add("date, ISO, again", each(parse_date, iso), "µs", most=2)
    report.add("date, 1953.7.12, first time", each(parse_date, [f"{d.year}.{d.month}.{d.day}" for d in days]), "µs")
    words = ["".join(FIGURES[int(c)] for c in str(d.year)) + f"年{d.month}月{d.day}日" for d in days[:10_000]]
    report.add("date, in words, first time", each(parse_date, words), "µs")
    report.add("date, in words, again", each(parse_date, words), "µs")
    spans = [f"{d.year}.{d.month}—{d.year + 3}.{d.month}" for d in days[:6000:3]]
    report.add("span", each(parse_span, spans), "µs")
    names = [CHANCE.choice(SURNAMES) + "".join(CHANCE.choices(GIVEN, k=2)) for _ in range(20_000)]
    report.add("name", each(parse_name, names), "µs")
    report.add("name with a former one", each(parse_name, [f"{n}（曾用名{n[::-1]}）" for n in names[:5000]]), "µs")
    report.add("ID number checked", each(check_id, list(numbers(10_000))), "µs")
    report.add("address", each(parse_address, ["山东省烟台市莱阳市沐浴店镇前村12号", "山东莱阳", "四川渠县临巴乡"] * 500), "µs")
    report.add("post", each(parse_posts, ["正团职", "原正团职参谋、上校", "技术九级"] * 500), "µs")
    report.add("unit", each(parse_unit, ["荣光市军队离退休干部第一休养所", "荣光市第一干休所"] * 500), "µs")
    return report.show("--json" in sys.argv)


if __name__ == "__main__":
    raise SystemExit(main())
