"""Working off what waits: for `work --once`, and for commands that go on to read."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass

STOPPED = 130  # exit code of what was stopped half-way, as a shell gives it


@dataclass(frozen=True, slots=True)
class WorkedOff:
    """What is left when the work ended: jobs that wait still, and those given up meanwhile."""

    waiting: int
    given_up: int

    @property
    def code(self) -> int:
        return STOPPED if self.waiting else int(self.given_up > 0)

    def to_dict(self) -> dict[str, object]:
        return {"ok": self.code == 0, **asdict(self)}

    def to_text(self) -> str:
        if self.waiting:
            return (
                f"停下了，还有 {self.waiting} 项等着办；再运行一次就接着办。"
                f"/ Stopped: {self.waiting} jobs wait; run again to go on."
            )
        if self.given_up:
            return (
                f"{self.given_up} 项几次都没办成，请到“任务”页看原因。"
                f"/ {self.given_up} jobs failed for good; the page of jobs says why."
            )
        return "都办完了。/ All is done."


def work_off(processes: int = 0) -> WorkedOff:
    """Run jobs until none is left or a signal asks to stop; tells how many are left."""
    from django.conf import settings
    from django.utils import timezone

    from rongdang.base.jobs import services
    from rongdang.base.jobs.models import Job, JobState
    from rongdang.base.jobs.worker import run_worker

    began, told = timezone.now(), [0]

    def tell(left: int) -> None:
        if left != told[0]:
            told[0] = left
            print(f"还有 {left} 项 / {left} jobs left", file=sys.stderr, flush=True)

    run_worker(concurrency=processes or settings.WORKERS, until_idle=True, tell=tell)
    dead = Job.objects.filter(state=JobState.DEAD, finished_at__gte=began)
    return WorkedOff(services.pending(), dead.count())
