"""What the one predicate costs where a province keeps its files: lists, counts and content under it.

    make bench NAME=access ARGS="--files 200000"

1,220 units in three levels, one material a file, 500 grants of the reader, five files he must not read. The
reader cares for one middle unit (a twentieth of the tree), and in turn for the whole tree. Figures are CPU
milliseconds of one call through the models, the rows read; statistics of the database are as an import leaves them.
"""

import argparse
import datetime as dt
import itertools
import random
import statistics
import time

from filled import name_of
from table import Report, house

MIDDLE, LEAVES = 20, 60  # and one unit more, for the top: 1,221


def units():
    """The tree, and its middle units with their leaves."""
    from django.db import transaction
    from rongdang.base.orgs.services import create_unit

    with transaction.atomic():
        top = create_unit(code="9900", name="梧桐省军休中心", parent=None, acting_user=None)
        below = {}
        for a in range(MIDDLE):
            middle = create_unit(
                code=f"99{a:02d}00", name=f"第{a + 1}市军休中心", parent=top, acting_user=None
            )
            below[middle] = [
                create_unit(
                    code=f"99{a:02d}{b + 1:02d}",
                    name=f"{a + 1}-{b + 1}所",
                    parent=middle,
                    acting_user=None,
                )
                for b in range(LEAVES)
            ]
    return top, below


def files(count, leaves, clerk):
    from django.db import connection, transaction
    from rongdang.describe.casefiles.models import CaseFile, Item
    from rongdang.describe.people.models import Person

    rng = random.Random(5)
    levels = (("1", "基本"), ("2", "内部"), ("7", "奖惩"))
    for first in range(0, count, 5000):
        people, kept, items = [], [], []
        for number in range(first, min(count, first + 5000)):
            unit, name = leaves[number % len(leaves)], name_of(rng)
            person = Person(unit=unit, scope=unit.path, name=name, name_keys=name, birth="1938-04")
            file = CaseFile(
                number=f"{unit.code}-RS·JX-{number:06d}",
                person=person,
                custodian=unit,
                scope=unit.path,
            )
            category, level = levels[number % 3]
            people.append(person)
            kept.append(file)
            items.append(
                Item(
                    case_file=file,
                    category=category,
                    level=level,
                    sequence=1,
                    title="材料",
                    page_count=1,
                    filed_by=clerk,
                )
            )
        with transaction.atomic():
            for model, rows in ((Person, people), (CaseFile, kept), (Item, items)):
                model.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def granted(user, count):
    """Grants of one file each, outside the reader's units, and five files he must not read."""
    from django.utils import timezone
    from rongdang.describe.access.models import Avoidance
    from rongdang.describe.casefiles.models import CaseFile
    from rongdang.describe.grants.models import Allowance, Covered, Grant

    path = user.scopes("casefile:see")[0]
    chosen = list(CaseFile.objects.exclude(scope__startswith=path).order_by("?")[:count])
    until = timezone.now() + dt.timedelta(days=1)
    other = type(user).objects.exclude(pk=user.pk).first()
    grants = Grant.objects.bulk_create(
        Grant(
            user=user,
            purpose="daily",
            reason="走访",
            numbers=[file.number],
            levels=["基本"],
            scope=file.scope,
            state="given",
            asked_until=until,
            until=until,
            decided_by=other,
            decided_at=timezone.now(),
        )
        for file in chosen
    )
    pairs = zip(grants, chosen, strict=True)
    Covered.objects.bulk_create(
        Covered(grant=grant, case_file=file, level="基本") for grant, file in pairs
    )
    Allowance.objects.bulk_create(Allowance(grant=grant, action="see") for grant in grants)
    near = CaseFile.objects.filter(scope__startswith=path)[:5]
    Avoidance.objects.bulk_create(
        Avoidance(user=user, person_id=file.person_id, ground="kin") for file in near
    )


def calls(user):
    from rongdang.describe.access.models import Opening
    from rongdang.describe.access.predicate import purpose_of, stated
    from rongdang.describe.casefiles.listing import Narrowed, first_listed
    from rongdang.describe.casefiles.models import CaseFile, Item

    listed = CaseFile.objects.visible_to(user)
    seen = Item.objects.visible_to(user, stated("daily"))
    file = listed.order_by("number").first()
    opened = Opening(user=user, case_file=file, purpose="daily")
    inside = Item.objects.visible_to(user, purpose_of(opened))
    return {
        "list, page of 30": lambda: first_listed(user, Narrowed(), most=31),
        "list, count": listed.count,
        "content, page of 30": lambda: list(seen.order_by("-pk")[:30]),
        "content of an opened file, page": lambda: list(inside.all()),
        "content of all files, number": seen.count,
    }


def measured(call, rounds):
    took = []
    for _turn in range(rounds):
        start = time.process_time()
        call()
        took.append((time.process_time() - start) * 1000)
    return sorted(took)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--grants", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = house("", RONGDANG_WORKERS="1")
    from rongdang.base.accounts.services import assign_role, create_user

    top, below = units()
    readers = {}
    for name, unit in (("a twentieth", next(iter(below))), ("all units", top)):
        user = create_user(
            username=name.replace(" ", ""),
            display_name=name,
            password="correct horse 42",
            acting_user=None,
        )
        assign_role(user=user, role="leader", unit=unit, acting_user=None)
        readers[name] = user
    report = Report("access")
    report.add("units", 1 + MIDDLE + MIDDLE * LEAVES)
    start = time.process_time()
    files(options.files, list(itertools.chain.from_iterable(below.values())), user)
    report.add("files", options.files)
    report.add("filled in", time.process_time() - start, "CPU-s")
    granted(readers["a twentieth"], options.grants)
    report.add("grants of the reader", options.grants)
    for name, user in readers.items():
        for what, call in calls(user).items():
            took = measured(call, options.rounds)
            told = f"{name}: {what}"
            # Materials are counted inside a file; across all files no page does it, and the figure is only told.
            bound = (
                30 if "page" in what else 50 if "count" in what and name == "a twentieth" else None
            )
            report.add(f"{told}, p50", statistics.median(took), "ms")
            report.add(f"{told}, p95", took[int(len(took) * 0.95) - 1], "ms", most=bound)
    if folder is not None:
        folder.cleanup()
    return report.show(options.json)


if __name__ == "__main__":
    raise SystemExit(main())
