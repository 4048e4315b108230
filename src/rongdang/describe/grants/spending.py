"""What leaves the house is counted: each print and export against the grant that allows it."""

from __future__ import annotations

from django.db import connection
from django.db.models import F, QuerySet

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.refusals import AlarmingRefusalError
from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.ledger.services import LedgerError, record
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.grants.models import Allowance, Grant
from rongdang.describe.grants.queries import covered
from rongdang.describe.grants.rules import EXPORT, PRINT

# Whose daily work it is needs no grant; everybody else's is counted.
BY_ROLE = {PRINT: Permission.CASEFILE_EDIT, EXPORT: Permission.PERSON_EXPORT}
WORDS = {PRINT: ("打印", "print"), EXPORT: ("导出", "export")}


def is_open(user: User, case_file: CaseFile, action: str) -> bool:
    """Has this been given at all, be it used up? For others the page is not there."""
    return user.may(BY_ROLE[action], case_file.scope) or _open(user, case_file, action).exists()


def may_leave(user: User, case_file: CaseFile, action: str) -> bool:
    """Could this be done now? Only `leave` decides."""
    return action in actions_left(user, case_file)


def actions_left(user: User, case_file: CaseFile, *, by_grant: bool = True) -> set[str]:
    """What could be printed or exported now, for showing the buttons; one query at most.

    Whoever reads for a purpose that no grant is given for need not be asked for grants.
    """
    found = {action for action, right in BY_ROLE.items() if user.may(right, case_file.scope)}
    if by_grant and len(found) < len(BY_ROLE):
        grants = Grant.objects.holding().filter(user=user, covered__case_file=case_file)
        left = Allowance.objects.filter(grant__in=grants.values("pk"), used__lt=F("allowed"))
        found |= set(left.values_list("action", flat=True))
    return found


def check_leaves(user: User, case_file: CaseFile, action: str) -> None:
    """Refuse early what `leave` would refuse, before anything is drawn; counts nothing."""
    if not may_leave(user, case_file, action):
        raise _refusal(user, case_file, action)


def leave(user: User, case_file: CaseFile, action: str) -> Grant | None:
    """Count one print or export in the running transaction, with its ledger entry, or raise.

    None: the role itself gives the right. Of fifty that come together exactly as many pass as the
    grant has left: the count is raised by one statement that also asks whether it may be. Stands
    in a service that `alarmed` guards, for going beyond a grant is put before the officers.
    """
    if not connection.in_atomic_block:
        raise LedgerError(
            "计数要和打印、导出在同一个事务里，没有办。",
            "What leaves is counted in the transaction of its record; nothing was done.",
            code="ledger-no-transaction",
        )
    if user.may(BY_ROLE[action], case_file.scope):
        return None
    for allowance in _open(user, case_file, action).select_related("grant"):
        # No join: PostgreSQL asks a waiting statement's conditions anew only of the row itself.
        counted = Allowance.objects.filter(
            pk=allowance.pk,
            used__lt=F("allowed"),
            grant__in=Grant.objects.holding().values("pk"),
        ).update(used=F("used") + 1)
        if counted:
            told = {"action": action, "file": str(case_file.pk)}
            record("grant:use", actor=user, subject=allowance.grant, detail=told)
            return allowance.grant
    raise _refusal(user, case_file, action)


def _open(user: User, case_file: CaseFile, action: str) -> QuerySet[Allowance]:
    """Allowances of grants that hold for this file now, the one that ends first before the others."""
    grants = covered(user, action).filter(case_file=case_file).values("grant")
    return Allowance.objects.filter(action=action, grant__in=grants).order_by("grant__until")


def _refusal(user: User, case_file: CaseFile, action: str) -> DomainError:
    zh, en = WORDS[action]
    if _open(user, case_file, action).exists():
        return AlarmingRefusalError(
            f"授权的{zh}次数已经用完，没有{zh}。",
            f"The grant's count is used up; nothing went out ({en}).",
            hint_zh="确实还需要的，请在“我的授权”里重新申请。安全保密员会看到这次尝试。",
            hint_en="If it is needed, ask for a new grant. The security officer sees this attempt.",
            code="grant-used-up",
            alarm={
                "kind": "grant-exceeded",
                "about": user,
                "scope": case_file.scope,
                "subject": case_file,
                "detail": {"action": action, "number": case_file.number},
            },
        )
    return NotPermittedError(
        f"您的岗位和授权都不含{zh}这一卷，没有{zh}。",
        f"Neither your role nor a grant lets you {en} this file; nothing went out.",
        hint_zh="请在“我的授权”里申请，写明次数和事由。",
        hint_en="Ask for a grant, with the count and the reason.",
        code="not-permitted",
    )
