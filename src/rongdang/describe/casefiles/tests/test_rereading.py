"""A newer engine reads filed pages again: the old text stays, and what changed is shown."""

import zlib

import pytest

from rongdang.base.errors import ConflictError, NotPermittedError
from rongdang.base.jobs.models import Job
from rongdang.base.ledger.models import Entry
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.casefiles import rereading
from rongdang.describe.casefiles.models import EarlierText, Page
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed, text_layer
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(station, clerk):
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    case_file = open_case_file(person, acting_user=clerk)
    item = filed(case_file, clerk, texts=("干部履历表", "籍贯 山东来阳", "姓名 林长河"))
    page = item.pages.get()
    confirm_facts(
        person, [FactValue("籍贯", "山东莱阳", "山东来阳", page_id=page.pk)], acting_user=clerk
    )
    return page


NEWER = text_layer("干部履历表", "籍贯 山东莱阳", "姓名 林长河", "一九六二年", engine="new 2")


def test_the_earlier_text_is_kept_and_the_changes_are_told_line_by_line(page, clerk):
    earlier = rereading.replace_text(page, NEWER)
    page.refresh_from_db()
    assert page.engine == "new 2" and "莱阳" in zlib.decompress(bytes(page.layer)).decode()
    assert earlier.engine == "old 1" and "来阳" in zlib.decompress(bytes(earlier.layer)).decode()
    told = rereading.changes(bytes(earlier.layer), bytes(page.layer))
    assert [(c.before, c.after) for c in told] == [
        ("籍贯山东来阳", "籍贯山东莱阳"),
        ("", "一九六二年"),
    ]
    assert earlier.changes == 2
    entry = Entry.objects.get(event="item:reread")
    assert entry.subject_id == str(page.item_id) and entry.actor is None
    assert Job.objects.filter(path__endswith="index_item").exists()


def test_facts_whose_words_are_no_longer_read_are_named_and_stand(page):
    earlier = rereading.replace_text(page, NEWER)
    assert rereading.unsettled_facts(earlier) == ["籍贯"]
    assert page.facts.get().value == "山东莱阳"


def test_twice_is_once(page):
    rereading.replace_text(page, NEWER)
    assert rereading.replace_text(page, NEWER) is None
    assert EarlierText.objects.count() == 1


def test_a_person_marks_the_changes_as_seen_and_a_stranger_does_not(
    page, clerk, reviewer, stranger
):
    earlier = rereading.replace_text(page, NEWER)
    assert not EarlierText.objects.visible_to(stranger, KEEP).exists()
    with pytest.raises(NotPermittedError):
        rereading.mark_seen(earlier, acting_user=stranger)
    rereading.mark_seen(earlier, acting_user=clerk)
    with pytest.raises(ConflictError):
        rereading.mark_seen(earlier, acting_user=reviewer)
    assert EarlierText.objects.get().seen_by == clerk


def test_only_pages_another_engine_read_are_asked_for_and_only_in_one_s_own_unit(
    page, clerk, stranger
):
    assert list(rereading.read_by_others(clerk, "new 2")) == [page]
    assert not rereading.read_by_others(clerk, "old 1").exists()
    assert not rereading.read_by_others(stranger, "new 2").exists()
    with pytest.raises(NotPermittedError):
        rereading.ask_rereading([page], acting_user=stranger)
    assert rereading.ask_rereading([page], acting_user=clerk) == 1
    assert Job.objects.filter(path__endswith="reread_page").count() == 1


def test_the_page_can_be_found_by_what_the_newer_engine_read(page, clerk):
    from rongdang.base.jobs import worker
    from rongdang.describe.access.predicate import KEEP
    from rongdang.provide.search.queries import search

    rereading.replace_text(page, NEWER)
    while worker.run_one():
        pass
    assert search(clerk, [KEEP], "一九六二年").total == 1
    assert search(clerk, [KEEP], "来阳").total == 0
    assert Page.objects.get().engine == "new 2"
