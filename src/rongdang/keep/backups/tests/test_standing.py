"""How old the last backup, drill and scrub are: on the health page, and as an alarm."""

from datetime import timedelta

import pytest
from django.utils import timezone

from django.urls import reverse

from rongdang.base.alarms.models import Alarm
from rongdang.base.orgs.services import create_unit
from rongdang.keep.backups import runs
from rongdang.keep.backups.models import Run
from rongdang.keep.backups.queries import raise_what_is_late, standings

pytestmark = pytest.mark.django_db


@pytest.fixture
def proved():
    """A house some hours old, with a backup, a drill and a scrub just done."""
    create_unit(code="990001", name="一所", parent=None, acting_user=None, fonds="X1")
    made = {}
    for kind in ("backup", "drill", "scrub"):
        made[kind] = runs.finish(runs.begin(kind, target="t"), {"complete": True})
    return made


def late():
    return {one.kind for one in standings() if one.late}


def aged(run, **age):
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - timedelta(**age))


def test_just_done_nothing_is_late_and_nothing_is_an_alarm(proved):
    assert late() == set() and raise_what_is_late() == [] and not Alarm.objects.exists()


def test_past_its_term_each_is_late_once_a_day(proved):
    aged(proved["backup"], hours=27)
    aged(proved["drill"], days=32)
    assert late() == {"backup", "drill"}
    aged(proved["scrub"], days=91)
    assert late() == {"backup", "drill", "scrub"}
    raise_what_is_late()
    raise_what_is_late()
    assert sorted(Alarm.objects.values_list("kind", "times")) == [
        ("backup-late", 1),
        ("backup-late", 1),
        ("scrub-late", 1),
    ]


def test_a_new_house_is_not_late_and_one_that_never_did_it_is():
    assert late() == {"backup", "drill", "scrub"}  # no entry tells of its age
    create_unit(code="990001", name="一所", parent=None, acting_user=None, fonds="X1")
    assert late() == set()


def test_a_failure_since_stands_beside_it_and_an_unfinished_scrub_does_not_count(proved):
    from rongdang.base.errors import DomainError

    runs.fail(runs.begin("backup", target="t"), DomainError("满了", "full"), alarm="backup-failed")
    told = {one.kind: one for one in standings()}
    assert told["backup"].failed_at and "满了" in told["backup"].error
    assert told["drill"].failed_at is None
    Run.objects.filter(pk=proved["scrub"].pk).update(result={"complete": False})
    assert {one.kind: one.done_at for one in standings()}["scrub"] is None


def test_the_health_page_says_so(proved, client):
    from rongdang.base.accounts.services import assign_role, create_user
    from rongdang.base.orgs.models import Unit

    user = create_user(
        username="sys", display_name="系", password="correct horse 42", acting_user=None
    )
    assign_role(user=user, role="system", unit=Unit.objects.get(), acting_user=None)
    aged(proved["drill"], days=40)
    client.force_login(user)
    page = client.get(reverse("officers:health")).content.decode()
    assert "恢复演练" in page and "过期了" in page and "按时" in page
