"""The audit officer's desk, and the page of heads that everybody may see."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pypdfium2 import PdfDocument

from rongdang.base.jobs.worker import run_one
from rongdang.base.ledger import queries, services
from rongdang.base.ledger.models import Entry, Verification
from rongdang.describe.casefiles.tests.filing import small_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_file(station, clerk):
    return small_file(station, clerk)


@pytest.fixture
def desk(person_in, city):
    client = Client()
    auditor = person_in("shen", "audit", city)
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
    return client


def looked(case_file, user, **detail):
    services.record("casefile:see", actor=user, subject=case_file, detail=detail or None)


def listed(page):
    body = page.content.decode().split('aria-label="账目"')[1]
    return [int(seq) for seq in re.findall(r'<th scope="row" class="num nb">(\d+)</th>', body)]


def test_the_log_is_searched_by_file_account_event_and_day(desk, case_file, clerk, reviewer):
    looked(case_file, reviewer, purpose="benefit")
    seq = queries.size()
    url = reverse("officers:ledger")
    for query in (
        {"number": case_file.number, "event": "casefile:see"},
        {"actor": "qin", "event": "casefile"},
        {"actor": reviewer.display_name},
        {"event": "casefile:see", "since": "2020-01-01", "until": "2199-01-01"},
    ):
        assert listed(desk.get(url, query)) == [seq], query
    assert listed(desk.get(url, {"event": "casefile:see", "until": "2020-01-01"})) == []
    page = desk.get(url, {"number": case_file.number}).content.decode()
    assert "工资待遇" in page and case_file.person.name not in page  # who and why, no content
    asked = Entry.objects.filter(event="ledger:read").order_by("-seq").first()
    assert queries.detail_of(asked) == {"number": case_file.number}


@pytest.mark.parametrize(
    "query",
    [
        {"number": "X-0"},
        {"actor": "nobody"},
        {"since": "2026-13-45"},
        {"since": "x", "before": "x"},
        {"before": "9" * 30},
        {"event": "%'--", "actor": "\0'"},
    ],
)
def test_what_cannot_be_meant_is_answered_with_an_empty_list_or_left_aside(desk, query, clerk):
    assert desk.get(reverse("officers:ledger"), query).status_code == 200


def test_later_screens_keep_what_was_asked_for(desk, clerk):
    services.record_many(
        [services.Draft(event="page:see", actor=clerk, subject=str(n)) for n in range(130)]
    )
    url, seen = reverse("officers:ledger") + "?event=page:see", []
    while url:
        page = desk.get(url)
        seen += listed(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        url = following and reverse("officers:ledger") + following[1].replace("&amp;", "&")
    assert len(seen) == 130 == len(set(seen)) and seen == sorted(seen, reverse=True)


def test_a_verification_is_asked_for_followed_and_told(desk, case_file):
    answer = desk.post(reverse("officers:ledger-verify"))
    page = desk.get(answer.url).content.decode()
    assert "正在从头重算" in page and "hx-get" in page
    asked = Verification.objects.get()
    tick = desk.get(answer.url, {"tick": "1"})
    assert "HX-Refresh" not in tick.headers
    while run_one():
        pass
    assert desk.get(answer.url, {"tick": "1"}).headers["HX-Refresh"] == "true"
    asked.refresh_from_db()
    assert f"{asked.report['size']} 条全部对得上" in desk.get(answer.url).content.decode()
    Entry.objects.filter(pk=3).update(event="page:sea")
    answer = desk.post(reverse("officers:ledger-verify"))
    while run_one():
        pass
    page = desk.get(answer.url).content.decode()
    assert "账本对不上" in page and "第 3 条" in page


def test_the_report_says_who_read_and_carries_the_head_on_paper_too(desk, case_file, reviewer):
    looked(case_file, reviewer)
    services.sign_head()
    head = queries.latest_head()
    page = desk.get(reverse("officers:ledger-report")).content.decode()
    assert reviewer.display_name in page and bytes(head.signature).hex() in page
    assert case_file.person.name not in page
    answer = desk.get(reverse("officers:ledger-report-pdf"), {"since": "2026-01-01"})
    text = "".join(sheet.get_textpage().get_text_range() for sheet in PdfDocument(answer.content))
    flat = re.sub(r"\s", "", text)
    assert bytes(head.root).hex() in flat and reviewer.display_name in flat and "只看未办" in flat
    assert Entry.objects.filter(event="ledger:report").count() == 2


def test_everybody_sees_the_heads_and_nothing_else(clerk):
    services.sign_head()
    page = Client().get("/heads/")
    assert page.status_code == 200 and clerk.username not in page.content.decode()
    head = queries.latest_head().signed(queries.log_id())
    told = Client().get("/heads/", headers={"Accept": "application/json"}).json()
    assert told == {"heads": [head.to_dict()]}
    for value in (str(head.size), head.root.hex(), head.signature.hex(), head.public_key.hex()):
        assert value in page.content.decode()


def test_there_are_no_heads_before_the_first_entry():
    assert "还没有签过账本头" in Client().get("/heads/").content.decode()


def test_what_is_printed_carries_the_newest_head(case_file, clerk):
    from rongdang.provide.prints import values
    from rongdang.provide.prints.notes import draw_notes

    services.sign_head()
    notes = values.Notes(person="石怀远", number="X", unit="所", statements=("本卷共 1 份。",))
    data = draw_notes(notes, foot=queries.head_line())
    text = PdfDocument(data)[0].get_textpage().get_text_range()
    assert bytes(queries.latest_head().root).hex() in re.sub(r"\s", "", text)
