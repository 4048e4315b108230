"""What two cores of a machine give together: the bound of every figure that divides work.

    python bench/cores.py

A thing is done by one process alone, then by two at once, each doing the whole of it; the clock of the slower
counts, starting and loading left out. 100 % is two cores that share nothing; what is missing there, no division
of work can give back. Two virtual cores are often one of silicon, and share its cache and memory in any case.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from table import Report

LOOP = """
def act():
    n = 0
    for i in range(20_000_000):
        n += i & 3
"""
# The pure part of a page, no database and no disk: decoded, cleaned, read.
PAGE = """
from pathlib import Path
from rongdang.capture.batches.page_reading import read_page
from rongdang.capture.ocr.ports import shared_engine
data, engine = Path({page!r}).read_bytes(), shared_engine("rapid")
read_page(data, engine, dpi=300)
def act():
    for turn in range(4):
        read_page(data, engine, dpi=300)
"""
# Both begin when both are loaded: each says so, and waits for a line.
TIMED = """
import sys, time
print(flush=True)
sys.stdin.readline()
start = time.perf_counter()
act()
print(time.perf_counter() - start, flush=True)
"""


def seconds(code, processes):
    """By the clock, of the slowest of so many that do it at the same time."""
    running = [subprocess.Popen([sys.executable, "-c", code + TIMED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
               for _ in range(processes)]
    for one in running:
        one.stdout.readline()
    for one in running:
        one.stdin.write("\n")
        one.stdin.flush()
    took = [float(one.stdout.readline()) for one in running]
    for one in running:
        one.communicate()
    return max(took)


def together(code):
    """Of the speed of two cores that share nothing, in per cent; alone before and after, the faster counts."""
    first, both, again = (seconds(code, count) for count in (1, 2, 1))
    return min(first, again) / both * 100


def allowed(report, page):
    """Rows of what the machine allows, for plain Python and for reading this page (JPEG)."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        Path(file.name).write_bytes(page)
        report.add("machine: a plain Python loop in two processes at once", together(LOOP), "%")
        report.add("machine: a page read in two processes, no database", together(PAGE.format(page=file.name)), "%")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    from line import pages_of

    report = Report("cores")
    allowed(report, pages_of(8)[7][0])
    return report.show(options.json)


if __name__ == "__main__":
    raise SystemExit(main())
