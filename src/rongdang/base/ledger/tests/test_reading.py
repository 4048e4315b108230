"""Reads: each is on the log before it is answered, and those that come together share a commit."""

import threading

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from rongdang.base.ledger import reading
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import verify
from rongdang.base.ledger.reading import record_read
from rongdang.base.ledger.services import LedgerError, record


@pytest.mark.django_db(transaction=True)
def test_a_read_is_committed_when_the_call_returns():
    record_read("page:see", actor="a", subject="b")
    assert list(Entry.objects.values_list("event", "actor", "subject_id")) == [
        ("page:see", "a", "b")
    ]
    assert not connection.in_atomic_block


@pytest.mark.django_db
def test_inside_a_transaction_the_entry_goes_with_it():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record_read("page:see", actor="a", subject="b")
        raise ZeroDivisionError
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_readers_at_once_are_all_on_the_log_and_the_log_holds(tmp_path):
    failed = []

    def read(number):
        try:
            for part in range(5):
                record_read("page:see", actor=str(number), subject=str(part))
        except BaseException as error:
            failed.append(error)
        finally:
            if connection.vendor != "sqlite":
                connections.close_all()

    readers = [threading.Thread(target=read, args=(number,)) for number in range(6)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert not failed
    assert Entry.objects.count() == 30
    assert verify().ok


@pytest.mark.django_db(transaction=True)
def test_readers_who_wait_are_written_with_the_next_one():
    waiting = [
        reading._Read(reading.Draft(event="page:see", actor=str(n), subject="x")) for n in range(3)
    ]
    reading._queue.waiting.extend(waiting)
    with CaptureQueriesContext(connection) as captured:
        record_read("page:see", actor="3", subject="x")
    assert [read.done for read in waiting] == [True] * 3
    assert Entry.objects.count() == 4
    assert (
        sum(query["sql"].startswith(("COMMIT", 'INSERT INTO "ledger_entry"')) for query in captured)
        <= 2
    )


@pytest.mark.django_db(transaction=True)
def test_what_is_not_on_the_log_is_not_answered_and_nobody_waits_for_ever():
    other = reading._Read(reading.Draft(event="page:see", actor="a", subject="x"))
    reading._queue.waiting.append(other)
    with pytest.raises(LedgerError):
        record_read("nonsense", actor="a")
    assert isinstance(other.error, LedgerError) and not Entry.objects.exists()
    record_read("page:see", actor="a", subject="x")
    with transaction.atomic():
        record("page:turn", actor=None)
    assert Entry.objects.count() == 2 and verify().ok
