"""Trays of the watched inbox: who opened one answers for what is scanned into it."""

from __future__ import annotations

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.capture.batches.models import Tray


@transaction.atomic
def open_tray(unit: Unit, *, declared: bool, acting_user: User) -> Tray:
    """Files in the unit's tray are taken in, in this clerk's name, from now on.

    The declaration “no state secrets” stands for all that is put into the tray (保密法 31).
    """
    require(acting_user, Permission.BATCH_UPLOAD, unit.path)
    if not declared:
        raise DomainError(
            "还没有声明“不含涉密材料”，没有打开收件夹。",
            "The declaration “no state secrets” is missing; the tray was not opened.",
            hint_zh="请先定好规矩：放进这个收件夹的都不含涉密材料，再勾选声明。",
            hint_en="Make sure that nothing secret is scanned into this tray, then tick it.",
            code="not-declared",
        )
    tray, _made = Tray.objects.update_or_create(
        unit=unit,
        defaults={
            "opened_by": acting_user,
            "is_open": True,
            "trouble_zh": "",
            "trouble_en": "",
        },
    )
    record("tray:open", actor=acting_user, subject=tray, detail={"declared": True})
    return tray


@transaction.atomic
def close_tray(tray: Tray, *, acting_user: User) -> Tray:
    """Nothing is taken from this tray any more; what lies in it stays there."""
    require(acting_user, Permission.BATCH_UPLOAD, tray.unit.path)
    tray.is_open = False
    tray.save(update_fields=["is_open"])
    record("tray:close", actor=acting_user, subject=tray)
    return tray


@transaction.atomic
def note_trouble(tray: Tray, zh: str, en: str) -> None:
    """Say once what keeps a tray's files from being taken in; "" when nothing does any more."""
    zh, en = zh[:400], en[:400]
    held = Tray.objects.select_for_update(of=("self",)).get(pk=tray.pk)
    if (held.trouble_zh, held.trouble_en) == (zh, en):
        return
    held.trouble_zh, held.trouble_en = zh, en
    held.save(update_fields=["trouble_zh", "trouble_en"])
    if en:
        record("tray:stop", actor=None, subject=tray, detail={"reason": en})


@transaction.atomic
def stop_tray(tray: Tray, zh: str, en: str) -> None:
    """The machine closes a tray it cannot empty; a person opens it again."""
    note_trouble(tray, zh, en)
    Tray.objects.filter(pk=tray.pk).update(is_open=False)
