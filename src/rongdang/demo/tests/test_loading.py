"""The demonstration: the same twice, resumed after a break, and true to what it says of itself."""

import pytest

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import ROLES, TABLE
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.models import Unit
from rongdang.demo import loading
from rongdang.demo.piles import PILES
from rongdang.demo.units import FIVE_THINGS, HOMES, PASSWORD, STAFF
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.people.models import Fact, Person

pytestmark = pytest.mark.django_db

FILES = 12 + sum(pile.known for pile in PILES)


def counts():
    return {
        model.__name__: model.objects.count()
        for model in (Unit, User, Person, CaseFile, Item, Fact, Entry)
    }


def load(**changes):
    loading.load(**{"people": 12, "stacks": 0, "say": lambda _text: None, **changes})


def test_loading_twice_is_loading_once():
    load()
    first = counts()
    load()
    assert counts() == first
    assert first["Unit"] >= 12 and first["CaseFile"] == FILES


def test_a_loading_that_was_broken_off_goes_on_where_it_stopped():
    told = []

    def until_the_third_home(text):
        told.append(text)
        if len(told) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(say=until_the_third_home)
    assert 0 < CaseFile.objects.count() < FILES
    load()
    resumed = counts()
    assert resumed["CaseFile"] == FILES
    load()
    assert counts() == resumed


def test_every_role_has_an_account_that_logs_in(client, settings):
    settings.SECOND_FACTOR = "ask"  # as `serve --demo` sets it
    load()
    assert {role for _name, _display, role, _unit in STAFF} == set(ROLES) == set(TABLE)
    for username, _display, role, unit in STAFF:
        client.logout()
        response = client.post("/login/", {"username": username, "password": PASSWORD})
        if response.headers["Location"] == "/login/factor/":
            response = client.post("/login/factor/", {"later": "yes"})
        assert response.status_code == 302 and client.get("/", follow=True).status_code == 200
        assert "_auth_user_id" in client.session
        assert [held for held, _path in User.objects.get(username=username).held] == [role]


def test_welcome_names_every_account_and_five_things():
    text = loading.welcome("http://127.0.0.1:8000")
    assert all(username in text for username, *_rest in STAFF) and PASSWORD in text
    assert len(FIVE_THINGS) == 5 and all(zh in text and en in text for zh, en in FIVE_THINGS)


def test_every_home_holds_files_of_all_kinds_that_its_clerk_sees():
    load(people=40)
    for code in HOMES:
        unit = Unit.objects.get(code=code)
        held = CaseFile.objects.visible_to(loading.clerk_of(unit)).filter(custodian=unit)
        assert held.count() >= 5
    classes = set(Item.objects.values_list("category", flat=True))
    assert classes >= {"1", "2", "3", "4-1", "5", "6", "7", "9-1", "9-2", "10"}
    assert Item.objects.filter(paper_only=False).count() == 0
    for person in Person.objects.all():
        assert person.birth and person.record["公民身份号码"].startswith("990")
