"""What happens next: event → jobs. The one table of the data's way (docs/architecture.md).

A job gets the id of the event's subject, is enqueued in the event's own transaction, and may
safely run twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rongdang.base.ledger.tasks import examine_ledger
from rongdang.capture.batches.tasks import read_scan, reread_page, split_upload
from rongdang.capture.review.tasks import propose_materials, settle_given_up, take_scan
from rongdang.capture.sources.tasks import look_at_delivery, read_source, take_run_back
from rongdang.describe.access.tasks import (
    find_own_files,
    find_relatives,
    find_relatives_of_batch,
)
from rongdang.describe.casefiles.tasks import seal_file, settle_unsealed
from rongdang.describe.conflicts.tasks import project_holder, project_owner, project_unit
from rongdang.describe.grants.tasks import await_review
from rongdang.describe.linkage.tasks import compare_person, compare_run, find_relatives_of_both
from rongdang.provide.search.tasks import (
    index_batch,
    index_both,
    index_case_file,
    index_item,
    index_person,
)

FLOW: Mapping[str, Sequence[Any]] = {
    "batch:read": [propose_materials],
    "casefile:ask-seal": [seal_file],
    "casefile:open": [index_case_file, project_holder],
    "casefile:register": [index_case_file, project_holder],
    "delivery:receive": [look_at_delivery],
    "emergency:break": [await_review],
    "fact:confirm": [index_person, find_relatives, compare_person],
    "fact:withdraw": [index_person, find_relatives, compare_person],
    "item:describe": [index_item, project_owner],
    "item:file": [index_item, project_owner],
    "item:list": [index_item, project_owner],
    "item:reread": [index_item],
    "item:stop-secret": [index_item],
    "job:give-up": [settle_given_up, settle_unsealed],
    "ledger:ask-verify": [examine_ledger],
    "page:import": [reread_page],
    "page:reread": [reread_page],
    "person:create": [index_person, find_relatives, compare_person],
    "person:merge": [index_both, find_relatives_of_both],
    "person:restate": [index_person],
    "person:split": [index_both, find_relatives_of_both],
    "person:unmerge": [index_both, find_relatives_of_both],
    "person:unsplit": [index_both, find_relatives_of_both],
    "record-rule:agree": [project_unit],
    "role:assign": [find_own_files],
    "ruling:hold": [index_person, find_relatives],
    "run:finish": [compare_run],
    "run:resume": [read_source],
    "run:start": [read_source],
    "run:undo": [take_run_back],
    "scan:receive": [read_scan],
    "scan:reread": [take_scan],
    "scan:retry": [read_scan],
    "scan:turn": [read_scan],
    "source:connect": [look_at_delivery],
    "statement:record": [index_batch, find_relatives_of_batch],
    "statement:take-back": [index_batch, find_relatives_of_batch],
    "upload:retry": [split_upload],
    "upload:store": [split_upload],
    "user:create": [find_own_files],
    "user:identify": [find_own_files],
}
