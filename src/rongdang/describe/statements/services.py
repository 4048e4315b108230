"""Sources as they are made; what their rows say is written in `recording` and taken back in `taking_back`."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.describe.statements.models import Source, SourceKind


@transaction.atomic
def make_source(*, unit: Unit, name: str, kind: str, acting_user: User) -> Source:
    """An old system or table of a unit, under the name its people know it by."""
    require(acting_user, Permission.SOURCE_EDIT, unit.path)
    name = " ".join(name.split())[:80]
    if not name or kind not in SourceKind.values:
        raise DomainError(
            "来源要有名称和种类，没有登记。",
            "A source needs a name and a kind; nothing was registered.",
            hint_zh="写大家平时叫它的名字，例如“工资系统”。",
            hint_en="Give the name people call it by, such as “payroll”.",
            code="no-source-name",
            status=422,
        )
    refuse_marks(name, scope=unit.path, acting_user=acting_user, place="source")
    try:
        with transaction.atomic():
            source = Source.objects.create(
                unit=unit, scope=unit.path, name=name, kind=kind, made_by=acting_user
            )
    except IntegrityError:
        raise ConflictError(
            f"本机构已经有来源“{name}”，没有再登记。",
            f"The unit has a source “{name}” already; nothing was registered.",
            hint_zh="用已有的来源再读一次，或换一个名称。",
            hint_en="Read the existing source again, or choose another name.",
            code="source-known",
        ) from None
    record("source:make", actor=acting_user, subject=source, detail={"name": name, "kind": kind})
    return source
