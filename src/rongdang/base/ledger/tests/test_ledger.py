"""The log: written with the change, proved afterwards; every way to falsify it is found."""

from datetime import timedelta
from functools import partial
from hashlib import sha256

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from rongdang.base.columns.fields import Ciphertext
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.cipher.suites import Ed25519Signer
from rongdang.base.ledger import merkle, queries, services
from rongdang.base.ledger.heads import head_message
from rongdang.base.ledger.models import Detail, Entry, Head, Node, node_id
from rongdang.base.ledger.parts import Cut
from rongdang.base.ledger.tests.filling import fill

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_did_what_and_when():
    entry = services.record(
        "loan:issue", actor=None, subject=Entry(seq=5), detail={"因": "核实", "box": [0.5]}
    )
    assert (entry.seq, entry.actor, entry.subject_kind, entry.subject_id) == (
        1,
        None,
        "ledger.entry",
        "5",
    )
    stored = Entry.objects.get()
    assert merkle.leaf_hash(bytes(stored.body)) == bytes(stored.leaf)
    assert "核实" not in bytes(stored.body).decode()  # personal detail is beside, erasable
    assert queries.detail_of(stored) == {"因": "核实", "box": [0.5]}
    assert list(queries.entries(subject=Entry(seq=5))) == [stored]
    assert list(queries.entries(actor="nobody")) == []
    assert queries.verify().ok


@pytest.mark.parametrize(
    "event",
    ["loan", "Loan:issue", "loan:", ":x", "loan:issue!", "a b:c", "loan:" + "x" * 60, "-a:b"],
)
def test_an_event_is_thing_and_action(event):
    with pytest.raises(services.LedgerError):
        services.record(event, actor=None)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written_and_a_rollback_takes_the_entry_along():
    with pytest.raises(services.LedgerError):
        services.record("a:b", actor=None)
    with pytest.raises(RuntimeError), transaction.atomic():
        services.record("a:b", actor=None)
        raise RuntimeError
    assert not Entry.objects.exists() and not Node.objects.exists()
    with transaction.atomic():
        assert services.record("a:b", actor=None).seq == 1


def test_one_by_one_and_in_batches_make_the_same_tree():
    for count in (1, 1, 3, 1, 9, 2):
        fill(count)
    leaves = [bytes(leaf) for leaf in Entry.objects.order_by("seq").values_list("leaf", flat=True)]
    frontier = merkle.Frontier()
    for leaf in leaves:
        list(frontier.append(leaf))
    assert queries.root_at() == frontier.root() == queries.verify().root
    assert len(leaves) == 17 and Node.objects.count() == 15


def test_appending_costs_the_same_however_long_the_log_is(django_assert_max_num_queries):
    fill(1023)
    for _ in range(3):
        with django_assert_max_num_queries(7):
            services.record("a:b", actor=None, detail={"x": 1})


def test_proofs_hold_for_every_entry_and_every_earlier_size():
    fill(21)
    roots = {size: queries.root_at(size) for size in range(1, 22)}
    for seq in (1, 2, 16, 17, 20, 21):
        for within in (seq, 21):
            proof = queries.inclusion(seq, within)
            assert proof.holds() and proof.root == roots[within]
    for first in range(1, 22):
        assert merkle.consistency_holds(
            first, 21, roots[first], roots[21], queries.consistency(first, 21)
        )
    for wrong in (0, 22):
        with pytest.raises(services.DomainError):
            queries.inclusion(wrong)


def test_a_head_is_signed_once_a_size_and_verifies():
    assert services.sign_head() is None
    fill(3)
    head = services.sign_head()
    assert services.sign_head() == head == queries.latest_head()
    assert bytes(head.root) == queries.root_at(3)
    fill(2)
    assert services.sign_head().size == 5
    assert queries.verify().ok and queries.verify().heads == 2


def test_erasing_a_detail_leaves_proof_and_a_record():
    fill(4)
    services.erase_detail(2, acting_user=None, reason="本人请求")
    assert queries.verify().ok
    assert queries.detail_of(Entry.objects.get(pk=2)) == {}
    with pytest.raises(services.DomainError):
        services.erase_detail(2, acting_user=None, reason="再来")


