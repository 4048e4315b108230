"""A database that is really full or read-only: the browser's act is refused whole, in words, and taken later."""

import json

ACTS = """
import json
import django
django.setup()
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from rongdang.base.accounts.services import assign_role, create_user
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.services import create_unit
from rongdang.capture.batches.models import Batch

settings.ALLOWED_HOSTS = ["testserver"]
unit = create_unit(code="9900", name="梧桐市军休中心", parent=None, acting_user=None, fonds="X001")
clerk = create_user(username="zhou", display_name="周", password="correct horse 42", acting_user=None)
assign_role(user=clerk, role="clerk", unit=unit, acting_user=None)
client = Client(headers={"Accept": "application/json"})
client.force_login(clerk)

def pragma(name, value):
    connection.cursor().execute(f"PRAGMA {name} = {value}")

def opened():
    note = "三月接收" * 40
    body = {"unit": "9900", "declared": "on", "note": note}
    answer = client.post(reverse("batches:new"), body)
    return [answer.status_code, answer.json().get("code"), answer.json().get("message", "")]

def counted():
    opened = Entry.objects.filter(event="batch:open").count()
    return [Batch.objects.count(), opened]

told = {}
pragma("max_page_count", connection.cursor().execute("PRAGMA page_count").fetchone()[0])
answers = []
while not answers or (answers[-1][0] == 200 and len(answers) < 300):
    answers.append(opened())
told["full"], told["held"] = answers[-1], [len(answers) - 1, counted()]
pragma("max_page_count", 1 << 30)
pragma("query_only", "ON")
told["shut"] = opened()
told["seen"] = client.get(reverse("batches:list")).status_code
pragma("query_only", "OFF")
told["later"] = [opened()[0], counted()]
print(json.dumps(told))
"""


def test_an_act_on_a_database_that_takes_nothing_is_refused_whole_and_taken_later(house):
    code, said = house.python(ACTS)
    assert code == 0, said
    [line] = [line for line in said.splitlines() if line.startswith("{")]
    told = json.loads(line)
    assert told["full"][:2] == [507, "disk-full"] and "磁盘满了" in told["full"][2]
    assert told["shut"][:2] == [507, "read-only"] and "只能读" in told["shut"][2]
    held, counted = told["held"]
    assert counted == [held, held]  # what was opened before stands, of the refused one nothing
    assert told["seen"] == 200  # what is there can be read
    assert told["later"] == [200, [held + 1, held + 1]]
    code, said = house.rongdang("verify", "--json")
    assert code == 0, said
