"""Rows of the log. All but `Detail` are append-only: the database refuses UPDATE and DELETE.

The refusal is a fence only. Proof comes from heads that are kept elsewhere (security.md 3.3).
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from rongdang.base.cipher.keyring import LEDGER_DETAILS
from rongdang.base.columns.fields import Ciphertext, EncryptedBinaryField, encrypted
from rongdang.base.ids import uuid7
from rongdang.base.ledger.heads import SignedHead


class RowNumber(models.BigIntegerField):  # type: ignore[type-arg]  # generic in its stubs only
    """A number that we give and SQLite stores the row under: one tree less to write at each commit."""

    def db_type(self, connection: Any) -> str:
        return "integer" if connection.vendor == "sqlite" else "bigint"

    def rel_db_type(self, connection: Any) -> str:
        return self.db_type(connection)


class Entry(models.Model):
    """One thing that happened (PREMIS event): a leaf of the tree, numbered from 1."""

    seq = RowNumber(primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=64)
    actor = models.CharField(max_length=64, null=True)  # noqa: DJ001  # null: the machine itself
    subject_kind = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    body = models.BinaryField()  # canonical JSON; what the leaf is the hash of
    leaf = models.BinaryField()  # 32 bytes

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="entry_subject"),
            models.Index(fields=["actor", "seq"], name="entry_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.event}"


class DetailField(EncryptedBinaryField):
    """Encrypted once: the log is append-only, so a detail stays under the key it was written with."""

    purpose = LEDGER_DETAILS

    def opened(self, value: Ciphertext, pk: object) -> bytes:
        """What was written before details were encrypted stands as its JSON."""
        if isinstance(value.stored, bytes) and value.stored.startswith(b"{"):
            return value.stored
        plain: bytes = super().opened(value, pk)
        return plain


class Detail(models.Model):
    """Personal detail of an entry; may be erased by law. The leaf holds only its salted digest."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="side")
    salt = models.BinaryField()
    body = DetailField()  # JSON, encrypted

    def __str__(self) -> str:
        return f"detail of {self.entry_id}"


class Node(models.Model):
    """A complete subtree above the leaves; `id` grows in the order in which they are completed."""

    id = RowNumber(primary_key=True)
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()  # 32 bytes

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Head(models.Model):
    """What the log was at a size, signed: the thing to keep outside."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    at = models.DateTimeField()
    suite = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=64)
    public_key = models.BinaryField()
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.size} {bytes(self.root).hex()}"

    def signed(self, log: str) -> SignedHead:
        """As it leaves the house."""
        return SignedHead(
            log=log,
            size=self.size,
            root=bytes(self.root),
            at=self.at,
            suite=self.suite,
            key_id=self.key_id,
            public_key=bytes(self.public_key),
            signature=bytes(self.signature),
        )


class Attestation(models.Model):
    """Somewhere outside a head is known: a witness's signature, a time stamp, a line of the file."""

    class Kind(models.TextChoices):
        WITNESS = "witness"
        TIME = "time"
        FILE = "file"

    head = models.ForeignKey(Head, models.PROTECT, related_name="attestations")
    kind = models.CharField(max_length=8, choices=Kind)
    source = models.CharField(max_length=200)  # address it came from
    at = models.DateTimeField()
    suite = models.PositiveSmallIntegerField(default=0)  # of a witness's signature
    key_id = models.CharField(max_length=64, blank=True)
    public_key = models.BinaryField(default=bytes)
    evidence = models.BinaryField()  # the signature, the RFC 3161 answer (DER), or b""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["head", "kind", "source"], name="attested_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.head_id}"


class WatchedHead(models.Model):
    """A head of another installation's log that this one co-signed as its witness."""

    log = models.CharField(max_length=64)
    size = models.BigIntegerField()
    root = models.BinaryField()
    at = models.DateTimeField()  # when it was co-signed
    signed = models.JSONField()  # the head as it was handed in

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["log", "size", "root"], name="watched_once"),
        ]

    def __str__(self) -> str:
        return f"{self.log[:8]} {self.size}"


class Verification(models.Model):
    """One asked-for pass over the whole log: how far it is, and what it found."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    asked_by = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(null=True, blank=True)  # `auditing.told`

    def __str__(self) -> str:
        return f"{self.done}/{self.total}"


def node_id(level: int, index: int) -> int:
    """Key of a subtree: the number of its last leaf, then its level."""
    return ((index + 1) << level) * 64 + level


def sealed_detail(seq: int, body: bytes) -> bytes:
    """A detail as its row keeps it, bound to its entry."""
    stored = encrypted(Detail, "body").closed(body, seq).stored
    assert isinstance(stored, bytes)
    return stored


def opened_detail(seq: int, stored: object) -> bytes:
    """What `values_list` gave of a detail, opened; raises DamagedError or KeyringError."""
    if not isinstance(stored, Ciphertext):
        return b""
    plain: bytes = encrypted(Detail, "body").opened(stored, seq)
    return plain