def rewrite(seq, **columns):
    """As a thief of the database would: the entry with body and leaf that fit each other."""
    entry = Entry.objects.get(pk=seq)
    body = bytes(entry.body).replace(b'"page"', b'"pagf"')
    Entry.objects.filter(pk=seq).update(body=body, leaf=merkle.leaf_hash(body), subject_kind="pagf")


def shift_down(seq):
    Entry.objects.filter(pk=seq).delete()


def insert_in_the_middle():
    # A forger makes room by cutting the tail and writing it again with one entry more.
    Detail.objects.filter(pk__gt=10).delete()
    Entry.objects.filter(pk__gt=10).delete()
    Node.objects.filter(pk__gte=11 * 64).delete()
    fill(11)


def insert_between(seq):
    """Every later entry a number further on, and a forged one that fits in itself in the gap."""
    forged = Entry.objects.get(pk=seq)
    Detail.objects.filter(pk__gte=seq).delete()
    for later in range(queries.size(), seq - 1, -1):
        Entry.objects.filter(pk=later).update(seq=later + 1)
    forged.event = "page:forge"
    forged.body = bytes(forged.body).replace(b"page:see", b"page:forge")
    forged.leaf = merkle.leaf_hash(forged.body)
    forged.save(force_insert=True)


FORGERIES = {
    "inserted": (lambda: insert_between(9), 9, "detail-gone"),
    "column": (lambda: Entry.objects.filter(pk=9).update(actor="x"), 9, "columns"),
    "moment": (lambda: Entry.objects.filter(pk=9).update(at="2020-01-01T00:00:00Z"), 9, "columns"),
    "body": (lambda: Entry.objects.filter(pk=9).update(body=b"{}"), 9, "leaf"),
    "leaf": (lambda: Entry.objects.filter(pk=8).update(leaf=b"x" * 32), 8, "leaf"),
    "body and leaf, left": (lambda: rewrite(9), 9, "node"),
    "body and leaf, right": (lambda: rewrite(10), 9, "node"),
    "detail": (lambda: Detail.objects.filter(pk=5).update(body=Ciphertext(b"{}")), 5, "detail"),
    "detail gone": (lambda: Detail.objects.filter(pk=5).delete(), 5, "detail-gone"),
    "node": (lambda: Node.objects.filter(pk=node_id(2, 1)).update(hash=b"y" * 32), 5, "node"),
    "node gone": (lambda: Node.objects.filter(pk=node_id(1, 3)).delete(), 7, "node"),
    "node extra": (
        lambda: Node.objects.create(id=3 * 64 + 1, level=1, index=9, hash=b"z" * 32),
        3,
        "node-extra",
    ),
    "deleted": (lambda: (Detail.objects.filter(pk=7).delete(), shift_down(7)), 7, "gap"),
    "tail cut": (
        lambda: (
            Detail.objects.filter(pk__gt=15).delete(),
            Entry.objects.filter(pk__gt=15).delete(),
        ),
        16,
        "cut",
    ),
    "tail and tree cut": (
        lambda: (
            Detail.objects.filter(pk__gt=15).delete(),
            Entry.objects.filter(pk__gt=15).delete(),
            Node.objects.filter(pk__gte=16 * 64).delete(),
        ),
        16,
        "cut",
    ),
    "tail rewritten with its tree": (insert_in_the_middle, 20, "head"),
    "head": (lambda: Head.objects.update(root=b"h" * 32), 20, "head"),
    "signature": (lambda: Head.objects.update(signature=b"s" * 64), 20, "signature"),
}


@pytest.fixture(params=[(4096, 1), (4, 1), (4, 3), (8, 2)], ids="{0[0]}-{0[1]}".format)
def verify(request):
    """However the log is cut into chunks and parts for reading, what is found is the same."""
    return partial(queries.verify, cut=Cut(*request.param))


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_found_and_the_first_bad_entry_named(name, verify):
    fill(20)
    services.sign_head()
    fill(1)
    assert verify().ok
    forge, seq, code = FORGERIES[name]
    forge()
    fault = verify().first_bad
    assert (fault.seq, fault.code) == (seq, code)
    assert str(seq) in fault.zh and str(seq) in fault.en


