"""Error and cost of reading real scans, page by page: images with a .txt beside them.

    python bench/ocr.py [--scans DIR] [--engine rapid] [--again N] [--show] [NAME ...]

Each page goes through `read_page` as in the product: clean-up, reading, encoding. CPU-seconds are of
this process, one thread; the first reading of a page includes what the runtime does once per size.
"""
import argparse, os, sys, time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import resource

from rongdang.capture.batches.page_reading import read_page
from rongdang.capture.ocr.measure import error_of, mistakes, normalise
from rongdang.capture.ocr.ports import shared_engine

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--scans", type=Path, default=Path(os.environ.get("RONGDANG_SHARED", Path(__file__).parents[2] / "shared" / "data")) / "scans")
parser.add_argument("--engine", default="rapid")
parser.add_argument("--again", type=int, default=1, help="readings of each page after the first; the last one counts")
parser.add_argument("--show", action="store_true", help="print the text")
parser.add_argument("names", nargs="*")
asked = parser.parse_args()


def seconds(job):
    began = time.process_time()
    made = job()
    return made, time.process_time() - began


pages = [p for p in sorted(asked.scans.glob("*.txt")) if not asked.names or p.stem in asked.names]
if not pages:
    sys.exit(f"no transcribed scans in {asked.scans}")
engine = shared_engine(asked.engine)
wrong = length = 0
costs = []
print(f"{'page':24} {'chars':>6} {'error %':>8} {'first':>7} {'again':>7}  CPU-s   lines cells marks seals")
for truth_file in pages:
    image = next(p for p in truth_file.parent.glob(f"{truth_file.stem}.*") if p.suffix != ".txt")
    truth, data = truth_file.read_text(encoding="utf-8"), image.read_bytes()
    readings, first = seconds(lambda: read_page(data, engine))
    again = first
    for _ in range(asked.again):
        readings, again = seconds(lambda: read_page(data, engine))
    text = "\n".join(reading.layer.text for reading in readings)
    bad, total = mistakes(text, truth)
    wrong, length = wrong + bad, length + total
    costs.append(again)
    layers = [r.layer for r in readings]
    counts = [sum(len(getattr(layer, what)) for layer in layers) for what in ("lines", "cells", "marks", "seals")]
    print(f"{truth_file.stem:24} {total:6} {100 * bad / total:8.2f} {first:7.2f} {again:7.2f}          {counts}")
    if asked.show:
        print(text)
        for line in truth.splitlines():
            if mistakes(text, line)[0]:
                print("   ✗", mistakes(text, line)[0], line)
print(f"{'all':24} {length:6} {100 * wrong / length:8.2f} {'':7} {sum(costs) / len(costs):7.2f}   "
      f"{engine.identity}; {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB at most")
