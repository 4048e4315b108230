"""What happens next: event → jobs. The one table of the data's way (docs/architecture.md).

A job gets the id of the event's subject, is enqueued in the event's own transaction, and may
safely run twice.
"""

from __future__ import annotations

from rongdang.capture.batches.tasks import read_scan, split_upload
from rongdang.capture.review.tasks import propose_materials
from rongdang.provide.search.tasks import index_item

FLOW = {
    "upload:store": [split_upload],
    "scan:receive": [read_scan],
    "scan:turn": [read_scan],
    "batch:read": [propose_materials],
    "item:file": [index_item],
    "item:describe": [index_item],
}
