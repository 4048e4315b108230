"""What was asked for and not given is on the ledger, whether it exists or not; the answer tells nothing."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rongdang.base.alarms.denied import rule
from rongdang.base.alarms.models import Alarm
from rongdang.base.ledger.models import Entry
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.people.services import create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def beyond(elsewhere, stranger):
    """A person of the unit beside, with a file."""
    person = create_person(unit=elsewhere, name="柳河远", acting_user=stranger)
    open_case_file(person, acting_user=stranger)
    return person


def refusals(user):
    rows = Entry.objects.filter(event="access:refuse", actor=str(user.pk)).order_by("seq")
    return list(rows.values_list("subject_kind", "subject_id"))


def _shape(sql):
    """A query without its values; of the log's tree each leaf has another number of nodes."""
    return re.sub(r"'[^']*'|\d+|s\d+_x\d+", "?", sql)[:200]


def ask(client, key):
    return client.get(reverse("people:detail", args=[key]))


def test_n09_a_foreign_id_and_one_that_is_nobody_s_are_noted_and_answered_alike(
    client, clerk, beyond
):
    client.force_login(clerk)
    nobody = uuid.uuid4()
    ask(client, uuid.uuid4())  # what is read once for the process is read
    told, work = [], []
    for key in (beyond.pk, nobody):
        with CaptureQueriesContext(connection) as queries:
            answer = ask(client, key)
        work.append([_shape(one["sql"]) for one in queries if "ledger_node" not in one["sql"]])
        assert answer.status_code == 404
        text = answer.text.replace(str(key), "ID")  # the address itself, for coming back to it
        told.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text))
    assert told[0] == told[1] and work[0] == work[1]
    seen = [("people.person", str(beyond.pk)), ("people.person", str(nobody))]
    assert refusals(clerk)[-2:] == seen


def test_n09_a_page_that_is_not_of_one_s_role_is_noted(client, clerk):
    client.force_login(clerk)
    assert client.get(reverse("officers:ledger")).status_code == 404
    assert refusals(clerk) == [("web.page", "officers:ledger")]


def test_a_thing_known_but_not_permitted_is_noted_with_the_reason_given(client, clerk, station):
    client.force_login(clerk)
    person = create_person(unit=station, name="柳河远", acting_user=clerk)
    open_case_file(person, acting_user=clerk)
    answer = client.post(reverse("people:unmask", args=[person.pk]))  # no reason was stated
    assert answer.status_code == 403
    entry = Entry.objects.get(event="right:refuse")
    assert (entry.actor, entry.subject_id) == (str(clerk.pk), "people:unmask")


def test_n09_many_different_ids_refused_in_ten_minutes_are_one_alarm(client, clerk, beyond):
    client.force_login(clerk)
    for _again in range(rule().things + 2):
        ask(client, beyond.pk)
    assert not Alarm.objects.exists()  # one stale link, opened again and again, is no search
    for _other in range(rule().things + 2):
        ask(client, uuid.uuid4())
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.about, alarm.times) == ("denied-often", clerk, 1)
    assert alarm.detail["things"] == rule().things


def test_what_one_may_see_is_no_refusal_and_a_list_makes_none(client, clerk, station, beyond):
    client.force_login(clerk)
    person = create_person(unit=station, name="柳海近", acting_user=clerk)
    open_case_file(person, acting_user=clerk)
    client.get(reverse("people:open", args=[person.pk]))
    listed = client.get(reverse("people:list")).text
    assert CaseFile.objects.get(person=beyond).number not in listed
    assert refusals(clerk) == []
