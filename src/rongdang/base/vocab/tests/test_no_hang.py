"""No writing keeps a parser busy: patterns that go back over long texts took hours before."""

import subprocess
import sys

PROBE = """
from rongdang.base.vocab.addresses import parse_address
from rongdang.base.vocab.dates import parse_date
from rongdang.base.vocab.datespans import parse_span
from rongdang.base.vocab.idchecks import check_id
from rongdang.base.vocab.personnames import parse_name
from rongdang.base.vocab.posts import parse_posts
from rongdang.base.vocab.units import parse_unit

parsers = [parse_address, parse_date, parse_span, check_id, parse_name, parse_posts, parse_unit]
pieces = "1 一 1号 1- 第1 年 1年 ( 曾用名 · 同志 99部 9师 师 省 9A 1. ? 约 至 正 军 级 1级 村 路".split()
for piece in [*pieces, " ", "\\u3000", "\\t"]:
    for size, tail in ((58, "x"), (59, "部队"), (119, ")"), (199, "号"), (5000, "")):
        text = (piece * size)[: size - len(tail)] + tail
        for parse in parsers:
            parse(text)
        parse_address("山东省莱阳市" + text[6:])
print("done")
"""


def test_long_texts_of_one_piece_are_read_at_once():
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout.strip() == "done", done.stderr[-2000:]
