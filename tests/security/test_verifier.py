"""What leaves the house as proof, checked by the independent verifier: both suites, proofs, stamps, witnesses."""

import json

import pytest
from django.conf import settings as now
from django.utils import timezone

from rongdang.base.cipher.keyring import Keyring
from rongdang.base.ledger import exporting, queries, services
from rongdang.base.ledger.anchoring import anchor
from rongdang.base.ledger.heads import cosign_message
from rongdang.base.ledger.models import Attestation, Detail, Entry, Node
from rongdang.base.ledger.tests.conftest import cut, fill, heads_file, officers  # noqa: F401
from rongdang.base.ledger.tests.test_stamps import authority  # noqa: F401
from rongdang.base.ledger.tests.test_verifier import verify
from rongdang.cli import main

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[1, 2], ids=["Ed25519", "SM2"])
def suite(request, settings, tmp_path):
    settings.KEYRING = Keyring(tmp_path / "keys", suite=request.param)
    return request.param


@pytest.fixture
def witness(tmp_path, suite):
    """Another house, which co-signs a head with its own key."""
    signer = Keyring(tmp_path / "witness", suite=suite).signer()

    def sign(head):
        told = {"at": timezone.now(), "suite": signer.suite, "key_id": signer.key_id}
        message = cosign_message(head.signed(queries.log_id()), **told)
        Attestation.objects.create(
            head=head,
            kind=Attestation.Kind.WITNESS,
            source="https://other.example/witness/",
            public_key=signer.public_key,
            evidence=signer.sign(message),
            **told,
        )

    sign.key = signer.public_key.hex()
    return sign


@pytest.fixture
def exported(suite, fill, officers, heads_file, witness, tmp_path):  # noqa: F811
    """(the export, what else it is checked with); heads at four sizes, one of them co-signed."""
    for count in (5, 4, 7):
        fill(count)
        head = services.sign_head()
        anchor()
    witness(head)
    path = tmp_path / "export.jsonl"
    exporting.export(path, acting_user=officers[0])
    return path, ["--heads", heads_file, "--key", key(), "--witness", witness.key]


def key():
    return now.KEYRING.signer("ledger").public_key.hex()


def forged(path, change):
    rows = [json.loads(row) for row in path.read_text().splitlines()]
    change(rows)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def last(rows, kind):
    return [row[kind] for row in rows if kind in row][-1]


def test_heads_and_co_signatures_of_either_suite_are_checked_and_none_is_left_out(exported):
    path, more = exported
    code, said = verify(path, *more)
    assert code == 0 and "1 witnesses: all hold" in said and "; 0 signatures not checked" in said, (
        said
    )


def other(told, name):
    told[name] = ("0" if told[name][-1] != "0" else "1").join((told[name][:-1], ""))


WITNESS = "the co-signature of https://other.example/witness/ is wrong"
TOUCHED = [
    ("head", "signature", "the head's signature is wrong"),
    ("head", "at", "the head's signature is wrong"),
    ("head", "public_key", "wrong"),
    ("attestation", "evidence", WITNESS),
    ("attestation", "at", WITNESS),
    ("attestation", "public_key", WITNESS),
]


def test_a_signature_of_either_suite_that_was_touched_is_named(exported):
    path, _more = exported
    whole = path.read_text()
    for kind, name, words in TOUCHED:
        forged(path, lambda rows, kind=kind, name=name: other(last(rows, kind), name))
        code, said = verify(path)
        assert code == 2 and words in said, (kind, name, said)
        path.write_text(whole)


def test_a_suite_nobody_knows_is_not_passed_over(exported):
    path, _more = exported

    def change(rows):
        last(rows, "head")["suite"] = 7

    forged(path, change)
    code, said = verify(path)
    assert code == 3 and "1 signatures not checked" in said, said


def proved(capsys, *words):
    assert main(["ledger", "prove", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def checked(tmp_path, told, *more):
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1))
    return verify(path, *more)


def test_a_proof_of_an_entry_is_checked_and_every_change_of_it_found(
    fill,
    capsys,
    tmp_path,  # noqa: F811
):
    for size, seqs in ((1, [1]), (7, [1, 7]), (13, [6, 13])):
        fill(size - queries.size())
        services.sign_head()
        for seq in seqs:
            told = proved(capsys, "--entry", seq)
            code, said = checked(tmp_path, told, "--key", key())
            assert code == 0, (size, seq, said)
    told = proved(capsys, "--entry", 5)
    for change in (
        {"body": told["body"].replace('"page"', '"pagf"')},
        {"entry": 6},
        {"size": 12},
        {"proof": told["proof"][:-1]},
        {"proof": [*told["proof"], "00" * 32]},
        {"proof": told["proof"][::-1]},
        {"root": "ab" * 32},
        {"head": None},
        {"head": {**told["head"], "size": 12}},
        {"log": "ab" * 32},
    ):
        code, said = checked(tmp_path, {**told, **change})
        assert code == 2 and said.startswith("entry "), (change, said)
    assert checked(tmp_path, told, "--key", "ab" * 32)[0] == 2


