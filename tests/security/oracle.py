"""Files in every state of access, and who may see what of them, in plain Python over written rows.

Nothing here asks the predicate: roles, kinds of reasons and levels are typed from the tables that
the officers approved; the reasons come from the data file of the regulation itself.
"""

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace

from django.test import Client
from django.utils import timezone

import rongdang
from rongdang.describe.access import avoiding, opening
from rongdang.describe.access.models import Opening
from rongdang.describe.casefiles.sealing import seal_case_file
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.grants import services as grants
from rongdang.describe.grants.models import Grant
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.web.desk.tests import world as worlds

DATA = Path(rongdang.__file__).parent / "base" / "vocab" / "data" / "purposes.json"
REASONS = {row["code"]: row for row in json.loads(DATA.read_text(encoding="utf-8"))["rows"]}
LEVELS = {"基本", "家庭", "健康", "奖惩", "内部"}
ROLE_LEVELS = {"clerk": LEVELS, "reviewer": LEVELS, "leader": {"基本", "奖惩"}}
ROLE_KINDS = {
    "clerk": {"consult", "keep"},
    "reviewer": {"consult", "keep", "transfer"},
    "leader": {"consult"},
}
CATEGORIES = {"1": "基本", "5": "内部", "7": "奖惩"}
FIELDS = {
    "职务": "基本",
    "奖励": "奖惩",
    "健康状况": "健康",
    "婚姻状况": "家庭",
    "家庭出身": "内部",
}
CASES = ("home", "kin", "unopened", "ended", "sealed", "beyond", "granted", "over")
READERS = ("clerk", "reviewer", "leader")


def build(person_in, city, station, elsewhere):
    """Eight files, nine accounts, and the rows that say who is what."""
    world = SimpleNamespace(cases={}, titles={}, facts={}, people={}, readings={})
    world.accounts = worlds.people(person_in, city, station, elsewhere)
    world.posts = {role: (role, station) for role in READERS} | {"far": ("clerk", elsewhere)}
    filer, chief = person_in("filer-1", "clerk", city), person_in("chief-1", "leader", city)
    world.guard = person_in("guard-1", "security", city)
    for number, case in enumerate(CASES):
        unit = elsewhere if case in ("beyond", "granted", "over") else station
        world.cases[case] = _file(world, case, "甲乙丙丁戊己庚辛"[number], unit, filer)
    world.kin = {(role, "kin") for role in READERS}
    for role in READERS:
        avoiding.declare_relative(
            world.accounts[role],
            world.cases["kin"].person,
            relation="父",
            acting_user=world.guard,
        )
    seal_case_file(world.cases["sealed"], acting_user=world.accounts["reviewer"])
    _grants(world, chief)
    _open(world)
    world.clients = {"anonymous": Client()} | {
        who: _client(user) for who, user in world.accounts.items()
    }
    return world


def _file(world, case, sign, unit, filer):
    person = create_person(unit=unit, name=f"柳{sign}远", acting_user=filer)
    case_file = open_case_file(person, acting_user=filer)
    for category, level in CATEGORIES.items():
        title = f"{sign}卷{level}件"
        item = filed(case_file, filer, title=title, category=category, texts=(f"{sign}字三连",))
        world.titles[case, title] = (level, item)
    values = [FactValue(field, f"{sign}值{level}") for field, level in FIELDS.items()]
    for fact in confirm_facts(person, values, acting_user=filer):
        world.facts[case, fact.value] = (FIELDS[fact.field], fact)
    return case_file


def _grants(world, chief):
    """A running one and one that has ended, for the clerk and the leader of the unit beside."""
    world.grants = []
    for case, ends in (("granted", 1), ("over", -1)):
        for who in ("clerk", "leader"):
            asked = grants.ask(
                numbers=[world.cases[case].number],
                levels=["基本", "健康"],
                purpose="benefit",
                reason="核定护理费",
                until=timezone.now() + dt.timedelta(days=1),
                acting_user=world.accounts[who],
            )
            grants.give(asked, acting_user=chief)
            until = timezone.now() + dt.timedelta(days=ends)
            Grant.objects.filter(pk=asked.pk).update(asked_until=until, until=until)
            world.grants.append((who, case, "benefit", {"基本", "健康"}, until))


def _open(world):
    """(who, case) → the reason stated and still good."""
    codes = {"clerk": "keep", "reviewer": "keep", "leader": "inquiry"}
    said = [(who, case, codes[who]) for who in READERS for case in ("home", "ended", "sealed")]
    said += [("far", "beyond", "keep"), ("far", "over", "keep")]
    said += [(who, "granted", "benefit") for who in ("clerk", "leader")]
    for who, case, code in said:
        made = opening.open_file(
            world.cases[case], code=code, note="核查材料", acting_user=world.accounts[who]
        )
        if case == "ended":
            Opening.objects.filter(pk=made.pk).update(until=timezone.now())
        else:
            world.readings[who, case] = code


def _client(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    worlds.proved(client)
    return client


def in_charge(world, who, case):
    """Does the account hold a role over files in the file's unit or above it?"""
    if who not in world.posts:
        return False
    unit = world.cases[case].custodian
    while unit is not None:
        if unit == world.posts[who][1]:
            return True
        unit = unit.parent
    return False


def listed(world, who, case):
    """May the account know that the file exists?"""
    return in_charge(world, who, case) or any(
        (holder, of) == (who, case) and until > timezone.now()
        for holder, of, _code, _levels, until in world.grants
    )


def keeps(world, who, case):
    """Is arranging this file the account's own work?"""
    return in_charge(world, who, case) and "keep" in ROLE_KINDS[world.posts[who][0]]


def levels(world, who, case, code):
    """Levels of content that `who` sees of the file for the reason `code`."""
    if (who, case) in world.kin:
        return set()
    seen = set()
    if in_charge(world, who, case):
        role = world.posts[who][0]
        if REASONS[code]["kind"] in ROLE_KINDS[role]:
            seen |= ROLE_LEVELS[role] & set(REASONS[code]["levels"])
    for holder, of, purpose, given, until in world.grants:
        if (holder, of, purpose) == (who, case, code) and until > timezone.now():
            seen |= given
    return seen


def levels_now(world, who, case):
    """Levels he sees for the reason he has stated; none without one."""
    code = world.readings.get((who, case))
    return levels(world, who, case, code) if code else set()
