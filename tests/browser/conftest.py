"""A house of its own for the walks: one server process, one browser, every page watched for faults.

Without Debian's chromium these tests stay out, and the last lines of the run say so.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = "没有 chromium，浏览器测试没有跑（apt-get install chromium） / no chromium: browser tests were left out"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"]


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if shutil.which("chromium") is None:
                item.add_marker(pytest.mark.skip(reason=LEFT_OUT))


def pytest_terminal_summary(terminalreporter):
    if shutil.which("chromium") is None:
        terminalreporter.write_line(LEFT_OUT)


def _environment(folder):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RONGDANG_")}
    return kept | {
        "RONGDANG_VAR": str(folder / "var"),
        "RONGDANG_OCR": "null",
        "RONGDANG_WORKERS": "1",
        "RONGDANG_SECOND_CHECK_PERCENT": "0",
        "RONGDANG_SECOND_FACTOR": "ask",
        "RONGDANG_IDLE_MINUTES": "60",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT / "src"),
    }


def _run(environment, *command):
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def _free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class House:
    """Address of the running server, and ids of what the seed has put into it."""

    def __init__(self, address, made):
        self.address, self.made = address, made

    def __getitem__(self, key):
        return self.made[key]


@pytest.fixture(scope="package")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    environment = _environment(folder)
    _run(environment, "-m", "rongdang", "migrate")
    made = json.loads(_run(environment, "tests/browser/seed.py").splitlines()[-1])
    port = _free_port()
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "rongdang", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/login/", server, folder / "server.log")
        yield House(address, made)
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=20)
        server.kill()


def _wait_for(url, server, log):
    for _try in range(300):
        assert server.poll() is None, log.read_text()[-4000:]
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text()[-4000:])


@pytest.fixture(scope="package")
def chromium():
    """Ended with the walks: while it runs, Django takes the whole process for an async one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        yield browser
        browser.close()


class Watch:
    """What a page must never do: ask another host, break the policy, fail in a script or a request."""

    def __init__(self, page, address):
        self.faults, self.allowed, self.address = [], set(), address
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)

    def allow(self, *statuses):
        """Answers the test provokes on purpose."""
        self.allowed |= set(statuses)

    def _console(self, message):
        refused = (
            "Failed to load resource" in message.text
        )  # said again by _response, with its status
        if message.type in ("error", "warning") and not refused:
            self.faults.append(f"console: {message.text}")

    def _request(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"another host: {request.url}")

    def _response(self, response):
        if response.status >= 400 and response.status not in self.allowed:
            self.faults.append(f"{response.status} {response.url}")


@pytest.fixture(scope="package")
def sessions():
    """Cookies of each account, so that a walk need not log in again."""
    return {}


@pytest.fixture
def visit(house, chromium, sessions):
    """visit("zhoumin", width=1440, script=True) → a page of that person, logged in and watched."""
    contexts, watches = [], []

    def start(username="", *, width=1440, height=900, script=True, language="zh-CN"):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            locale=language,
            reduced_motion="reduce",
            base_url=house.address,
            storage_state=sessions.get(username) or None,
        )
        context.set_default_timeout(15000)
        contexts.append(context)
        page = context.new_page()
        page.watch = Watch(page, house.address)
        watches.append(page.watch)
        if username and username not in sessions:
            login(page, username, house["password"])
            sessions[username] = context.storage_state()
        return page

    yield start
    for context in contexts:
        context.close()
    assert not [fault for watch in watches for fault in watch.faults]


def login(page, username, password):
    page.goto("/login/")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("form.card button")
    page.wait_for_url(lambda url: not url.endswith("/login/"))
    if page.url.endswith("/login/factor/"):
        page.get_by_role("button", name="先不设").click()
    page.wait_for_url(lambda url: "/login/" not in url)
