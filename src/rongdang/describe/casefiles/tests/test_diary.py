"""Who looked at what of a person's, when and why; and what stands out when a time is looked back on."""

import datetime as dt

import pytest
from django.utils import timezone

from rongdang.base.ledger import services as ledger
from rongdang.base.ledger.models import Entry
from rongdang.describe.access import opening
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.casefiles.diary import diary_of
from rongdang.describe.casefiles.models import Page
from rongdang.describe.casefiles.reading_patterns import events_between, reading_between
from rongdang.describe.casefiles.tests.filing import small_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_file(station, clerk):
    return small_file(station, clerk)


@pytest.fixture
def clock(monkeypatch):
    """The log's clock set to a day and an hour of it."""

    def at(day, hour, minute=0):
        moment = timezone.make_aware(dt.datetime(2026, 11, day, hour, minute))
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return at


def look(event, user, subject, **detail):
    return ledger.record(event, actor=user, subject=subject, detail=detail or None)


def test_the_diary_says_who_what_when_and_why_and_joins_pages_of_one_day(
    case_file, clerk, reviewer, clock
):
    item = case_file.items.filter(page_count=2).first()
    one, two = item.pages.order_by("sequence")
    clock(3, 9)
    look("casefile:see", clerk, case_file, **KEEP.told)
    clock(3, 10)
    for page in (one, two, one):
        look("page:see", clerk, page, **KEEP.told)
    clock(4, 10)
    look("page:see", clerk, one, **KEEP.told)
    look("page:see", reviewer, one, purpose="benefit")
    look("casefile:place", clerk, case_file)  # an act, not a look
    told = [
        (timezone.localtime(entry.at).day, entry.name, entry.event, entry.purpose, len(entry.pages))
        for entry in diary_of(case_file)
    ]
    assert sorted(told) == [
        (3, "zhou", "casefile:see", KEEP.code, 0),
        (3, "zhou", "page:see", KEEP.code, 2),
        (4, "qin", "page:see", "benefit", 1),
        (4, "zhou", "page:see", KEEP.code, 1),
    ]
    assert {entry.item for entry in diary_of(case_file) if entry.pages} == {item.pk}
    since = timezone.make_aware(dt.datetime(2026, 11, 4))
    assert len(diary_of(case_file, since=since)) == 2
    assert len(diary_of(case_file, until=since)) == 2


def test_the_words_a_reader_gave_stand_beside_his_reason(case_file, reviewer):
    held = opening.open_file(case_file, code="inquiry", note="按函核查", acting_user=reviewer)
    look("casefile:see", reviewer, case_file, purpose="inquiry", opening=str(held.pk))
    assert [(one.purpose, one.note) for one in diary_of(case_file)] == [("inquiry", "按函核查")]


def test_nobody_s_diary_holds_looks_at_another(case_file, station, elsewhere, clerk, stranger):
    other = small_file(elsewhere, stranger, name="宋平川", number="990102195001010018")
    look("casefile:see", stranger, other)
    look("page:see", stranger, Page.objects.filter(item__case_file=other).first())
    assert diary_of(case_file) == [] and len(diary_of(other)) == 2


def test_a_detail_erased_by_law_leaves_the_look_without_its_reason(case_file, reviewer):
    entry = look("casefile:see", reviewer, case_file, purpose="benefit")
    ledger.erase_detail(entry.seq, acting_user=None, reason="本人请求")
    assert [one.purpose for one in diary_of(case_file)] == [""]


def test_looking_back_tells_night_density_and_files_without_work(
    case_file, elsewhere, station, clerk, stranger, reviewer, clock
):
    others = [
        small_file(station, clerk, name=name, number=number)
        for name, number in (("宋平川", "990102195001010018"), ("陆定安", "990102195001010026"))
    ]
    Entry.objects.all()  # what filing wrote carries the real time and lies outside the days below
    clock(3, 23)
    look("casefile:see", reviewer, case_file)
    clock(4, 5, 59)
    look("casefile:see", reviewer, case_file)
    clock(4, 12)
    for each in (case_file, *others):
        look("casefile:see", reviewer, each)
    look("casefile:place", reviewer, others[0])
    look("item:describe", reviewer, others[1].items.first())
    clock(4, 22)
    look("page:see", clerk, Page.objects.filter(item__case_file=case_file).first())
    start, end = (timezone.make_aware(dt.datetime(2026, 11, day)) for day in (3, 5))
    first, second = reading_between(start, end).readers
    assert (first.name, first.looks, first.night, first.densest) == ("qin", 5, 2, 3)
    assert (len(first.files), first.beside) == (3, 1)
    assert (second.name, second.looks, second.night, second.files) == ("zhou", 1, 1, set())
    counted = dict(events_between(start, end))
    assert counted["casefile:see"] == 5 and counted["item:describe"] == 1
    assert reading_between(end, end).readers == ()
