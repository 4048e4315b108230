"""Rows of the log. All but `Detail` are append-only: the database refuses UPDATE and DELETE.

The refusal is a fence only. Proof comes from heads that are kept elsewhere (security.md 3.3).
"""

from __future__ import annotations

from django.db import models

from rongdang.base.ledger.merkle import peaks


class Entry(models.Model):
    """One thing that happened (PREMIS event): a leaf of the tree, numbered from 1."""

    seq = models.BigIntegerField(primary_key=True)
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


class Detail(models.Model):
    """Personal detail of an entry; may be erased by law. The leaf holds only its salted digest."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="side")
    salt = models.BinaryField()
    body = models.BinaryField()  # JSON

    def __str__(self) -> str:
        return f"detail of {self.entry_id}"


class Node(models.Model):
    """A complete subtree above the leaves; `id` grows in the order in which they are completed."""

    id = models.BigIntegerField(primary_key=True)
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


def node_id(level: int, index: int) -> int:
    """Key of a subtree: the number of its last leaf, then its level."""
    return ((index + 1) << level) * 64 + level


def peak_ids(size: int) -> list[int]:
    """Keys of the subtrees above the leaves that make up a tree of `size`."""
    return [node_id(level, index) for level, index in peaks(size) if level]
