"""How long a job may take. A task that may need another time than most says so itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django_tasks.base import Task

USUAL_SECONDS = 300.0
_SECONDS: dict[str, float] = {}

AnyTask = TypeVar("AnyTask", bound=Task[Any, Any])


def limited(seconds: float) -> Callable[[AnyTask], AnyTask]:
    """Above `@task()`: after so many seconds of wall clock the reader that runs it is ended."""

    def keep(task: AnyTask) -> AnyTask:
        _SECONDS[task.module_path] = seconds
        return task

    return keep


def seconds_for(path: str) -> float:
    """The limit of the task of that path, once its module is loaded."""
    return _SECONDS.get(path, USUAL_SECONDS)


class JobTimeoutError(Exception):
    """A job went on for longer than its task may; its reader was ended."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__(f"{path} did not end within {seconds:g} s")
