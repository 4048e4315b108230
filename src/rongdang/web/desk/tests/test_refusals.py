"""What the desk refuses, in words and without a trace; and what a form does when it is taken."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from rongdang.base.ledger.models import Entry
from rongdang.describe.casefiles import services as casefiles
from rongdang.describe.people.models import Fact
from rongdang.web.desk.tests import world as worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(station, clerk, engine):
    return worlds.build(station, clerk, engine)


@pytest.fixture
def desk(clerk):
    browser = Client(headers={"accept": "application/json"})
    browser.force_login(clerk)
    return browser


def refused(browser, name, args, body):
    """The code of the refusal; nothing was written to the ledger by it."""
    before = Entry.objects.count()
    answer = browser.post(reverse(name, args=args), body)
    assert answer.status_code in (400, 403, 409, 422), answer.status_code
    assert Entry.objects.count() == before
    told = answer.json()
    assert told["message"]
    return told["code"]


def confirming(world):
    """The desk's form for the first material, given to the person of the known file."""
    return {
        "act": "confirm",
        "version": str(world.first.version),
        "title": "干部履历表",
        "category": "1",
        "formed": "1962",
        "person": "number",
        "number": world.case_file.number,
        "field:姓名": "林长河",
    }


def test_acts_of_the_desk_that_say_too_little(desk, world):
    act, version = [world.first.pk], str(world.first.version)
    bodies = {
        "no-act": {"act": "burn", "version": version},
        "no-version": {"act": "turn"},
        "bad-id": {"act": "split", "scan": "x", "version": version},
        "no-reason": {"act": "send-back", "reason": " ", "version": version},
        "bad-page-move": {
            "act": "turn",
            "degrees": "45",
            "scan": str(uuid.uuid4()),
            "version": version,
        },
    }
    for code, body in bodies.items():
        assert refused(desk, "review:act", act, body) == code


def test_a_file_number_that_does_not_exist_keeps_what_was_typed(clerk, world):
    browser = Client()
    browser.force_login(clerk)
    body = {
        "act": "confirm",
        "version": str(world.first.version),
        "title": "改过的题名",
        "category": "1",
        "person": "number",
        "number": "X999-RS·JX-00001",
    }
    answer = browser.post(reverse("review:act", args=[world.first.pk]), body)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "没有档号“X999-RS·JX-00001”的案卷" in text
    assert "改过的题名" in text


def test_values_added_by_hand_are_kept_with_their_page_and_kept_on_a_refusal(clerk, world):
    browser = Client()
    browser.force_login(clerk)
    url = reverse("review:act", args=[world.first.pk])
    scan = str(world.first.pages.first().scan_id)
    body = confirming(world) | {
        "added_name": ["民族", "", ""],
        "added_value": ["满族", "没选栏目", ""],
        "added_scan": [scan, scan, scan],
        "is_copy": "on",
        "looked": ["person", "formed"],
        "note": "夹在封皮里",
    }
    refused = browser.post(url, body)
    text = refused.content.decode()
    assert refused.status_code == 422 and "没选栏目" in text and "没有选是哪一项" in text
    assert '<option value="民族" selected>' in text and 'value="满族"' in text
    assert 'name="is_copy" checked' in text and "夹在封皮里" in text
    assert 'value="person" data-looked checked' in text
    for name, value in (("姓名", "又一个"), ("民族", "汉族")):  # a field that is there already
        twice = {**body, "added_name": ["民族", name], "added_value": ["满族", value]}
        assert browser.post(url, twice).status_code == 422
    assert not Fact.objects.filter(field="民族").exists()
    body |= {"added_value": ["满族", "", ""]}
    assert browser.post(url, body).status_code == 302
    assert Fact.objects.get(field="民族").value == "满族"
    world.first.refresh_from_db()
    item = world.first.item
    assert item.is_copy and item.note == "夹在封皮里"
    assert Fact.objects.get(field="民族").page.item == item


def test_one_page_of_a_material_is_sent_back(clerk, world):
    browser = Client()
    browser.force_login(clerk)
    scan = world.first.pages.first().scan_id
    body = {"act": "send-back", "version": str(world.first.version), "reason": "缺角"}
    answer = browser.post(reverse("review:act", args=[world.first.pk]), {**body, "scan": str(scan)})
    assert answer.status_code == 302
    entry = Entry.objects.filter(event="material:rescan").latest("seq")
    assert entry.subject_id == str(world.first.pk)
    assert world.first.pages.get(scan=scan).scan.state == "rescan"


