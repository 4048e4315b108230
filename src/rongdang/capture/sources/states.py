"""What may happen to a run: a reading of a source from its first row to its last."""

from __future__ import annotations

from django.db.models import TextChoices

from rongdang.base.accounts.roles import Permission
from rongdang.base.states import Machine, Move


class RunState(TextChoices):
    WAITING = "waiting", "等待"
    RUNNING = "running", "正在导入"
    STOPPED = "stopped", "已停下"
    FAILED = "failed", "没有读完"
    DONE = "done", "已导入"
    UNDOING = "undoing", "正在撤销"
    UNDONE = "undone", "已撤销"


AT_WORK = (RunState.WAITING, RunState.RUNNING, RunState.UNDOING)
STANDING = (RunState.RUNNING, RunState.STOPPED, RunState.FAILED, RunState.DONE, RunState.UNDOING)
RUNNING = ("waiting", "running")
PAUSED = ("stopped", "failed")

RUN = Machine(
    "run",
    Move("begin", RUNNING, "running", Permission.SOURCE_RUN, "开始导入", "begin"),
    Move("stop", RUNNING, "stopped", Permission.SOURCE_RUN, "停下", "stop"),
    Move("fail", RUNNING, "failed", Permission.SOURCE_RUN, "停下", "fail"),
    Move("resume", PAUSED, "waiting", Permission.SOURCE_RUN, "接着导入", "go on"),
    Move("finish", RUNNING, "done", Permission.SOURCE_RUN, "导入完", "finish"),
    Move("undo", (*PAUSED, "done"), "undoing", Permission.SOURCE_RUN, "撤销", "take back"),
    Move("undone", ("undoing",), "undone", Permission.SOURCE_RUN, "撤销完", "taken back"),
)
