"""The lease queue behind the django-tasks interface: enqueued with the change, or not at all."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus

from rongdang.base.ids import uuid7


class LeaseBackend(BaseTaskBackend):
    """Rows in the application's own database, so a job commits with what it follows from."""

    supports_defer = True
    supports_priority = True

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        from rongdang.base.jobs.models import Job

        self.validate_task(task)
        now = timezone.now()
        job = Job.objects.create(
            id=uuid7(),
            path=task.module_path,
            arguments={"args": list(args), "kwargs": dict(kwargs)},
            priority=task.priority,
            run_after=task.run_after or now,
        )
        return TaskResult(
            task=task,
            id=str(job.pk),
            status=TaskResultStatus.READY,
            enqueued_at=now,
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
