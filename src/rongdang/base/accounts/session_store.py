"""Sessions in the database that end when nobody acts, and in any case after a working day.

`expire_date` is the earlier of the two ends. An act moves it on (`prolong`), at most once in a tenth
of the idle time: reading a page costs no write.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from rongdang.base.prepared import MOMENT, TEXT, Prepared

BEGAN = "began"  # seconds since the epoch, when the session began
OPEN = Prepared(
    lambda key, now: Session.objects.filter(pk=key, expire_date__gt=now).values_list(
        "session_data", "expire_date"
    ),
    TEXT,
    MOMENT,
)


class SessionStore(db.SessionStore):
    """Django's own, with two ends."""

    _ends: dt.datetime | None = None

    def load(self) -> dict[str, Any]:
        found = OPEN.rows(self.session_key or "", timezone.now())
        if not found:
            self._session_key = None  # as Django's own does: nothing is made under an ended key
            return {}
        content, self._ends = found[0]
        told: dict[str, Any] = self.decode(content)
        return told

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        data.setdefault(BEGAN, timezone.now().timestamp())
        self._ends = _end(data)
        return Session(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self._ends,
        )

    def prolong(self) -> None:
        """Somebody acts: the idle time begins anew, the longest time does not."""
        if self._ends is None or not self.session_key:
            return
        left = (self._ends - timezone.now()).total_seconds()
        if left > settings.SESSION_COOKIE_AGE * 0.9:
            return
        ends = _end(self._get_session())  # type: ignore[attr-defined]
        if ends - self._ends > dt.timedelta(seconds=1):
            Session.objects.filter(pk=self.session_key).update(expire_date=ends)


def _end(data: dict[str, Any]) -> dt.datetime:
    now = timezone.now()
    began = dt.datetime.fromtimestamp(data.get(BEGAN, now.timestamp()), dt.UTC)
    idle = now + dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return min(idle, began + dt.timedelta(seconds=settings.SESSION_LONGEST))
