"""Writes to the tree of units."""

from __future__ import annotations

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import SEGMENT, Unit


@transaction.atomic
def create_unit(
    *,
    code: str,
    name: str,
    parent: Unit | None,
    acting_user: User | None,
    name_en: str = "",
    fonds: str = "",
    batch_confirm: bool = False,
) -> Unit:
    """Add a unit below `parent`; `acting_user=None` is the installation itself."""
    require(acting_user, Permission.UNIT_EDIT, parent.path if parent else "")
    siblings = Unit.objects.select_for_update().filter(parent=parent)
    last = siblings.order_by("-path").values_list("path", flat=True).first()
    number = int(last[-SEGMENT:]) + 1 if last else 1
    segment = f"{number:0{SEGMENT}d}"
    unit = Unit.objects.create(
        code=code,
        name=name,
        name_en=name_en,
        fonds=fonds or (parent.fonds if parent else ""),
        parent=parent,
        path=f"{parent.path}.{segment}" if parent else segment,
        batch_confirm=batch_confirm,
    )
    record("unit:create", actor=acting_user, subject=unit, detail={"code": code, "name": name})
    return unit
