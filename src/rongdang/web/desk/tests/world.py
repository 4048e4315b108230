"""One unit with one thing in every state a page shows, and somebody of each role."""

import datetime as dt
import io
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import DomainError
from rongdang.base.hosts import services as hosts
from rongdang.base.jobs.models import Job
from rongdang.capture.batches import services as batches
from rongdang.capture.batches.tests.factories import (
    closed_batch,
    form,
    hand_in,
    layer,
    page_image,
    run_jobs,
)
from rongdang.capture.sources import services as sources
from rongdang.capture.sources.tests import roster
from rongdang.describe.access import opening
from rongdang.describe.casefiles import rereading
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed, text_layer
from rongdang.describe.grants import readers
from rongdang.describe.grants import services as grants
from rongdang.describe.linkage.joining import merge
from rongdang.describe.linkage.models import Pair
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.describe.statements import services as statements
from rongdang.provide.quality import measuring
from rongdang.provide.quality.models import Measurement


ROLES = ("clerk", "reviewer", "leader", "system", "security", "audit")


def people(person_in, city, station, elsewhere):
    """Role → account; "far" is a clerk of the unit beside, "none" holds no role at all."""
    from rongdang.base.accounts.services import create_user

    found = {role: person_in(f"{role}-1", role, station) for role in ROLES[:3]}
    found |= {role: person_in(f"{role}-1", role, city) for role in ROLES[3:]}
    found["far"] = person_in("far-1", "clerk", elsewhere)
    found["none"] = create_user(
        username="none-1",
        display_name="none",
        password="correct horse 42",
        id_number="990101198807040108",  # a role is proposed of whom is known
        acting_user=None,
    )
    return found


def build(station, clerk, engine):
    """Everything by the services themselves, as the days of a unit leave it."""
    made = SimpleNamespace(station=station)
    handed_in(made, clerk, engine)
    filed_away(made, clerk)
    alike(made, clerk)
    troubled(made, clerk)
    run_jobs()
    brought(made, clerk)
    return made


def handed_in(made, clerk, engine):
    """A batch in review with a page of every state, one still open, one whose file is half sent."""
    engine(
        form(出生日期="一九三八年四月"),
        form(name="何海生", title="入党志愿书", date="一九六三年五月一日"),
        DomainError("读不出来。", "Cannot be read."),
        layer("机密★长期", "命令"),
    )
    pages = [(f"{n}.jpg", page_image(n)) for n in range(1, 5)]
    made.review = closed_batch(made.station, clerk, *pages, ("信.txt", b"a letter"))
    run_jobs()
    made.review.refresh_from_db()
    assert made.review.state == "review"
    made.first, made.second = made.review.materials.all()
    made.read = made.review.scans.filter(state="read").first()
    made.failed = made.review.scans.get(state="failed")
    made.secret = made.review.scans.get(state="secret")
    made.refused = next(u for u in made.review.uploads.all() if u.name == "信.txt")
    made.receiving, made.coming = (
        batches.open_batch(unit=made.station, acting_user=clerk, source="browser", declared=True)
        for _ in range(2)
    )
    hand_in(made.receiving, clerk, page_image(9), "9.jpg")
    made.upload = batches.begin_upload(made.coming, name="大.pdf", size=1000, acting_user=clerk)


def filed_away(made, clerk):
    """A person's file of two materials, a fact with its evidence, a page read twice."""
    made.person = create_person(unit=made.station, name="林长河", acting_user=clerk)
    made.case_file = open_case_file(made.person, acting_user=clerk)
    made.item = filed(made.case_file, clerk, title="干部履历表", texts=("干部履历表", "三连战士"))
    made.family = filed(made.case_file, clerk, title="家庭成员情况", category="5")
    made.page = made.item.pages.get()
    born = FactValue("出生日期", "1938-04", page_id=made.page.pk, formed="1962")
    [made.fact] = confirm_facts(made.person, [born], acting_user=clerk)
    places = [
        FactValue("籍贯", place, page_id=made.page.pk, formed="1962")
        for place in ("江苏常熟", "江苏无锡")
    ]
    confirm_facts(made.person, places, acting_user=clerk)
    made.doubt = made.person.doubts.get(code="sources:native_place")
    newer = text_layer("干部履历表", "三连战土", engine="new 2")
    made.earlier = rereading.replace_text(made.page, newer)
    made.page.refresh_from_db()


