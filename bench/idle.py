"""Processes and memory of a house in which nothing happens.

    make bench NAME=idle

Starts `rongdang serve` in a folder of its own, has a few pages asked for, gives it a page to read so that
the OCR engine is loaded, waits until the engine is let go, and reads PSS of every process from /proc.
"""

import argparse
import contextlib
import http.client
import io
import signal
import time
from pathlib import Path

from pages import login, serve
from table import Report, house, tree


def pss(pid):
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def a_page():
    import numpy as np
    from PIL import Image

    sheet = np.full((1400, 1000, 3), 240, np.uint8)
    for line in range(12):  # something like writing, or the page is blank and no engine is asked
        for sign in range(20):
            y, x = 100 + line * 90, 100 + sign * 40
            sheet[y : y + 26, x : x + 4] = sheet[y + 12 : y + 16, x : x + 26] = 30
    out = io.BytesIO()
    Image.fromarray(sheet).save(out, "JPEG")
    return out.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8182)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = house()
    from django.db import connections
    from filled import fill

    clerk, _names = fill(5, units=(1, 2))
    from rongdang.base.jobs.models import Job
    from rongdang.base.orgs.models import Unit
    from rongdang.capture.batches import services

    def hand_in():
        batch = services.open_batch(unit=Unit.objects.order_by("path").last(), acting_user=clerk, source="bench", declared=True)
        data = a_page()
        services.receive_file(batch, name="1.jpg", data=io.BytesIO(data), size=len(data), acting_user=clerk)
        services.close_batch(batch, acting_user=clerk)

    server = serve(options.port)
    report = Report("idle")
    try:
        cookie = login(options.port)
        for path in ("/", "/people/", "/search/?q=%E7%8E%8B", "/batches/"):
            connection = http.client.HTTPConnection("127.0.0.1", options.port, timeout=60)
            connection.request("GET", path, headers={"Cookie": cookie})
            connection.getresponse().read()
        time.sleep(3)
        before = tree(server.pid)
        report.add("processes before any scan", len(before), most=2)
        report.add("PSS of all before any scan", sum(map(pss, before)), "MiB", most=350)
        hand_in()
        most, alive, end = 0.0, 0, time.monotonic() + 300
        while time.monotonic() < end:
            members = tree(server.pid)
            alive = max(alive, len(members))
            try:
                most = max(most, *(pss(pid) for pid in members))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                pass
            waiting = Job.objects.filter(state__in=["ready", "running"]).exists()
            connections.close_all()
            if alive > 2 and len(members) <= 2 and not waiting:
                break
            time.sleep(1)
        report.add("processes while a page is read", alive)
        report.add("PSS of the largest while a page is read", most, "MiB")
        after = tree(server.pid)
        report.add("processes when the engine is let go", len(after), most=2)
        report.add("PSS of all when the engine is let go", sum(map(pss, after)), "MiB", most=350)
        for pid in after:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            report.add(f"  {' '.join(words[1:5])}"[:60], pss(pid), "MiB")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
    folder.cleanup()
    return report.show(options.json)


if __name__ == "__main__":
    raise SystemExit(main())
