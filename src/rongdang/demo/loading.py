"""Filling an empty house with the invented city: units, staff, registers, and paper to be read.

Each step looks what is there and goes on from that, so loading may be repeated and interrupted.
Scans are drawn and handed in by jobs, while the first page is already open.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.services import assign_role, create_user
from rongdang.base.jobs.models import Job
from rongdang.base.orgs.models import Unit
from rongdang.base.orgs.services import create_unit
from rongdang.demo import tasks
from rongdang.demo.piles import PILES
from rongdang.demo.registers import register, row_of
from rongdang.demo.units import FIVE_THINGS, HOMES, PASSWORD, PROGRAMS, STAFF, UNITS, clerk_of
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.registering import take_over_register

ROLE_WORDS = {
    "clerk": "档案员 clerk",
    "reviewer": "审核员 reviewer",
    "leader": "领导 leader",
    "system": "系统管理员 system officer",
    "security": "安全保密员 security officer",
    "audit": "安全审计员 audit officer",
}


def load(*, people: int, stacks: int, say: Callable[[str], None]) -> dict[str, int]:
    """See to it that the demonstration is there; `stacks` piles of paper are handed in by jobs.

    Gives what the house holds now: units, accounts, files.
    """
    if _make_units():
        say("机构和账号已建 / units and accounts are made")
    _make_staff()
    share, more = divmod(people, len(HOMES))
    for place, code in enumerate(HOMES):
        count = _take_over(code, share + (place < more))
        if count:
            say(f"  {code}: {count} 卷已接收 / files taken over")
    if _hand_in(stacks):
        say(f"{stacks} 叠扫描件正在送来 / {stacks} stacks of scans are on their way")
    return {
        "units": Unit.objects.count(),
        "accounts": User.objects.count(),
        "files": CaseFile.objects.count(),
    }


def welcome(url: str) -> str:
    """Accounts of each role and five things to try, for the terminal."""
    units = {code: name for code, name, *_rest in UNITS}
    rows = [
        f"  {username:9} {ROLE_WORDS[role]:28} {name}，{units[unit]}"
        for username, name, role, unit in STAFF
    ]
    things = [f"  {n}. {zh}\n     {en}" for n, (zh, en) in enumerate(FIVE_THINGS, 1)]
    return "\n".join(
        [
            "",
            f"荣档演示 / the demonstration: {url}",
            f"账号 accounts（口令 password: {PASSWORD}）",
            *rows,
            "试试这五件事 / five things to try",
            *things,
            "",
        ]
    )


def _make_units() -> bool:
    held = {unit.code: unit for unit in Unit.objects.all()}
    fresh = [row for row in UNITS if row[0] not in held]
    for code, name, english, parent, fonds in fresh:
        held[code] = create_unit(
            code=code,
            name=name,
            name_en=english,
            parent=held.get(parent),
            fonds=fonds,
            batch_confirm=code == "990102",
            acting_user=None,
        )
    return bool(fresh)


def _make_staff() -> None:
    units = {unit.code: unit for unit in Unit.objects.all()}
    known = set(User.objects.values_list("username", flat=True))
    for username, name, role, unit in (*STAFF, *PROGRAMS):
        if username in known:
            continue
        with transaction.atomic():
            user = create_user(
                username=username, display_name=name, password=PASSWORD, acting_user=None
            )
            assign_role(user=user, role=role, unit=units[unit], acting_user=None)


def _take_over(code: str, count: int) -> int:
    """The register of one home in one transaction: there whole, or not at all."""
    unit = Unit.objects.get(code=code)
    if CaseFile.objects.filter(custodian=unit).exists():
        return 0
    rows = list(register(code, count, first_seed=1000 * (HOMES.index(code) + 1)))
    unopened = [pile for pile in PILES if pile.home == code and pile.known]
    rows += [row_of(pile.life, count + n, catalogued=False) for n, pile in enumerate(unopened)]
    return len(take_over_register(unit, rows, acting_user=clerk_of(unit)))


def _hand_in(stacks: int) -> bool:
    """Set the chain of piles going, once."""
    if not stacks or Job.objects.filter(path=tasks.hand_in_pile.module_path).exists():
        return False
    with transaction.atomic():
        # The first pile is drawn while the registers are still being indexed.
        tasks.hand_in_pile.using(priority=5).enqueue(1, min(stacks, len(PILES)))
        tasks.hand_in_troubles.enqueue()
    return True