def test_several_faults_are_told_each_and_in_order_however_the_log_is_read(verify):
    fill(40)
    services.sign_head()
    Entry.objects.filter(pk__in=(6, 35)).update(actor="x")
    Detail.objects.filter(pk=21).delete()
    Head.objects.update(root=b"h" * 32)
    report = verify()
    assert [(one.seq, one.code) for one in report.faults] == [
        (6, "columns"),
        (21, "detail-gone"),
        (35, "columns"),
        (40, "head"),
    ]
    assert report.size == 40 and report.root == queries.root_at()
    assert [one.seq for one in verify(limit=2).faults] == [6, 21]
    Entry.objects.filter(pk=6).update(leaf=b"l" * 32)
    told = [(one.seq, one.code) for one in verify().faults]
    # With a leaf that is wrong the tree above it is too; each entry is still looked at.
    assert told == [(6, "leaf"), (6, "columns"), (21, "detail-gone"), (35, "columns")]


@pytest.mark.parametrize(
    ("table", "column", "key", "code"),
    [
        ("entry", "body", "seq", "leaf"),
        ("entry", "event", "seq", "columns"),
        ("detail", "salt", "entry_id", "detail"),
        ("detail", "body", "entry_id", "detail"),
    ],
)
def test_a_column_of_another_type_is_a_forgery_too(table, column, key, code, verify):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL takes no other type")
    fill(20)
    value = "x'00ff'" if column == "event" else "'text'"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_{table} SET {column} = {value} WHERE {key} = 9")
    fault = verify().first_bad
    assert (fault.seq, fault.code) == (9, code)


def test_a_clock_that_went_back_is_seen_between_chunks_and_parts_too(verify, monkeypatch):
    fill(8)
    first = Entry.objects.get(pk=1).at
    with monkeypatch.context() as yesterday:
        yesterday.setattr(timezone, "now", lambda: first - timedelta(days=1))
        fill(2)
    fill(10)
    report = verify()
    assert report.ok and report.clock_back == (9,)


def test_a_log_rewritten_whole_with_the_stolen_key_differs_from_a_head_kept_outside(verify):
    fill(8)
    kept = {8: queries.root_at(8)}
    for model in (Head, Node, Detail, Entry):
        model.objects.all().delete()
    fill(9)
    services.sign_head()
    assert verify().ok
    fault = verify(outside=kept).first_bad
    assert (fault.seq, fault.code) == (8, "outside-head")
    assert verify(outside={30: b"r" * 32}).first_bad.code == "cut"


def test_a_head_signed_by_nobody_we_know_is_found_by_its_key():
    fill(2)
    root, stranger = queries.root_at(), Ed25519Signer("ledger.1.ffffffff", sha256(b"x").digest())
    head = services.sign_head()
    message = head_message(
        log=services.log_id(), size=2, root=root, at=head.at, suite=1, key_id=stranger.key_id
    )
    Head.objects.update(
        key_id=stranger.key_id, public_key=stranger.public_key, signature=stranger.sign(message)
    )
    assert queries.verify().first_bad.code == "stranger"


def test_heads_of_both_suites_are_ours(settings, tmp_path):
    settings.KEYRING = Keyring(tmp_path / "keys")
    fill(2)
    assert services.sign_head().suite == 1
    settings.KEYRING = Keyring(tmp_path / "keys", suite=2)
    fill(2)
    assert services.sign_head().suite == 2 and queries.verify().ok
    Head.objects.filter(size=4).update(suite=7)
    assert queries.verify().first_bad.code == "signature"
    settings.KEYRING = Keyring(tmp_path / "other keys", suite=2)
    assert queries.verify().first_bad.code in ("stranger", "detail")


def test_a_clock_that_went_back_is_pointed_out(monkeypatch):
    fill(2)
    monkeypatch.setattr(timezone, "now", lambda: Entry.objects.get(pk=1).at - timedelta(days=1))
    fill(1)
    assert queries.verify().clock_back == (3,) and queries.verify().ok


@pytest.mark.parametrize(
    ("model", "change"), [(Entry, {"event": "a:b"}), (Node, {"level": 9}), (Head, {"suite": 2})]
)
def test_the_database_refuses_to_change_or_remove(model, change, ledger_fence):
    fill(4)
    services.sign_head()
    for act in (
        lambda: model.objects.update(**change),
        lambda: model.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Detail.objects.update(body=b"")
    if connection.vendor == "postgresql":
        # What this transaction wrote waits for its foreign keys; until then nothing is truncated.
        connection.check_constraints()
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")
    assert queries.verify().ok
