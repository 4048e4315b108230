"""A question worked out once gives what the queryset gives, for every value."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongdang.base.accounts.models import User
from rongdang.base.orgs.models import Unit, within
from rongdang.base.prepared import MOMENT, Prepared, texts

pytestmark = pytest.mark.django_db
FIRST, SECOND = texts(2)


def below(path, code):
    return Unit.objects.filter(within("path", [path]), code__gte=code).values_list("path", "pk")


def test_texts_ends_of_ranges_and_constants_stand_in_their_places(city, station, elsewhere):
    asked = Prepared(below, FIRST, SECOND)
    for path, code in ((city.path, ""), (station.path, ""), (city.path, "99"), ("0009", "9")):
        assert asked.rows(path, code) == list(below(path, code))


def test_moments_are_compared_as_the_database_compares_them():
    moment = dt.datetime(2026, 11, 25, 7, 0, 0, 1, tzinfo=dt.UTC)
    Session.objects.create(session_key="a", session_data="", expire_date=moment)
    asked = Prepared(
        lambda at: Session.objects.filter(expire_date__gt=at).values_list("expire_date"), MOMENT
    )
    step = dt.timedelta(microseconds=1)
    assert asked.rows(moment - step) == [(moment,)]
    assert asked.rows(moment) == []


def test_an_account_by_its_key_is_the_account_whole_in_one_question(clerk, stranger):
    for account in (clerk, stranger):
        with CaptureQueriesContext(connection) as captured:
            found = User.objects.get(pk=account.pk)
            told = {field.attname: getattr(found, field.attname) for field in User._meta.fields}
        assert len(captured) == 1 and not found._state.adding
        assert told == {name: getattr(account, name) for name in told}
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk=Unit().pk)
