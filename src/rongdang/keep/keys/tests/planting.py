"""What people write in their own words, with somebody's name, telephone and address in each of it."""

import datetime as dt

from django.utils import timezone

from rongdang.base.accounts import role_changes
from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.services import settle_alarm
from rongdang.base.gate import services as gate
from rongdang.capture.batches.services import open_batch
from rongdang.capture.review import pages, services
from rongdang.capture.review.filing import Decision
from rongdang.capture.review.models import Material
from rongdang.describe.access import avoiding
from rongdang.describe.access.opening import open_file
from rongdang.describe.casefiles.services import ItemDescription, describe_item
from rongdang.describe.casefiles.withdrawing import withdraw_fact
from rongdang.describe.grants import emergency, readers
from rongdang.describe.grants import services as grants


def write_everywhere(name, words, *, case_file, people):
    """`people` are accounts by role; those of a leader, a chief and a guard stand above the unit."""
    _about_a_file(words, case_file, people)
    _of_grants(words, case_file, people)
    _in_an_emergency(words, case_file, people)
    _of_relatives(name, words, case_file, people)
    _at_the_desk(words, people)
    gate.propose(reason=words, hours=1, acting_user=people["guard"])
    role_changes.propose(
        act="withdraw",
        user=people["reviewer"],
        unit=case_file.custodian,
        role="reviewer",
        reason=words,
        acting_user=people["guard"],
    )


def _about_a_file(words, case_file, people):
    clerk = people["clerk"]
    item = case_file.items.order_by("pk").first()
    told = ItemDescription(item.title, item.category, item.formed, note=words)
    describe_item(item, told, acting_user=clerk)
    fact = case_file.person.facts.get(field="民族")
    withdraw_fact(fact, reason=words, acting_user=people["reviewer"])
    open_file(case_file, code="other", note=words, acting_user=people["leader"])


def _of_grants(words, case_file, people):
    chief = people["chief"]

    def asked():
        return grants.ask(
            numbers=[case_file.number],
            levels=["基本"],
            purpose="benefit",
            reason=words,
            until=timezone.now() + dt.timedelta(days=1),
            acting_user=people["leader"],
        )

    grants.refuse(asked(), note=words, acting_user=chief)
    given = grants.give(asked(), note=words, acting_user=chief)
    grants.withdraw(given, why=words, acting_user=people["guard"])


def _in_an_emergency(words, case_file, people):
    reader = readers.name_reader(
        user=people["reviewer"], unit=case_file.custodian, why=words, acting_user=people["guard"]
    )
    readers.confirm_reader(reader, acting_user=people["chief"])
    use = emergency.break_glass(
        sought=case_file.number, reason=words, acting_user=people["reviewer"]
    )
    readers.review(use, justified=True, finding=words, acting_user=people["guard"])
    readers.end_reader(reader, why=words, acting_user=people["guard"])
    settle_alarm(Alarm.objects.get(kind="glass-broken"), note=words, acting_user=people["guard"])


def _of_relatives(name, words, case_file, people):
    held = avoiding.declare_relative(
        people["leader"], case_file.person, relation=f"外甥{name}", acting_user=people["guard"]
    )
    avoiding.clear_avoidance(held, why=words, acting_user=people["guard"])


def _at_the_desk(words, people):
    """One page is set aside with a reason, another goes back to the scanner, the third is filed."""
    clerk, reviewer = people["clerk"], people["reviewer"]
    unit = Material.objects.get().batch.unit
    open_batch(unit=unit, acting_user=clerk, source="browser", declared=True, note=words)
    read = Material.objects.get()
    aside, back, filed = [place.scan_id for place in read.pages.all()]
    read = pages.set_aside(
        read, scan=aside, reason=words, version=read.version, acting_user=reviewer
    )
    third = pages.split_material(read, before=filed, version=read.version, acting_user=reviewer)
    second = Material.objects.get(pages__scan=back)
    pages.send_back(second, reason=words, version=second.version, acting_user=reviewer)
    decision = Decision(
        title="立功登记表", category="7", formed="1962", values={}, new_name="石怀远", note=words
    )
    services.confirm_material(third, decision, version=third.version, acting_user=reviewer)
