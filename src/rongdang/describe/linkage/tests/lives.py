"""People with everything that can hang on a person, made at random, and the house as it stands."""

import random

from django.apps import apps
from django.utils import timezone

from rongdang.base.ids import uuid7
from rongdang.describe.access.avoiding import declare_relative
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.linkage import journal
from rongdang.describe.people.projecting import project
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.describe.statements.models import Source, Statement

# What only grows, waits to be done, or is made again from the rest; and the joinings themselves.
APART = {"ledger", "jobs", "alarms", "search", "linkage", "sessions"}
FIELDS = {
    "出生日期": ("1938-04", "1938", "1939-04-02", "1941"),
    "性别": ("男", "女"),
    "籍贯": ("云州", "云州新河"),
    "入伍日期": ("1956", "1956-03", "1958-01"),
    "职务": ("连长", "营长", "教员"),
}


class Lives:
    """Makes people of a unit; `chance` decides what hangs on each."""

    def __init__(self, unit, clerk, security, accounts, seed):
        self.unit, self.clerk, self.security = unit, clerk, security
        self.accounts, self.chance = accounts, random.Random(seed)  # noqa: S311
        self.source = Source.objects.create(
            unit=unit, scope=unit.path, name="市局工资库", kind="table", made_by=clerk
        )

    def person(self, name):
        chance, clerk = self.chance, self.clerk
        person = create_person(unit=self.unit, name=name, acting_user=clerk)
        if chance.random() < 0.7:
            case_file = open_case_file(person, acting_user=clerk)
            for _material in range(chance.randrange(3)):
                item = filed(case_file, clerk, title="干部履历表", texts=(name,))
                self.confirmed(person, item.pages.get())
        if chance.random() < 0.5:
            self.confirmed(person, None)
        for _row in range(chance.randrange(3)):
            self.row(person)
        for account in chance.sample(self.accounts, chance.randrange(2)):
            declare_relative(account, person, relation="叔", acting_user=self.security)
        person.refresh_from_db()
        project(person, None)  # as the jobs leave it
        return person

    def confirmed(self, person, page):
        field = self.chance.choice(list(FIELDS))
        value = FactValue(field, self.chance.choice(FIELDS[field]), page_id=page and page.pk)
        return confirm_facts(person, [value], acting_user=self.clerk)

    def row(self, person):
        fields = self.chance.sample(list(FIELDS), 2)
        Statement.objects.create(
            source=self.source,
            key=self.chance.randbytes(16),
            digest=b"0" * 16,
            person=person,
            scope=person.scope,
            row=1,
            says={field: [self.chance.choice(FIELDS[field])] for field in fields},
            run=uuid7(),
            recorded_at=timezone.now(),
        )
        project(person, None)


def house():
    """Every row of every table that is not apart, to the byte."""
    return journal.image(
        model.objects.all() if hasattr(model, "objects") else model._base_manager.all()
        for model in apps.get_models()
        if model._meta.app_label not in APART and model._meta.managed
    )


def counted():
    """Materials of each file by its catalogue; nothing of a file is lost on the way."""
    return sorted(CaseFile.objects.values_list("items__pk", flat=True).exclude(items=None))
