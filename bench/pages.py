"""Pages over real HTTP, as `rongdang serve` serves them, at 20,000 files and 4 connections.

    make bench NAME=pages                      the rival's setting: 20,000 files, 4 connections
    make bench NAME=pages ARGS="--people 100000 --seconds 5"
    make bench NAME=pages ARGS="--house /tmp/filled"      filled the first time, kept, used again the next time

List, search and person pages in turn: requests a second, p50, p95, the server's CPU time a request, and the
number of queries for few and for many rows. Every page is of another place of the list, another word,
another person. The load comes from a process of its own on the same machine.
"""

import argparse
import http.client
import multiprocessing
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
import urllib.parse
from datetime import timedelta

from filled import PASSWORD, fill, some_ids
from table import Report, house, p95, tree

BESIDE_SECONDS = 6  # until the second process answers too


def login(port):
    """Session cookie of the clerk, by the login page itself."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/login/")
    answer = connection.getresponse()
    page, cookies = answer.read().decode(), answer.headers.get_all("Set-Cookie")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    jar = "; ".join(cookie.split(";")[0] for cookie in cookies)
    body = urllib.parse.urlencode({"username": "zhou", "password": PASSWORD, "csrfmiddlewaretoken": token, "next": "/"})
    headers = {"Cookie": jar, "Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1:{port}/login/"}
    connection.request("POST", "/login/", body, headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 302:
        raise SystemExit(f"login failed: {answer.status}")
    return "; ".join(cookie.split(";")[0] for cookie in answer.headers.get_all("Set-Cookie"))


def one_connection(port, cookie, addresses, seconds, results):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took, number, end, bad = [], 0, time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        start = time.perf_counter()
        connection.request("GET", addresses[number % len(addresses)], headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        took.append((time.perf_counter() - start) * 1000)
        bad += answer.status != 200
        number += 1
    results.put((took, bad))


def load(port, cookie, addresses, *, connections, seconds):
    results = multiprocessing.Queue()
    parts = [addresses[n::connections] or addresses for n in range(connections)]
    workers = [multiprocessing.Process(target=one_connection, args=(port, cookie, part, seconds, results)) for part in parts]
    for worker in workers:
        worker.start()
    answers = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    return [t for took, _bad in answers for t in took], sum(bad for _took, bad in answers)


def cpu_of(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_of_all(pid):
    """Of both processes that answer; what ended meanwhile is not counted."""
    return sum(cpu_of(each) for each in tree(pid))


def serve(port):
    server = subprocess.Popen([sys.executable, "-m", "rongdang", "serve", "--port", str(port)], stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if "ready" in line:
            return server
    raise SystemExit("the server did not start")


def filled(people):
    """(the clerk, names) of the house as it was kept, or of `people` put into an empty one."""
    from rongdang.base.accounts.models import User
    from rongdang.describe.people.models import Person

    if not Person.objects.exists():
        return fill(people)
    return User.objects.get(username="zhou"), list(Person.objects.order_by("pk").values_list("name", flat=True))


def addresses_of(people, names):
    from rongdang.describe.casefiles.models import CaseFile

    rng = random.Random(4)
    places = list(CaseFile.objects.order_by("?").values_list("scope", "number")[:200])
    two = [name for name in dict.fromkeys(names) if len(name) == 2]
    three = [name for name in dict.fromkeys(names) if len(name) == 3]
    words = rng.sample(two, min(60, len(two))) + rng.sample(three, min(60, len(three)))
    words += [f"{rng.randint(1940, 1999)}年{rng.randint(1, 12)}月" for _ in range(60)]
    words += [name + "丿" for name in two[:20]]
    rng.shuffle(words)
    quote = urllib.parse.quote
    return {
        "list page": [f"/people/?after={quote(f'{scope}|{number}')}" for scope, number in places],
        "search page": [f"/search/?q={quote(word)}" for word in words],
        "person page": [f"/people/{pk}/" for pk in people],
    }


def opened(clerk, people):
    """The files are open already, as in the middle of a working day; the rate alarm is not what is measured."""
    from django.utils import timezone
    from rongdang.describe.access.models import Opening
    from rongdang.describe.casefiles.models import CaseFile

    until = timezone.now() + timedelta(hours=4)
    files = CaseFile.objects.filter(person__in=people)
    Opening.objects.bulk_create(Opening(user=clerk, case_file=file, purpose="keep", until=until) for file in files)


def queries_of(clerk, addresses):
    """Queries of one page, through the whole of Django but without the network."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(clerk)
    counts = {}
    for label, pages in addresses.items():
        seen = set()
        for page in pages[:12]:
            with CaptureQueriesContext(connection, ) as captured:
                client.get(page)
            seen.add(len(captured))
        counts[label] = seen
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--port", type=int, default=8181)
    parser.add_argument("--house", default="", help="folder of a filled house to use again; filled if it is empty")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = house(options.house, RONGDANG_WORKERS="1")
    start = time.process_time()
    clerk, names = filled(options.people)
    from rongdang.describe.people.models import Person
    from rongdang.provide.search.services import tidy_index

    chosen = some_ids(Person, 200)
    opened(clerk, chosen)
    tidy_index()  # as the worker does every hour
    addresses = addresses_of(chosen, names)
    report = Report("pages")
    report.add("files", len(names))
    report.add("filled in", time.process_time() - start, "CPU-s")
    counts = queries_of(clerk, addresses)
    from django.db import connections

    connections.close_all()
    server = serve(options.port)
    try:
        cookie = login(options.port)
        time.sleep(BESIDE_SECONDS)
        for label, pages in addresses.items():
            load(options.port, cookie, pages, connections=options.connections, seconds=1)
            used = cpu_of_all(server.pid)
            took, bad = load(options.port, cookie, pages, connections=options.connections, seconds=options.seconds)
            used = cpu_of_all(server.pid) - used
            at = f"{label}, {options.connections} connections"
            ours = label != "person page"
            report.add(f"{at}: requests a second", len(took) / options.seconds, "/s", least=100 if ours else None)
            report.add(f"{at}: p50", statistics.median(took), "ms")
            report.add(f"{at}: p95", p95(took), "ms", most=60 if ours else None)
            report.add(f"{label}: server CPU a request", used / len(took) * 1000, "ms")
            alone, more = load(options.port, cookie, pages, connections=1, seconds=min(4, options.seconds))
            report.add(f"{label}, 1 connection: p95 server time", p95(alone), "ms", most=60)
            report.add(f"{label}: answers that were not 200", bad + more, most=0)
            report.add(f"{label}: queries, most", max(counts[label]))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
    if folder is not None:
        folder.cleanup()
    return report.show(options.json)


if __name__ == "__main__":
    raise SystemExit(main())
