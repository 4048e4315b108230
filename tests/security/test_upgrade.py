"""An installation of the first days comes whole into the newest schema: nothing lost, all readable."""

import json
import os
import uuid
from pathlib import Path

import pytest
from django.db import connection

from rongdang.cli.tests.houses import House

ROOT = Path(__file__).parents[2]
LOOK = """
import json, sys
from pathlib import Path
import django; django.setup()
from django.db import connection
from django.test import Client
from django.urls import reverse
from tests.security import older
from rongdang.base.accounts import sessions
from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.columns import rewriting
from rongdang.base.jobs.models import Job
from rongdang.base.ledger import auditing
from rongdang.describe.casefiles.verifying import verify_all
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject

written = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
client = Client(SERVER_NAME="127.0.0.1")
came = client.post(reverse("login"), {"username": "zhou", "password": older.PASSWORD})

def finds(words):
    return client.get(reverse("search:results"), {"q": words}).content.decode()

def in_the_clear():
    held = []
    for column in rewriting._all():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT "{column.field.column}" FROM "{column.model._meta.db_table}"')
            said = str(cursor.fetchall())
        held += [column.name for word in (older.NUMBER, older.WORDS[1], "原件") if word in said]
    return held

report = auditing.examine()
print(json.dumps({
    "differences": older.differences(written),
    "ledger": [report.report.ok, len(report.report.faults)],
    "whole": found.to_text() if not (found := verify_all(read_objects=True)).ok else "",
    "misplaced": list(rewriting.misplaced()),
    "clear": in_the_clear(),
    "came": came.status_code,
    "roles": [User.objects.get(username="zhou").may(Permission.CASEFILE_SEE)],
    "intact": [sessions.is_intact(user) for user in User.objects.all()],
    "person": older.NAME in finds("林长河"),
    "pinyin": older.NAME in finds("lch"),
    "page": "三连战士" in finds("三连战士") and "X002-RS·JX-00001" in finds("三连战士"),
    "nothing": "X002-RS·JX-00001" in finds("四连战士"),
    "bytes": [len(objects.read(one)) == one.size for one in StoredObject.objects.all()],
    "dead": list(Job.objects.filter(state="dead").values_list("path", "error")),
}))
"""


@pytest.fixture
def database():
    """What a process of its own needs to reach an empty database of the kind this run is on."""
    if connection.vendor == "sqlite":
        yield {}
        return
    import psycopg

    told = connection.settings_dict
    reach = {"host": told["HOST"], "user": told["USER"], "dbname": "postgres"}
    reach |= {"password": told["PASSWORD"], "port": told["PORT"]}
    name = f"older_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(**{k: v for k, v in reach.items() if v}, autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        passed = {k: v for k, v in os.environ.items() if k.startswith("RONGDANG_D")}
        yield {**passed, "RONGDANG_DB_NAME": name}
        line.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_installation_of_the_first_days_comes_whole_into_the_newest(tmp_path, database):
    house, written = House(tmp_path), tmp_path / "written.json"
    here = {**database, "PYTHONPATH": str(ROOT)}
    code, said = house.python(
        "import sys; from tests.security import older; older.main(sys.argv[1])", written, **here
    )
    assert code == 0, said
    code, said = house.rongdang("migrate", **here)
    assert code == 0, said
    as_it_should_be(look(house, written, here))
    code, said = house.rongdang(
        "work", "--once", **here
    )  # relatives are looked for, pages read anew
    assert code == 0, said
    as_it_should_be(look(house, written, here) | {"differences": []})  # what is worked at changes


def look(house, written, here):
    code, said = house.python(LOOK, written, **here)
    assert code == 0, said
    told = json.loads(said.splitlines()[-1])
    assert isinstance(told, dict)
    return told


# What an upgrade writes on purpose: nothing else may differ.
CHANGED = {"accounts.User": {"last_login"}}


def as_it_should_be(told):
    different = [
        (label, pk, name)
        for label, pk, name in told.pop("differences")
        if name not in CHANGED.get(label, ())
    ]
    assert different == []
    assert told.pop("ledger") == [True, 0]
    assert told.pop("whole") == "" and told.pop("misplaced") == told.pop("clear") == []
    assert told.pop("came") == 302 and all(told.pop("roles")) and all(told.pop("intact"))
    assert told.pop("person") and told.pop("pinyin") and told.pop("page")
    assert not told.pop("nothing") and all(told.pop("bytes")) and told.pop("dead") == []
    assert told == {}
