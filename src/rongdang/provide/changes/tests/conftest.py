"""A subscriber outside: a real server on the loopback that keeps what it is sent."""

import http.server
import threading

import pytest

from rongdang.base.hosts import services as hosts


class Outside:
    """What it was sent, in order; `answers` says what it replies next (200 when nothing is left)."""

    def __init__(self):
        self.taken, self.answers = [], []
        outside = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outside.answers.pop(0) if outside.answers else 200
                outside.taken.append((dict(self.headers), body, status))
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"http://127.0.0.1:{outside.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/changes?to=1"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def outside():
    one = Outside()
    yield one
    one.close()


@pytest.fixture
def allowed(outside, person_in, city):
    """The subscriber's machine, allowed by two officers."""
    named = hosts.propose(
        "127.0.0.1",
        outside.port,
        reason="市养老系统接收变更通知",
        acting_user=person_in("sys-9", "system", city),
    )
    return hosts.decide(named, agreed=True, acting_user=person_in("sec-9", "security", city))