def alike(made, clerk):
    """A second record of the same man, and a record that was made one with another."""
    made.twice = create_person(unit=made.station, name="林长河", acting_user=clerk)
    confirm_facts(made.twice, [FactValue("出生日期", "1938-04")], acting_user=clerk)
    made.pair = Pair.objects.create(
        first=made.person, second=made.twice, scope=made.station.path, probability=0.97
    )
    kept = create_person(unit=made.station, name="何海生", acting_user=clerk)
    gone = create_person(unit=made.station, name="何海声", acting_user=clerk)
    made.joining = merge(kept, gone, reason="身份证号一致", acting_user=clerk)


def troubled(made, clerk):
    """A job nobody could do, and an alarm."""
    made.job = Job.objects.create(
        path="rongdang.capture.batches.tasks.read_scan",
        arguments={"args": ["0"], "kwargs": {}},
        state="dead",
        finished_at=timezone.now(),
    )
    made.alarm = raise_alarm(kind="login-locked", about=clerk, scope=made.station.path)


def brought(made, clerk):
    """A table of an old system, its recipe, a trial of it; and a reading that was begun."""
    made.source = statements.make_source(
        unit=made.station, name="工资系统", kind="table", acting_user=clerk
    )
    files = [("名册.csv", io.BytesIO(roster.csv(roster.LIN)))]
    made.delivery = sources.deliver(made.source, files, table="名册", acting_user=clerk)
    made.recipe = sources.save_recipe(made.source, roster.RECIPE, why="", acting_user=clerk)
    made.trial = sources.start(made.delivery, made.recipe, acting_user=clerk, dry=True)
    run_jobs()
    made.begun = sources.start(made.delivery, made.recipe, acting_user=clerk)


def new_table():
    return SimpleUploadedFile("花名册.csv", roster.csv(roster.LIN))


def opened(made):
    """The file is open to all who may read it, for what the widest of their reasons shows."""
    for role, code in (("clerk", "keep"), ("reviewer", "keep"), ("leader", "inquiry")):
        opening.open_file(
            made.case_file, code=code, note="核查材料", acting_user=made.accounts[role]
        )


def grant(made, chief):
    """The clerk has asked for a grant, the leader has one to print; the reviewer is named for
    emergencies.
    """
    who = made.accounts
    wanted = {
        "numbers": [made.case_file.number],
        "levels": ["基本"],
        "purpose": "benefit",
        "reason": "核定护理费",
        "until": timezone.now() + dt.timedelta(days=1),
    }
    made.asked = grants.ask(**wanted, acting_user=who["clerk"])
    to_print = grants.ask(**wanted, prints=9, acting_user=who["leader"])
    grants.give(to_print, acting_user=chief)
    made.reader = readers.name_reader(
        user=who["reviewer"], unit=made.station, why="夜班值守", acting_user=who["security"]
    )
    readers.confirm_reader(made.reader, acting_user=who["leader"])


def measured(made):
    """The figures of the day, and one of the unit beside."""
    measuring.measure(acting_user=None)
    [beside] = made.accounts["far"].scopes(Permission.CASEFILE_SEE)
    Measurement.objects.create(
        scope=beside, day=timezone.localdate(), measure="known", part=40, whole=100
    )


def outside(made):
    """A machine outside that two officers have allowed."""
    named = hosts.propose(
        "127.0.0.1", 443, reason="市养老系统接收变更", acting_user=made.accounts["system"]
    )
    made.host = hosts.decide(named, agreed=True, acting_user=made.accounts["security"])


def new_scan():
    """A page as the browser sends it."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("新.jpg", page_image(77), content_type="image/jpeg")


def picture():
    return io.BytesIO(page_image(78))


def proved(client):
    """As after a login a moment ago: who it is need not be asked again."""
    from rongdang.web.desk import entering

    session = client.session
    session[entering.FACTOR_AT] = entering.now()
    session.save()
