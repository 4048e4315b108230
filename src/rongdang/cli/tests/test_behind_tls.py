"""The house behind its proxy (docs/operate/tls.md): what a proxy says counts, what anybody else says does not."""

import json

import pytest

ASKS = """
import http.client, json, socket, threading
import django; django.setup()
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import detail_of
from rongdang.cli import running

door = socket.create_server(("127.0.0.1", 0))
server = running._server(door)
threading.Thread(target=server.run, daemon=True).start()
told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9", "Remote-User": "root"}

def asks(method, host, body="", **more):
    line = http.client.HTTPConnection("127.0.0.1", door.getsockname()[1], timeout=60)
    line.request(method, "/login/", body, {"Host": host, **told, **more})
    answer = line.getresponse()
    answer.read()
    return answer

page = asks("GET", "archive.example.org")
cookie = page.headers["Set-Cookie"]
token = cookie.partition("=")[2].partition(";")[0]
form = {"Cookie": f"csrftoken={token}", "Content-Type": "application/x-www-form-urlencoded"}
scheme = "https" if "Secure" in cookie and page.headers["Strict-Transport-Security"] else "http"
form |= {"Origin": f"{scheme}://archive.example.org", "X-CSRFToken": token}
asks("POST", "archive.example.org", "username=nobody&password=wrong", **form)
entry = Entry.objects.filter(event="session:refuse").last()
print(json.dumps({
    "secure": "Secure" in cookie,
    "hidden": "SameSite=Lax" in cookie,
    "hsts": page.headers["Strict-Transport-Security"],
    "cache": page.headers["Cache-Control"],
    "from": detail_of(entry)["address"] if entry else "",
    "foreign": asks("GET", "elsewhere.example").status,
}))
"""


@pytest.mark.parametrize(
    ("proxy", "believed"), [("127.0.0.1", True), ("192.0.2.1", False)], ids=["proxy", "stranger"]
)
def test_what_the_proxy_says_is_believed_and_what_a_stranger_says_is_not(house, proxy, believed):
    code, said = house.python(
        ASKS, RONGDANG_HTTPS="yes", RONGDANG_HOSTS="archive.example.org", RONGDANG_PROXY=proxy
    )
    assert code == 0, said
    told = next(json.loads(line) for line in said.splitlines() if line.startswith("{"))
    assert told["secure"] and told["hidden"] and "no-store" in told["cache"]
    assert bool(told["hsts"]) == believed
    assert told["from"] == ("203.0.113.9" if believed else "127.0.0.1")
    assert told["foreign"] == 400
