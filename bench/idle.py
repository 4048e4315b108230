"""Processes and memory of a house in which nothing happens.

    make bench NAME=idle

Starts `rongdang serve` in a folder of its own, has a few pages asked for, and reads PSS of every process from
/proc: once the jobs of filling the house are done and their reader is gone; after some seconds of load on list,
search and person pages by four connections; and after a page was read, when the OCR engine is let go.
"""

import argparse
import http.client
import io
import signal
import time
from pathlib import Path

from pages import load, login, opened, serve
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


def settled(server):
    """Wait until no job is left and no reader lives; (most processes seen, largest PSS of one of them in MiB)."""
    from django.db import connections
    from rongdang.base.jobs.models import Job

    alive, most, end = 0, 0.0, time.monotonic() + 300
    while time.monotonic() < end:
        members = tree(server.pid)
        alive = max(alive, len(members))
        try:
            most = max(most, *map(pss, members))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            pass
        waiting = Job.objects.filter(state__in=["ready", "running"]).exists()
        connections.close_all()
        if len(members) <= 2 and not waiting:
            break
        time.sleep(1)
    return alive, most


def tell(report, server, when):
    """Number and PSS of the processes, and of each."""
    members = tree(server.pid)
    report.add(f"processes {when}", len(members), most=2)
    report.add(f"PSS of all {when}", sum(map(pss, members)), "MiB", most=350)
    for pid in members:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        report.add(f"  {' '.join(words[1:5])}"[:60], pss(pid), "MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=6, help="of load, for each kind of page")
    parser.add_argument("--port", type=int, default=8182)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = house()
    from django.db import connections
    from filled import fill
    from pages import addresses_of

    clerk, names = fill(options.people, units=(1, 2))
    from rongdang.base.orgs.models import Unit
    from rongdang.capture.batches import services
    from rongdang.describe.people.models import Person

    chosen = list(Person.objects.values_list("pk", flat=True)[:100])
    opened(clerk, chosen)
    addresses = addresses_of(chosen, names)

    def hand_in():
        batch = services.open_batch(unit=Unit.objects.order_by("path").last(), acting_user=clerk, source="bench", declared=True)
        data = a_page()
        services.receive_file(batch, name="1.jpg", data=io.BytesIO(data), size=len(data), acting_user=clerk)
        services.close_batch(batch, acting_user=clerk)
        connections.close_all()

    connections.close_all()
    server = serve(options.port)
    report = Report("idle")
    try:
        cookie = login(options.port)
        for path in ("/", "/people/", "/search/?q=%E7%8E%8B", "/batches/"):
            connection = http.client.HTTPConnection("127.0.0.1", options.port, timeout=60)
            connection.request("GET", path, headers={"Cookie": cookie})
            connection.getresponse().read()
        time.sleep(3)
        settled(server)
        tell(report, server, "just started")
        bad = sum(load(options.port, cookie, pages, connections=4, seconds=options.seconds)[1] for pages in addresses.values())
        report.add("answers that were not 200", bad, most=0)
        settled(server)
        tell(report, server, "after load")
        hand_in()
        time.sleep(2)
        alive, most = settled(server)
        report.add("processes while a page is read", alive)
        report.add("PSS of the largest while a page is read", most, "MiB")
        tell(report, server, "when the engine is let go")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
    folder.cleanup()
    return report.show(options.json)


if __name__ == "__main__":
    raise SystemExit(main())
