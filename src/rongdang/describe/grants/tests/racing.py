"""Fifty threads at one grant; run in a process of its own where the database is a file."""

import json
import sys
import threading


def race(act, threads=50):
    """Code of the refusal, or "" for what passed, of each thread."""
    from django.db import connections

    from rongdang.base.errors import DomainError

    told, go = [], threading.Event()

    def run():
        go.wait()
        try:
            act()
            told.append("")
        except DomainError as refusal:
            told.append(refusal.code)
        except BaseException as error:
            told.append(repr(error))
        finally:
            connections.close_all()

    running = [threading.Thread(target=run) for _ in range(threads)]
    for one in running:
        one.start()
    go.set()
    for one in running:
        one.join()
    return sorted(told)


def print_at_once(user, case_file):
    from django.db import transaction

    from rongdang.base.alarms.refusals import alarmed
    from rongdang.describe.grants.spending import leave

    @alarmed
    @transaction.atomic
    def act():
        leave(user, case_file, "print")

    return race(act)


def decide_at_once(grant, user):
    from rongdang.describe.grants.models import Grant
    from rongdang.describe.grants.services import give

    def act():
        give(Grant.objects.select_related("user").get(pk=grant.pk), acting_user=user)

    return race(act)


def both(asked_by, decided_by, case_file):
    """What came of fifty approvals of one grant of 20 prints, and of fifty prints."""
    import datetime as dt

    from django.utils import timezone

    from rongdang.base.alarms.models import Alarm
    from rongdang.base.ledger.models import Entry
    from rongdang.base.ledger.queries import verify
    from rongdang.describe.grants import services
    from rongdang.describe.grants.models import Allowance

    grant = services.ask(
        numbers=[case_file.number],
        levels=["基本"],
        purpose="benefit",
        reason="核定护理费",
        until=timezone.now() + dt.timedelta(days=1),
        prints=20,
        acting_user=asked_by,
    )
    decisions = decide_at_once(grant, decided_by)
    prints = print_at_once(asked_by, case_file)
    return {
        "decisions": decisions,
        "prints": prints,
        "used": Allowance.objects.get(action="print").used,
        "given": Entry.objects.filter(event="grant:give").count(),
        "entries": Entry.objects.filter(event="grant:use").count(),
        "covered": grant.covered.count(),
        "alarm": Alarm.objects.filter(kind="grant-exceeded").count(),
        "log": verify().ok,
    }


def world():
    from rongdang.base.accounts.services import assign_role, create_user
    from rongdang.base.orgs.services import create_unit
    from rongdang.describe.casefiles.services import open_case_file
    from rongdang.describe.people.services import create_person

    unit = create_unit(code="99", name="梧桐里军休所", parent=None, acting_user=None, fonds="X1")
    made = []
    for name, role in (("zhou", "clerk"), ("liu", "leader"), ("cheng", "leader")):
        user = create_user(
            username=name, display_name=name, password="correct horse 42", acting_user=None
        )
        assign_role(user=user, role=role, unit=unit, acting_user=None)
        made.append(user)
    person = create_person(unit=unit, name="林长河", acting_user=made[0])
    return made[1], made[2], open_case_file(person, acting_user=made[0])


if __name__ == "__main__":
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    json.dump(both(*world()), sys.stdout)
