"""Proofs of the ledger, which anybody may check, and how the house is doing, for its officers."""

from __future__ import annotations

import shutil
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from rongdang.base.accounts.roles import Permission
from rongdang.base.jobs.models import Job
from rongdang.base.ledger import queries
from rongdang.base.ledger.models import Head
from rongdang.capture.opening.reader import fences
from rongdang.keep.backups.queries import standings
from rongdang.web.api import answers, questions
from rongdang.web.api.door import Caller, doors, holding

router = Router(tags=["house"])


@router.get(
    "/ledger/heads",
    response=list[answers.HeadTold],
    summary=_("签过名的账本头，新的在前；不用登录"),
)
def ledger_heads(request: Caller, asked: Query[questions.HeadsAsked]) -> Any:
    log = queries.log_id() if queries.size() else ""
    return [head.signed(log).to_dict() for head in Head.objects.order_by("-size")[: asked.limit]]


@router.get(
    "/ledger/consistency",
    response=answers.ConsistencyTold,
    summary=_("短的账是长的账的开头：证明（RFC 9162 2.1.4）；不用登录"),
)
def ledger_consistency(request: Caller, asked: Query[questions.ConsistencyAsked]) -> Any:
    path = queries.consistency(asked.first, asked.second)
    return {"first": asked.first, "second": asked.second, "path": [one.hex() for one in path]}


@router.get(
    "/ledger/entries/{seq}/proof",
    auth=doors("ledger"),
    response=answers.ProofTold,
    summary=_("这一条在账里：证明（RFC 9162 2.1.3）"),
)
def ledger_proof(
    request: Caller,
    seq: int,
    asked: Query[questions.ProofAsked],
) -> Any:
    holding(request, Permission.LEDGER_READ)
    proof = queries.inclusion(seq, asked.size)
    return {
        "index": proof.index,
        "size": proof.size,
        "leaf": proof.leaf.hex(),
        "path": [one.hex() for one in proof.path],
        "root": proof.root.hex(),
    }


@router.get(
    "/health", auth=doors("health"), response=answers.HealthTold, summary=_("运行状况，给三员看")
)
def health(request: Caller) -> Any:
    holding(request, Permission.HEALTH_SEE)
    disk = shutil.disk_usage(settings.VAR_DIR)
    states = ("ready", "running", "dead")
    return {
        "fences": fences(),
        "database": connection.vendor,
        "encrypted": settings.DATABASE_ENCRYPTED and connection.vendor == "sqlite",
        "free_bytes": disk.free,
        "total_bytes": disk.total,
        "engine": settings.OCR_ENGINE,
        "jobs": {state: Job.objects.filter(state=state).count() for state in states},
        "standings": standings(),
    }
