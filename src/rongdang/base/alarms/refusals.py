"""A refusal that is itself a matter for the officers: the alarm stays when the act is undone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import DomainError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class AlarmingRefusalError(DomainError):
    """Raised inside the transaction of the act; `alarm` is what `raise_alarm` is to be called with."""

    status, code = 403, "refused-with-alarm"

    def __init__(self, zh: str, en: str, *, alarm: dict[str, Any], **said: Any) -> None:
        super().__init__(zh, en, **said)
        self.alarm, self.told = alarm, False


def tell(refusal: AlarmingRefusalError) -> None:
    """Raise its alarm, once, after the act was undone."""
    if not refusal.told:
        raise_alarm(**refusal.alarm)
        refusal.told = True


def alarmed(act: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Stands above `transaction.atomic`: the act is undone first, then the alarm raised."""

    @wraps(act)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return act(*args, **kwargs)
        except AlarmingRefusalError as refusal:
            tell(refusal)
            raise

    return guarded
