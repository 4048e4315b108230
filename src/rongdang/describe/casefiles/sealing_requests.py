"""Sealing asked for on a page: 300 pages take some seconds, so a job does it and says how it went."""

from __future__ import annotations

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.ledger.services import record
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.describe.casefiles.sealing import nothing_to_seal, seal_case_file

GAVE_UP_ZH = "入库时几次中断，没有入库。案卷没有改动，请再试一次；还不行，请系统管理员看“任务”。"
GAVE_UP_EN = (
    "Sealing broke off several times; the file was not sealed and is unchanged. Try again; "
    "should it fail again, the system officer finds the reason under Jobs."
)


@transaction.atomic
def ask_to_seal(case_file: CaseFile, *, acting_user: User) -> CaseFile:
    """Have the file sealed in this person's name; `config/flow.py` starts the job."""
    require(acting_user, Permission.CASEFILE_SEAL, case_file.scope)
    refuse_avoided(acting_user, case_file.person_id)
    held = CaseFile.objects.select_for_update(of=("self",)).get(pk=case_file.pk)
    if held.sealing_by_id is not None:
        raise ConflictError(
            "这卷正在入库，没有再办一次。",
            "This file is being sealed already; nothing was started again.",
            hint_zh="等它办完，页面会自己更新。",
            hint_en="Wait until it is done; the page follows by itself.",
        )
    if not Page.objects.filter(item__case_file=held).exists():
        raise nothing_to_seal()
    held.sealing_by, held.trouble_zh, held.trouble_en = acting_user, "", ""
    held.save(update_fields=["sealing_by", "trouble_zh", "trouble_en"])
    record("casefile:ask-seal", actor=acting_user, subject=held)
    return held


def seal_as_asked(case_file: CaseFile) -> None:
    """Seal, or note on the file why not. Run twice = run once."""
    if case_file.sealing_by is None:
        return
    try:
        seal_case_file(case_file, acting_user=case_file.sealing_by)
    except DomainError as error:
        end_request(case_file, zh=error.message(), en=error.message("en"))
    else:
        end_request(case_file)


@transaction.atomic
def end_request(case_file: CaseFile, *, zh: str = "", en: str = "") -> None:
    """Nobody waits any more; with words, the sealing did not come about."""
    held = CaseFile.objects.select_for_update(of=("self",)).get(pk=case_file.pk)
    if held.sealing_by_id is None:
        return
    held.sealing_by, held.trouble_zh, held.trouble_en = None, zh[:400], en[:600]
    held.save(update_fields=["sealing_by", "trouble_zh", "trouble_en"])
    if zh:
        record("casefile:fail-seal", actor=None, subject=held, detail={"why": zh[:400]})
