"""What was copied where, when it was last proved, and the parity that mends small losses."""

from __future__ import annotations

import uuid

from django.db import models

from rongdang.base.ids import uuid7


class RunKind(models.TextChoices):
    BACKUP = "backup", "备份"
    DRILL = "drill", "恢复演练"
    SCRUB = "scrub", "核验"


class RunState(models.TextChoices):
    RUNNING = "running", "进行中"
    DONE = "done", "做完"
    FAILED = "failed", "没做成"


class Run(models.Model):
    """One backup, drill or scrub, from its begin to its end."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    kind = models.CharField(max_length=8, choices=RunKind)
    state = models.CharField(max_length=8, choices=RunState, default=RunState.RUNNING)
    target = models.CharField(max_length=300, blank=True)  # without any secret
    copy = models.CharField(max_length=40, blank=True)  # name of the copy inside the target
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict)  # numbers, in words of the report
    error = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "state", "-begun_at"], name="backup_run_last")]

    def __str__(self) -> str:
        return f"{self.kind} {self.begun_at:%Y-%m-%d %H:%M} {self.state}"


class Part(models.Model):
    """A file of ours that a target holds; written only after the target said it is durable."""

    target = models.CharField(max_length=300)
    name = models.CharField(max_length=300)  # objects/… or sealed/…, as it lies here
    key = models.CharField(max_length=320)  # as it lies there
    digest = models.CharField(max_length=64)  # SHA-256 of the encrypted bytes
    size = models.PositiveBigIntegerField()
    # Of an object: brought to the other suite it is another file of the same name and length.
    suite = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "name"], name="backup_part_once_a_target")
        ]

    def __str__(self) -> str:
        return self.name


class Unlisted(models.Model):
    """A file of ours in a target that copies list no more; it goes with the last one that does."""

    target = models.CharField(max_length=300)
    key = models.CharField(max_length=320)
    since = models.CharField(max_length=40)  # the first finished copy that does not list it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "key"], name="backup_unlisted_once_a_target")
        ]

    def __str__(self) -> str:
        return self.key


class ParityGroup(models.Model):
    """Up to twenty files and the two parity blocks from which any two of them can be made again."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    block = models.PositiveBigIntegerField()  # bytes of each parity block: its longest member's
    p_digest = models.CharField(max_length=64)
    q_digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.pk)


class KeptFile(models.Model):
    """A file of the house as it lay when it was found whole: its encrypted bytes' SHA-256."""

    name = models.CharField(max_length=300, unique=True)  # objects/… or sealed/…
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    verified_at = models.DateTimeField(null=True, blank=True)
    group = models.ForeignKey(
        ParityGroup, models.SET_NULL, null=True, blank=True, related_name="members"
    )
    place = models.PositiveSmallIntegerField(default=0)  # among the members of its group

    class Meta:
        indexes = [models.Index(fields=["verified_at"], name="kept_file_verified")]

    def __str__(self) -> str:
        return self.name
