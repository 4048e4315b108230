"""Deskew error on real scans, and CPU-seconds of the whole clean-up of an A4 300 dpi colour page."""
import os, statistics, sys, time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import cv2
import numpy as np

from rongdang.capture.imaging.crop import paper_colour
from rongdang.capture.imaging.deskew import find_skew, rotate
from rongdang.capture.imaging.page import clean_page

ANGLES = (0.1, -0.3, 0.5, -1, 1.7, -3, 4.2, -7, 9.5, -12, 15)
PAGES = ("certificate_green.png", "exam_tables.jpg", "form_seal_skew.jpg", "hw_letter.png",
         "redhead_p1.jpg", "redhead_p2.jpg", "table_cells.png", "table_recognition.jpg",
         "table_scan_blue.png", "timetable_marks.png", "typeset_old_p1.jpg", "vertical_trad.jpg")
shared = Path(os.environ.get("RONGDANG_SHARED", Path(__file__).parents[2] / "shared" / "data"))


def deskew():
    every, used = [], []
    for name in PAGES:
        bgr = cv2.imread(str(shared / "scans" / name))
        start = find_skew(bgr)
        errors = []
        for angle in ANGLES:
            began = time.process_time()
            found = find_skew(rotate(bgr, angle, paper_colour(bgr)))
            used.append(time.process_time() - began)
            errors.append(abs(found - start + angle))
        every += errors
        print(f"  {name:26} start {start:6.2f}  median {np.median(errors):.3f}  max {max(errors):.3f}")
    print(f"deskew: n {len(every)}  median {np.median(every):.3f}  p95 {np.percentile(every, 95):.3f}"
          f"  max {max(every):.3f}  within 0.1 {np.mean(np.array(every) <= 0.1):.0%}"
          f"  CPU-s {statistics.median(used):.3f} (with the turning)")


def whole():
    for name in ("redhead_p1.jpg", "form_seal_skew.jpg", "table_recognition.jpg"):
        bgr = cv2.imread(str(shared / "scans" / name))
        wide = bgr.shape[1] > bgr.shape[0]
        bgr = cv2.resize(bgr, (3508, 2480) if wide else (2480, 3508), interpolation=cv2.INTER_CUBIC)
        clean_page(bgr, 300)
        used = []
        for _ in range(5):
            began = time.process_time()
            page = clean_page(bgr, 300)
            used.append(time.process_time() - began)
        print(f"clean_page {name:24} {statistics.median(used):.3f} CPU-s  turn {page.rotation}"
              f"  skew {page.skew:.2f}  {page.quality}")


if not (shared / "scans").is_dir():
    sys.exit(f"no scans in {shared}")
deskew()
whole()
