"""A page from the store to pixels with the mark: warm (sized already for somebody) and cold (from the store).

    make bench NAME=shown                  120 pages of A4 at 300 dpi, 900 pixels wide as the desk asks
    make bench NAME=shown ARGS="--pages 20"

The pages are real scans, brought to 2480 × 3508 and stored encrypted in a house of their own. Each look has
another minute in its mark, so the words are drawn anew every time. Wall and CPU milliseconds.
"""

import argparse
import datetime as dt
import io
import time
from pathlib import Path

from table import Report, house, p95, shared

PAGES = ("exam_tables.jpg", "form_seal_skew.jpg", "redhead_p1.jpg", "redhead_p2.jpg", "table_recognition.jpg")


def scans(count):
    """Different files of A4 at 300 dpi, as JPEG of quality 85."""
    import cv2
    import numpy as np

    folder: Path = shared() / "scans"
    pages = [cv2.resize(cv2.imread(str(folder / name)), (2480, 3508), interpolation=cv2.INTER_CUBIC) for name in PAGES]
    for number in range(count):
        page = np.roll(pages[number % len(pages)], number * 7, axis=0)
        yield cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


def timed(act):
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pages", type=int, default=120)
    options.add_argument("--width", type=int, default=900)
    options.add_argument("--json", action="store_true")
    options = options.parse_args()
    house()
    import cv2

    cv2.setNumThreads(1)
    from rongdang.base.pagemark import Mark, marked
    from rongdang.capture.imaging.shown import sized_image
    from rongdang.keep.objects import services as objects
    from rongdang.web import shown

    stored = [objects.put(io.BytesIO(data), "image/jpeg") for data in scans(options.pages)]
    start = dt.datetime(2026, 11, 25, 8, 0)
    minute = iter(range(10**6))

    def look(one):
        mark = Mark("李建国 lijg", start + dt.timedelta(minutes=next(minute)), "整理著录")
        shown.page_answer(one, width=options.width, mark=mark)

    first = timed(lambda: look(stored[0]))  # the faces are loaded, new figures drawn
    shown.held.clear()
    cold = [timed(lambda one=one: look(one)) for one in stored]
    # What is held at once is bounded: the pages looked at last are warm.
    warm = [timed(lambda one=one: look(one)) for one in stored[-20:] * 6]
    page = sized_image(objects.read(stored[0]), width=options.width)
    mark = Mark("李建国 lijg", start, "整理著录")
    marking = [timed(lambda: marked(page, mark))[1] for _ in range(40)]

    report = Report("shown")
    report.add("first page of a process", first[0], "ms")
    report.add("cold: from the store, p95", p95([wall for wall, _cpu in cold]), "ms", most=350)
    report.add("cold: CPU, p95", p95([cpu for _wall, cpu in cold]), "CPU-ms")
    report.add("warm: sized already, p95", p95([wall for wall, _cpu in warm]), "ms", most=150)
    report.add("warm: CPU, p95", p95([cpu for _wall, cpu in warm]), "CPU-ms")
    report.add(f"the mark alone at {options.width} pixels, p95", p95(marking), "CPU-ms", most=10)
    report.show(options.json)


if __name__ == "__main__":
    main()
