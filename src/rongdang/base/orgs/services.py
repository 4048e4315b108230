"""Writes to the tree of units."""

from __future__ import annotations

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
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
    if parent is None and acting_user is not None:
        raise DomainError(
            "请选上级机构，没有新建。",
            "Choose the unit above it; none was made.",
            code="no-parent",
            status=422,
        )
    if not code.strip() or not name.strip():
        raise DomainError(
            "代码和名称都要写，没有新建。",
            "Code and name are both needed; none was made.",
            code="no-name",
            status=422,
        )
    if Unit.objects.filter(code=code).exists():
        raise DomainError(
            f"代码“{code}”已经有机构用了，没有新建。",
            f"The code “{code}” is taken; no unit was made.",
            code="unit-exists",
            status=409,
        )
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


RULES = ("batch_confirm", "merge_certain")  # switches of a unit, off until its leader says so


@transaction.atomic
def set_rule(unit: Unit, rule: str, *, allowed: bool, acting_user: User) -> Unit:
    """Switch one of RULES: may what is sure be confirmed many at a time, may records that are one
    person for certain be merged without a clerk? Raises DomainError for no such rule.
    """
    require(acting_user, Permission.RULE_SET, unit.path)
    if rule not in RULES:
        raise DomainError(
            "没有这条规则，没有改动。",
            "There is no such rule; nothing changed.",
            code="no-rule",
            status=422,
        )
    if Unit.objects.filter(pk=unit.pk, **{rule: not allowed}).update(**{rule: allowed}):
        record("unit:set-rule", actor=acting_user, subject=unit, detail={rule: allowed})
    setattr(unit, rule, allowed)
    return unit
