"""What the machine has to do: one row a job, held by a lease while somebody works on it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from rongdang.base.columns.fields import EncryptedTextField
from rongdang.base.ids import uuid7


class JobState(models.TextChoices):
    READY = "ready", "等待"
    RUNNING = "running", "进行中"
    DONE = "done", "办完"
    DEAD = "dead", "没办成"


class Job(models.Model):
    """A call of a task function with its arguments, redone after a crash, given up after five."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    path = models.CharField(max_length=200)  # module.function
    arguments = models.JSONField(default=dict)  # {"args": [...], "kwargs": {...}}
    state = models.CharField(max_length=8, choices=JobState, default=JobState.READY)
    priority = models.SmallIntegerField(default=0)
    run_after = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    # Who holds the lease; a worker that was thought dead finishes nothing under an old token.
    token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = EncryptedTextField(blank=True)  # a traceback quotes what it worked on
    enqueued_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["-priority", "id"],
                condition=models.Q(state__in=["ready", "running"]),
                name="job_waiting",
            ),
            models.Index(fields=["state"], name="job_state"),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.state}"
