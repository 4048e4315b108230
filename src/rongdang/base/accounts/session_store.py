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

BEGAN = "began"  # seconds since the epoch, when the session began


class SessionStore(db.SessionStore):
    """Django's own, with two ends."""

    _ends: dt.datetime | None = None

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        self._ends = row.expire_date
        told: dict[str, Any] = self.decode(row.session_data)
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
