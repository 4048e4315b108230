"""serve and work as somebody at a terminal meets them: ready, refused, stopped, restarted."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from django.core.signals import request_started
from PIL import Image

from rongdang.capture.batches.models import Upload
from rongdang.capture.batches.trays import open_tray
from rongdang.cli import running
from rongdang.cli.tests.houses import House


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_ready(server):
    for line in server.stdout:
        if "ready" in line:
            return
    raise AssertionError("the server ended before it was ready")


def children(pid):
    answer = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True
    )
    return [int(word) for word in answer.stdout.split()]


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError("it never came about")


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "Z"


@pytest.fixture
def server(house):
    port = free_port()
    process = house.start("serve", "--port", port)
    until_ready(process)
    process.port = port
    yield process
    process.kill()
    process.wait()


def test_serves_restarts_its_worker_and_stops_without_leaving_anything(server):
    page = urllib.request.urlopen(f"http://127.0.0.1:{server.port}/login/").read().decode()
    assert "csrfmiddlewaretoken" in page
    [worker] = wait_for(lambda: children(server.pid))
    os.kill(worker, signal.SIGKILL)
    [second] = wait_for(lambda: [pid for pid in children(server.pid) if pid != worker])
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=60) == 0
    wait_for(lambda: gone(second))


def answers(port):
    with contextlib.suppress(OSError):
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=3).status == 200
    return False


def test_a_worker_whose_server_was_killed_leaves_the_port_and_ends_by_itself(server):
    [worker] = wait_for(lambda: children(server.pid))
    server.kill()
    server.wait()
    wait_for(lambda: gone(worker))
    with socket.socket() as next_one:
        next_one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        next_one.bind(("127.0.0.1", server.port))


def test_server_and_worker_answer_at_the_same_port(server):
    def without_the_server():
        """Stopped anew each time: stopped in the middle of a write it keeps the database from all."""
        os.kill(server.pid, signal.SIGSTOP)  # so that it is the worker who answers
        try:
            return answers(server.port)
        finally:
            os.kill(server.pid, signal.SIGCONT)

    wait_for(without_the_server)


def test_a_port_in_use_is_refused_before_anything_is_made(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        house = House(tmp_path / "house")
        process = house.start("serve", "--port", taken.getsockname()[1], "--demo")
        told = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "用不了" in told and "cannot be used" in told and "Traceback" not in told
    assert not (house.var / "rongdang.db").exists()


@pytest.mark.django_db
def test_the_worker_takes_in_what_lies_in_an_open_tray(settings, station, clerk):
    open_tray(station, declared=True, acting_user=clerk)
    tray = settings.WATCH_ROOT / station.code
    tray.mkdir(parents=True)
    Image.new("RGB", (80, 100), "white").save(tray / "a.jpg")
    os.utime(tray / "a.jpg", (time.time() - 60, time.time() - 60))
    running._watch_inbox()
    assert Upload.objects.get().name == "a.jpg"
    assert not (tray / "a.jpg").exists() and list(tray.rglob("a.jpg"))


@pytest.mark.parametrize(
    ("https", "proxy", "told"),
    [
        (False, "127.0.0.1", ("http", "127.0.0.1")),
        (True, "127.0.0.1", ("https", "203.0.113.9")),
        (True, "192.0.2.1", ("http", "127.0.0.1")),
    ],
)
def test_N04_only_the_proxy_of_the_settings_says_where_a_request_comes_from(
    settings, https, proxy, told
):
    seen = []

    def watch(environ, **_more):
        seen.append((environ["wsgi.url_scheme"], environ["REMOTE_ADDR"]))

    request_started.connect(watch)
    settings.SECURE_PROXY, settings.PROXY = https, proxy
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    server = running._server(door)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        asked = urllib.request.Request(
            f"http://127.0.0.1:{door.getsockname()[1]}/static/ui/base.css", headers=headers
        )
        with contextlib.suppress(urllib.error.HTTPError):  # whatever it answers
            urllib.request.urlopen(asked, timeout=60).close()
        assert seen == [told]
    finally:
        request_started.disconnect(watch)
        server.close()
        server.task_dispatcher.shutdown()
