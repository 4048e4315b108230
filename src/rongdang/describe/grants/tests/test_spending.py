"""What leaves the house is counted: never once more than was granted, however many come at once."""

import json
import os
import subprocess
import sys

import pytest
from django.db import IntegrityError, connection, transaction

from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.refusals import alarmed
from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.services import LedgerError
from rongdang.describe.grants import services
from rongdang.describe.grants.models import Allowance
from rongdang.describe.grants.spending import check_leaves, leave, may_leave
from rongdang.describe.grants.tests import racing


@alarmed
@transaction.atomic
def go_out(user, case_file, action="print"):
    return leave(user, case_file, action)


@pytest.mark.django_db
def test_N40_beyond_the_count_nothing_goes_out_and_the_officers_know(given, leader, case_file):
    grant = given(prints=2, exports=1)
    for _ in range(2):
        assert may_leave(leader, case_file, "print")
        assert go_out(leader, case_file) == grant
    assert not may_leave(leader, case_file, "print")
    for _ in range(2):
        with pytest.raises(DomainError) as refused:
            go_out(leader, case_file)
        assert refused.value.code == "grant-used-up"
    assert go_out(leader, case_file, "export") == grant
    used = dict(grant.allowances.values_list("action", "used"))
    assert used == {"see": 0, "print": 2, "export": 1}
    alarm = Alarm.objects.get(kind="grant-exceeded")
    assert (alarm.about, alarm.times) == (leader, 2)
    assert Entry.objects.filter(event="grant:use").count() == 3


@pytest.mark.django_db
def test_what_was_not_granted_does_not_go_out_and_raises_no_alarm(given, leader, case_file):
    given()
    for act in (go_out, check_leaves):
        with pytest.raises(DomainError) as refused:
            act(leader, case_file, "print")
        assert refused.value.code == "not-permitted"
    assert not Alarm.objects.exists()


@pytest.mark.django_db
def test_what_ended_or_was_taken_back_lets_nothing_out(given, leader, guard, case_file):
    grant = given(prints=5)
    services.withdraw(grant, why="任务已结束", acting_user=guard)
    with pytest.raises(DomainError):
        go_out(leader, case_file)
    assert Allowance.objects.get(grant=grant, action="print").used == 0


@pytest.mark.django_db
def test_the_grant_that_ends_first_is_used_first(given, leader, case_file):
    late, soon = given(prints=1, days=9), given(prints=1, days=1)
    assert [go_out(leader, case_file), go_out(leader, case_file)] == [soon, late]


@pytest.mark.django_db
def test_whose_work_it_is_needs_no_grant(clerk, reviewer, case_file):
    assert go_out(clerk, case_file) is None
    assert go_out(reviewer, case_file, "export") is None
    with pytest.raises(DomainError):
        go_out(clerk, case_file, "export")


@pytest.mark.django_db
def test_a_count_goes_with_the_transaction_of_what_it_counts(given, leader, case_file):
    grant = given(prints=1)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        leave(leader, case_file, "print")
        raise ZeroDivisionError
    assert grant.allowances.get(action="print").used == 0
    assert go_out(leader, case_file) == grant


@pytest.mark.django_db(transaction=True)
def test_nothing_is_counted_outside_a_transaction(given, leader, case_file):
    given(prints=1)
    with pytest.raises(LedgerError):
        leave(leader, case_file, "print")


@pytest.mark.django_db
def test_the_database_itself_lets_no_count_pass_what_is_allowed(given):
    grant = given(prints=1)
    rows = Allowance.objects.filter(grant=grant, action="print")
    for change in ({"used": 2}, {"allowed": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


def _own_process(tmp_path):
    """SQLite in memory is one connection; a race needs a file and many."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("RONGDANG_")}
    env |= {"DJANGO_SETTINGS_MODULE": "rongdang.config.settings", "RONGDANG_VAR": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-m", racing.__name__], env=env, capture_output=True, check=True
    )
    return json.loads(told.stdout)


@pytest.mark.django_db(transaction=True)
def test_N19_of_fifty_at_once_exactly_one_decision_and_exactly_as_many_prints_as_granted(tmp_path):
    here = connection.vendor == "postgresql"
    told = racing.both(*racing.world()) if here else _own_process(tmp_path)
    assert told == {
        "decisions": [""] + ["grant-decided"] * 49,
        "prints": [""] * 20 + ["grant-used-up"] * 30,
        "used": 20,
        "given": 1,
        "entries": 20,
        "covered": 1,
        "alarm": 1,
        "log": True,
    }
