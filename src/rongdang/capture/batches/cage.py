"""What the trial of the cage found, put before the officers when something did not hold."""

from __future__ import annotations

from collections.abc import Mapping

from rongdang.base.alarms.services import raise_alarm


def report_cage(held: Mapping[str, bool]) -> list[str]:
    """Acts that a caged child could commit on this machine; an alarm when there is one."""
    broken = sorted(act for act, refused in held.items() if not refused)
    if broken:
        raise_alarm(
            kind="sandbox-weak", subject_kind="cage", subject_id="child", detail={"acts": broken}
        )
    return broken
