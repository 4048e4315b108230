"""Heads in the audit officer's file: a log rewritten whole, or a whole database rolled back, is found."""

import json

import pytest

from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError
from rongdang.base.ledger import auditing, merkle, outside_file, queries, rollback, services
from rongdang.base.ledger.anchoring import anchor
from rongdang.base.ledger.models import Attestation, Detail, Entry, Head, Node

pytestmark = pytest.mark.django_db


def kept(path):
    return [json.loads(row) for row in path.read_text().splitlines()]


def test_each_head_is_a_line_that_proves_it_continues_the_one_before(fill, heads_file):
    for count in (3, 4, 9):
        fill(count)
        assert not anchor().failures
    anchor()  # unchanged: nothing is added
    rows = kept(heads_file)
    assert [(row["size"], row["since"]) for row in rows] == [(3, 0), (7, 3), (16, 7)]
    for before, row in zip(rows, rows[1:], strict=False):
        assert merkle.consistency_holds(
            before["size"],
            row["size"],
            bytes.fromhex(before["root"]),
            bytes.fromhex(row["root"]),
            [bytes.fromhex(step) for step in row["proof"]],
        )
    assert auditing.examine().report.ok


def test_an_empty_log_and_no_place_outside_start_and_anchor_nothing(settings):
    assert anchor().head is None
    assert rollback.require_no_rollback() == [] and auditing.examine().report.ok


def test_n25_a_database_rolled_back_whole_does_not_start_until_two_officers_agree(
    fill, cut, heads_file, officers
):
    auditor, security = officers
    base = queries.size()
    fill(10)
    anchor()
    fill(5)
    anchor()
    cut(base + 10)
    assert queries.verify().ok  # by itself yesterday's copy is flawless
    for _ in range(2):
        with pytest.raises(rollback.RollbackError, match=str(base + 15)):
            rollback.require_no_rollback()
    assert queries.size() == base + 10  # a refused start writes nothing
    found = auditing.examine().report.first_bad
    assert found.code == "cut" and found.seq == queries.size() + 1
    fill(1)
    assert [one.code for one in anchor().failures] == ["rolled-back"]
    assert kept(heads_file)[-1]["size"] == base + 15  # the evidence is not written over
    assert rollback.acknowledge(reason="按批准恢复备份", acting_user=auditor) == 1
    assert rollback.acknowledge(reason="再签一次", acting_user=auditor) == 1
    with pytest.raises(rollback.RollbackError):
        rollback.require_no_rollback()
    assert Alarm.objects.get(kind="ledger-rolled-back", subject_kind="ledger.head").times == 1
    assert rollback.acknowledge(reason="按批准恢复备份", acting_user=security) == 0
    assert rollback.require_no_rollback() == []
    assert not anchor().failures
    last = kept(heads_file)[-1]
    assert (last["since"], last["base"]) == (0, base + 10)
    assert auditing.examine().report.ok
    fill(40)
    anchor()
    assert auditing.examine().report.ok


def test_n25_the_same_size_with_another_history_does_not_start(fill, cut, heads_file):
    fill(10)
    anchor()
    cut(6)
    fill(8)
    with pytest.raises(rollback.RollbackError, match="改写"):
        rollback.require_no_rollback()
    report = auditing.examine().report
    assert not report.ok and report.first_bad.code == "outside-head"


def test_n25_a_file_that_was_taken_away_with_the_rollback_is_missed(fill, heads_file):
    fill(4)
    anchor()
    heads_file.unlink()
    with pytest.raises(rollback.RollbackError, match="没有了"):
        rollback.require_no_rollback()


def test_a_database_made_anew_beside_an_old_file_does_not_start(fill, cut, heads_file):
    fill(4)
    anchor()
    for model in (Attestation, Head, Node, Detail, Entry):
        model.objects.all().delete()
    with pytest.raises(rollback.RollbackError):
        rollback.require_no_rollback()
    fill(9)
    with pytest.raises(rollback.RollbackError):
        rollback.require_no_rollback()


@pytest.mark.parametrize("field", ["root", "signature", "size", "proof"])
def test_a_line_of_the_file_that_was_changed_is_named(fill, heads_file, field):
    for _ in range(3):
        fill(5)
        anchor()
    rows = kept(heads_file)
    other = {"root": "ab" * 32, "signature": "ab" * 64, "size": 9, "proof": ["ab" * 32]}
    rows[1][field] = other[field]
    heads_file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    faults = auditing.examine().report.faults
    assert {fault.code for fault in faults} & {"heads-file", "outside-head"}
    assert min(fault.seq for fault in faults) <= 10


def test_a_line_torn_by_a_power_cut_counts_for_nothing_and_the_next_begins_anew(fill, heads_file):
    fill(3)
    anchor()
    with heads_file.open("a") as file:
        file.write('{"log": "ab')
    assert rollback.require_no_rollback() == []
    fill(3)
    assert not anchor().failures
    sizes = [line.head.size for line in outside_file.lines(heads_file)]
    assert sizes == [3, 6] and auditing.examine().report.ok


def test_a_file_that_cannot_be_read_keeps_the_house_shut_and_says_why(fill, heads_file):
    fill(3)
    heads_file.write_text('{"not": "a head"}\n')
    with pytest.raises(DomainError) as refused:
        rollback.require_no_rollback()
    assert refused.value.code == "heads-file-damaged"
    assert [one.code for one in anchor().failures] == ["heads-file-damaged"]
    assert auditing.examine().report.first_bad.code == "heads-file-damaged"


def test_a_full_disk_outside_is_told_and_made_up_for(fill, settings, tmp_path):
    settings.LEDGER_HEADS_FILE = str(tmp_path / "away" / "heads.jsonl")
    fill(3)
    failed = anchor()
    assert len(failed.failures) == 1 and not Attestation.objects.exists()
    (tmp_path / "away").mkdir()
    assert not anchor().failures
    assert (tmp_path / "away" / "heads.jsonl").exists()


def test_who_may_agree_and_what_it_takes(fill, cut, heads_file, officers, clerk):
    fill(6)
    anchor()
    cut(2)
    for user, reason in ((clerk, "可以"), (officers[0], " ")):
        with pytest.raises(DomainError):
            rollback.acknowledge(reason=reason, acting_user=user)
    assert not Entry.objects.filter(event=rollback.ACKNOWLEDGE).exists()


def test_an_examination_that_was_asked_for_tells_how_far_it_is_and_what_it_found(fill, officers):
    fill(30)
    asked = auditing.ask_examination(acting_user=officers[0])
    auditing.run_examination(asked)
    asked.refresh_from_db()
    assert asked.finished_at and asked.report["ok"] and asked.done == asked.report["size"]
    assert Entry.objects.order_by("-seq").first().event == auditing.VERIFY
    with pytest.raises(DomainError):
        auditing.ask_examination(acting_user=officers[1])


def test_an_examination_that_finds_something_raises_an_alarm_once(fill, officers):
    fill(30)
    services.sign_head()
    Entry.objects.filter(pk=9).update(actor="x")
    for _ in range(2):
        auditing.run_examination(auditing.ask_examination(acting_user=officers[0]))
    assert Alarm.objects.get(kind="ledger-broken").times == 1
