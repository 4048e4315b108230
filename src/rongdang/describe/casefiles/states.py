"""What may happen to a case file."""

from __future__ import annotations

from django.db.models import TextChoices

from rongdang.base.accounts.roles import Permission
from rongdang.base.states import Machine, Move


class CaseFileState(TextChoices):
    OPEN = "open", "整理中"
    SEALED = "sealed", "已入库"
    JOINED = "joined", "已并入他卷"


CASEFILE = Machine(
    "casefile",
    Move("seal", ("open", "sealed"), "sealed", Permission.CASEFILE_SEAL, "入库", "seal"),
    Move("reopen", ("sealed",), "open", Permission.CASEFILE_EDIT, "续补材料", "add material"),
)
