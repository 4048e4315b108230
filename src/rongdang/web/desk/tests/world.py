"""One unit with one thing in every state a page shows, and somebody of each role."""

import datetime as dt
import io
from types import SimpleNamespace

from django.utils import timezone

from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import DomainError
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
from rongdang.describe.access import opening
from rongdang.describe.casefiles import rereading
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed, text_layer
from rongdang.describe.grants import readers
from rongdang.describe.grants import services as grants
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

ROLES = ("clerk", "reviewer", "leader", "system", "security", "audit")


def people(person_in, city, station, elsewhere):
    """Role → account; "far" is a clerk of the unit beside, "none" holds no role at all."""
    from rongdang.base.accounts.services import create_user

    found = {role: person_in(f"{role}-1", role, station) for role in ROLES[:3]}
    found |= {role: person_in(f"{role}-1", role, city) for role in ROLES[3:]}
    found["far"] = person_in("far-1", "clerk", elsewhere)
    found["none"] = create_user(
        username="none-1", display_name="none", password="correct horse 42", acting_user=None
    )
    return found


def build(station, clerk, engine):
    """Everything by the services themselves, as the days of a unit leave it."""
    engine(
        form(出生日期="一九三八年四月"),
        form(name="何海生", title="入党志愿书", date="一九六三年五月一日"),
        DomainError("读不出来。", "Cannot be read."),
        layer("机密★长期", "命令"),
    )
    review = closed_batch(
        station,
        clerk,
        *((f"{n}.jpg", page_image(n)) for n in range(1, 5)),
        ("信.txt", b"a letter"),
    )
    run_jobs()
    review.refresh_from_db()
    assert review.state == "review"
    receiving = batches.open_batch(unit=station, acting_user=clerk, source="browser", declared=True)
    hand_in(receiving, clerk, page_image(9), "9.jpg")
    coming = batches.open_batch(unit=station, acting_user=clerk, source="browser", declared=True)
    upload = batches.begin_upload(coming, name="大.pdf", size=1000, acting_user=clerk)
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    case_file = open_case_file(person, acting_user=clerk)
    item = filed(case_file, clerk, title="干部履历表", texts=("干部履历表", "三连战士"))
    family = filed(case_file, clerk, title="家庭成员情况", category="5")
    page = item.pages.get()
    [fact] = confirm_facts(
        person,
        [FactValue("出生日期", "1938-04", page_id=page.pk, formed="1962")],
        acting_user=clerk,
    )
    newer = text_layer("干部履历表", "三连战土", engine="new 2")
    earlier = rereading.replace_text(page, newer)
    page.refresh_from_db()
    run_jobs()
    job = Job.objects.create(
        path="rongdang.capture.batches.tasks.read_scan",
        arguments={"args": ["0"], "kwargs": {}},
        state="dead",
        finished_at=timezone.now(),
    )
    alarm = raise_alarm(kind="login-locked", about=clerk, scope=station.path)
    first, second = review.materials.all()
    return SimpleNamespace(
        station=station,
        review=review,
        receiving=receiving,
        coming=coming,
        upload=upload,
        refused=next(u for u in review.uploads.all() if u.name == "信.txt"),
        person=person,
        case_file=case_file,
        item=item,
        family=family,
        page=page,
        fact=fact,
        first=first,
        second=second,
        job=job,
        alarm=alarm,
        earlier=earlier,
        read=review.scans.filter(state="read").first(),
        failed=review.scans.get(state="failed"),
        secret=review.scans.get(state="secret"),
    )


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
