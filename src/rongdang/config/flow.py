"""What happens next: event → jobs. The one table of the data's way (docs/architecture.md).

A job gets the id of the event's subject, is enqueued in the event's own transaction, and may
safely run twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FLOW: Mapping[str, Sequence[Any]] = {}
