"""Jobs of the ledger."""

from __future__ import annotations

from django_tasks import task

from rongdang.base.ledger import auditing
from rongdang.base.ledger.models import Verification


@task()
def examine_ledger(verification_id: str) -> None:
    """Run again after a crash, it begins anew; what is finished stays as it was found."""
    asked = Verification.objects.filter(pk=verification_id, finished_at=None).first()
    if asked is not None:
        auditing.run_examination(asked)