def test_a_material_is_given_to_a_person_by_the_number_of_the_file(clerk, world):
    browser = Client()
    browser.force_login(clerk)
    url = reverse("review:act", args=[world.first.pk])
    assert browser.post(url, confirming(world)).status_code == 302
    world.first.refresh_from_db()
    assert world.first.person_id == world.person.pk


def test_forms_without_their_thing(desk, world):
    assert refused(desk, "batches:replace", [world.failed.pk], {}) == "no-file"
    assert refused(desk, "batches:trays", [], {"unit": "nowhere", "declared": "on"}) == "no-unit"
    assert refused(desk, "batches:new", [], {"unit": "nowhere", "declared": "on"}) == "no-unit"


def test_officers_forms_without_their_thing(person_in, city):
    for who, name, body, code in (
        ("system", "officers:units", {"what": "burn"}, "no-act"),
        ("system", "officers:units", {"what": "close", "username": "nobody"}, "choose"),
        ("security", "officers:changes", {"username": "nobody", "what": "assign"}, "choose"),
        ("leader", "rule", {"unit": "nowhere"}, "no-unit"),
    ):
        browser = Client(headers={"accept": "application/json"})
        browser.force_login(person_in(f"{who}-{code}", who, city))
        worlds.proved(browser)
        assert refused(browser, name, [], body) == code


def test_a_settlement_of_something_that_was_not_stopped_is_not_there(person_in, city, world):
    browser = Client()
    browser.force_login(person_in("officer", "security", city))
    for scan in (world.read.pk, "no id"):
        body = {"scan": scan, "note": "x", "cleared": "yes"}
        assert browser.post(reverse("officers:secrets"), body).status_code == 404


def test_the_second_clerk_on_a_description_is_told(desk, world, clerk):
    version = world.item.version
    casefiles.describe_item(
        world.item, casefiles.ItemDescription(title="甲", category="1"), acting_user=clerk
    )
    body = {"title": "乙", "category": "1", "version": str(version)}
    desk.get(reverse("people:detail", args=[world.item.case_file.person_id]))  # opens the file
    assert refused(desk, "people:describe", [world.item.pk], body) == "conflict"
    world.item.refresh_from_db()
    assert world.item.title == "甲"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"old": "wrong", "password": "another horse 43", "again": "another horse 43"},
            "现在的口令不对",
        ),
        (
            {"old": "correct horse 42", "password": "another horse 43", "again": "other"},
            "两次写的新口令不一样",
        ),
        ({"old": "correct horse 42", "password": "short", "again": "short"}, "口令不合要求"),
    ],
)
def test_a_new_password_that_does_not_do(clerk, body, words):
    browser = Client()
    browser.force_login(clerk)
    answer = browser.post(reverse("password"), body)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    clerk.refresh_from_db()
    assert clerk.check_password("correct horse 42")


def test_guessing_the_present_password_at_an_open_page_shuts_the_door(clerk):
    browser = Client()
    browser.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    told = {"old": "wrong", "password": "another horse 43", "again": "another horse 43"}
    answers = [browser.post(reverse("password"), told).status_code for _ in range(5)]
    assert answers == [422] * 4 + [429]
    right = browser.post(reverse("password"), {**told, "old": "correct horse 42"})
    assert right.status_code == 429 and "暂时锁住" in right.content.decode()
    body = {"username": clerk.username, "password": "correct horse 42"}
    assert Client().post(reverse("login"), body).status_code == 429
    clerk.refresh_from_db()
    assert clerk.check_password("correct horse 42")


def test_a_new_password_keeps_this_session_and_ends_the_others(clerk):
    here, there = Client(), Client()
    for browser in (here, there):
        browser.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    body = {"old": "correct horse 42", "password": "another horse 43", "again": "another horse 43"}
    assert here.post(reverse("password"), body).status_code == 302
    assert here.get(reverse("home")).status_code == 200
    assert there.get(reverse("home")).status_code == 302
