"""For all tests: the ledger's fence is down, so that a test database can be emptied.

Transactional tests end by emptying every table, which the fence refuses. Tests of the fence ask
for `ledger_fence`, which puts it up inside their own transaction.
"""

# ruff: noqa: ANN001, ANN201, ARG001

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        _fence("lower_fence")


@pytest.fixture
def ledger_fence(db):
    """UPDATE and DELETE are refused on the log, as in production."""
    _fence("raise_fence")


def _fence(what: str) -> None:
    from django.db import connection

    if "ledger_entry" not in connection.introspection.table_names():
        return
    names = ["0002_fence", "0003_outside"]
    if what == "lower_fence":
        names.reverse()  # the function that refuses goes last
    with connection.cursor() as cursor:
        for name in names:
            migration = import_module(f"rongdang.base.ledger.migrations.{name}")
            getattr(migration, what)(
                None, SimpleNamespace(connection=connection, execute=cursor.execute)
            )
