"""The log of a house on a disk, read by two processes at once."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection, transaction

from rongdang.base.ledger import queries, services

pytestmark = pytest.mark.django_db
SCRIPT = """
import json, os, django
django.setup()
from rongdang.base.ledger import queries
from rongdang.base.ledger.parts import Cut
begun = []
os.register_at_fork(after_in_parent=lambda: begun.append(1))
if os.environ.get("DIE"):
    os.register_at_fork(after_in_child=lambda: os._exit(9))
report = queries.verify(cut=Cut(16, 2))
print(json.dumps([len(begun), report.size, report.root.hex(), [f.seq for f in report.faults]]))
"""


def read(house, **more):
    settings = house.settings
    there = {
        "DJANGO_SETTINGS_MODULE": "rongdang.config.settings",
        "RONGDANG_VAR": str(settings.VAR_DIR),
        "RONGDANG_KEYS": str(settings.KEY_DIR),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **there, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_processes_find_what_one_finds_and_one_that_dies_is_replaced(house):
    with transaction.atomic():
        services.record_many(
            [services.Draft(event="a:b", actor=None, detail={"n": n}) for n in range(200)]
        )
        services.sign_head()
    size, root = queries.size(), queries.root_at().hex()
    assert read(house) == [1, size, root, []] == read(house, DIE="yes")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute("UPDATE ledger_entry SET actor = 'x' WHERE seq IN (9, 170)")
    assert read(house) == [1, size, root, [9, 170]]