def test_a_proof_that_one_log_begins_another_is_checked_and_every_change_of_it_found(
    fill,
    heads_file,
    capsys,
    tmp_path,  # noqa: F811
):
    for size, sizes in ((1, [1]), (6, [3, 4, 6]), (13, [6, 8, 12])):
        fill(size - queries.size())
        anchor()
        for first in sizes:
            told = proved(capsys, "--from", first)
            code, said = checked(tmp_path, told, "--heads", heads_file)
            assert code == 0, (first, size, said)
    told = proved(capsys, "--from", 6)
    for change in (
        {"from": 5},
        {"from": 0},
        {"from": 14},
        {"from_root": "ab" * 32},
        {"to_root": "ab" * 32},
        {"to": 12},
        {"proof": []},
        {"proof": told["proof"][:-1]},
        {"proof": [*told["proof"], "00" * 32]},
        {"head": None},
    ):
        code, said = checked(tmp_path, {**told, **change})
        assert code == 2 and said.startswith("entry "), (change, said)


def test_a_time_stamp_is_of_its_head_and_of_the_authority_named(
    fill,
    officers,
    settings,
    authority,
    tmp_path,  # noqa: F811
):
    address, folder = authority
    settings.LEDGER_TSA, settings.LEDGER_TSA_ROOT = address, str(folder / "root.pem")
    for count in (3, 4):
        fill(count)
        assert not anchor().failures
    path = tmp_path / "export.jsonl"
    exporting.export(path, acting_user=officers[0])
    whole = path.read_text()
    assert verify(path, "--tsa", folder / "root.pem")[0] == 0
    code, said = verify(path)
    assert code == 3 and "2 signatures not checked" in said  # whose they are is not asked
    assert verify(path, "--tsa", folder / "tsa.pem")[0] == 2  # not this authority's

    def swap(rows):
        stamps = [row["attestation"] for row in rows if "attestation" in row]
        stamps[1]["evidence"] = stamps[0]["evidence"]

    forged(path, swap)
    code, said = verify(path, "--tsa", folder / "root.pem")
    assert code == 2 and "is not of this head" in said
    path.write_text(whole)

    def bend(rows):
        other(last(rows, "attestation"), "evidence")

    forged(path, bend)
    assert verify(path, "--tsa", folder / "root.pem")[0] == 2


def rewritten(first, change):
    """The thief's work: from `first` on entries, leaves, nodes and heads are made anew, all fitting."""
    from rongdang.base.ledger.merkle import Frontier, leaf_hash
    from rongdang.base.ledger.models import node_id

    edge = Frontier()
    Node.objects.all().delete()
    for entry in Entry.objects.order_by("seq"):
        body = bytes(entry.body)
        if entry.seq == first:
            body = change(body)
        Entry.objects.filter(pk=entry.pk).update(body=body, leaf=leaf_hash(body))
        for level, index, value in edge.append(leaf_hash(body)):
            Node.objects.create(id=node_id(level, index), level=level, index=index, hash=value)


def gone(*numbers):
    Detail.objects.filter(pk__in=numbers).delete()
    Entry.objects.filter(pk__in=numbers).delete()


def put_between():
    """The last entry once more, under a number of its own, in the middle."""
    for seq in range(queries.size(), 13, -1):
        Detail.objects.filter(pk=seq).delete()
        Entry.objects.filter(pk=seq).update(seq=seq + 1)
    Entry.objects.create(**Entry.objects.filter(pk=13).values().get() | {"seq": 14})


def edit_detail():
    side = Detail.objects.get(pk=14)
    side.body = b'{"purpose":"x"}'
    side.save()


# What was done, and what the verifier says first; `head` = the last size of which a head still fits.
TAMPERINGS = {
    "edited in the row": (
        lambda: Entry.objects.filter(pk=14).update(
            body=bytes(Entry.objects.get(pk=14).body).replace(b'"page"', b'"pagf"')
        ),
        "entry 14: it was changed",
    ),
    "edited with leaf and tree": (
        lambda: rewritten(14, lambda body: body.replace(b'"page"', b'"pagf"')),
        "entry {whole}: the tree differs from the signed head: one of {head} to this",
    ),
    "a detail edited": (edit_detail, "entry 14: its detail was changed"),
    "deleted": (lambda: gone(14), "entry 14: it is numbered 15"),
    "inserted": (put_between, "entry 14: it is numbered 13"),
    "the tail cut": (lambda: gone(queries.size() - 1, queries.size()), "entry {tail}: there were"),
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_what_was_done_to_the_database_shows_in_its_export(
    fill,
    officers,
    heads_file,
    tmp_path,
    how,  # noqa: F811
):
    fill(6)
    anchor()
    fits = queries.size()
    fill(8)
    anchor()
    whole = queries.size()
    assert fits < 14 < whole - 2
    act, words = TAMPERINGS[how]
    act()
    path = tmp_path / "export.jsonl"
    with path.open("wb") as file:
        exporting._write(file, whole, details=True, progress=None)
    code, said = verify(path, "--heads", heads_file)
    assert code == 2 and said.startswith(
        words.format(head=fits + 1, whole=whole, tail=whole - 1)
    ), said


def test_a_database_rolled_back_whole_is_found_by_the_file_outside(
    fill,
    cut,
    officers,
    heads_file,
    tmp_path,  # noqa: F811
):
    fill(6)
    anchor()
    yesterday = queries.size()
    fill(5)
    anchor()
    cut(yesterday)
    path = tmp_path / "export.jsonl"
    with path.open("wb") as file:
        exporting._write(file, yesterday, details=True, progress=None)
    assert verify(path)[0] == 0  # in itself it is flawless
    code, said = verify(path, "--heads", heads_file)
    words = f"entry {yesterday + 1}: there were {yesterday + 5} entries once"
    assert code == 2 and said.startswith(words), said
