"""Another Rongdang as a source: its own API over HTTP, a token, pages, and answers that lead elsewhere."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from rongdang.base.accounts import tokens
from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors import node
from rongdang.capture.sources.connectors.addresses import Address
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.people.services import create_person


def connector(port, token, **more):
    address = Address("rongdang", "127.0.0.1", port, secret=token, tls=False)
    return node.NodeConnector(address, "127.0.0.1", **more)


def test_the_register_and_the_changes_come_page_by_page(
    transactional_db, live_server, station, clerk
):
    for name in ("林长河", "赵小兰", "王建国", "孙桂英", "周淑珍"):
        open_case_file(create_person(unit=station, name=name, acting_user=clerk), acting_user=clerk)
    made = tokens.make(
        clerk, name="另一处", scopes=("people", "changes"), days=1, acting_user=clerk
    )
    other = connector(live_server.thread.port, made[1], per_page=2)
    assert [one.name for one in other.tables()] == ["people", "changes"]
    rows = list(other.rows("people"))
    names = [row.cells[1] for row in rows]
    assert sorted(names) == sorted(("林长河", "赵小兰", "王建国", "孙桂英", "周淑珍"))
    assert [row.number for row in other.rows("people", after=3)] == [4, 5]
    changes = list(other.rows("changes"))
    assert len({row.cells[0] for row in changes}) == len(changes) >= 5


def test_a_token_that_opens_nothing_is_refused_in_words(transactional_db, live_server):
    with pytest.raises(DomainError) as refusal:
        connector(live_server.thread.port, "rdt_wrong").tables()
    assert refusal.value.code == "source-unreachable" and "rdt_wrong" not in str(refusal.value)


@pytest.mark.parametrize("answer", [302, 500, "no json", "cut"])
def test_redirects_and_nonsense_are_refused_and_the_token_goes_nowhere_else(answer):
    elsewhere = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/elsewhere"):
                elsewhere.append(self.headers.get("Authorization"))
            if answer == "cut":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
                return
            self.send_response(answer if isinstance(answer, int) else 200)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_words):
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(DomainError) as refusal:
            next(connector(server.server_port, "rdt_x").rows("people"))
        assert refusal.value.code == "source-unreachable" and not elsewhere
    finally:
        server.shutdown()
        server.server_close()
