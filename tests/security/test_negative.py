"""Attacks of docs/security/negative-tests.md that belong to no single room, by HTTP."""

import re

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from rongdang.base.accounts.models import RoleAssignment
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import detail_of
from rongdang.base.orgs.services import create_unit
from rongdang.capture.batches.models import Batch
from rongdang.capture.batches.tests.factories import closed_batch, page_image, run_jobs
from rongdang.describe.access import opening
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.people.models import Fact, Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.web.desk.tests import world as worlds
from rongdang.web.desk.tests.test_matrix import PUBLIC, named

pytestmark = pytest.mark.django_db
WORDS = (
    "' OR 1=1--",
    "%",
    "_",
    '"',
    "\x00",
    "\\",
    "林*",
    "NEAR(",
    "林\ud83d"[:1] + "\u202e",
    "a" * 5000,
    "-1",
    "9" * 30,
    "9" * 5000,
    "\u0669" * 20,  # digits of another script
)
MARKUP = "<img src=x onerror=alert(1)>"


def entered(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    worlds.proved(client)
    return client


def file_of(unit, clerk, name="林长河", **more):
    person = create_person(unit=unit, name=name, acting_user=clerk)
    case_file = open_case_file(person, acting_user=clerk)
    filed(case_file, clerk, texts=("干部履历表", "三连战士"), **more)
    return case_file


def plain(answer):
    """The bytes of an answer, without its one-time token and the time of day."""
    text = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    text = re.sub(r'X-CSRFToken(&quot;|"): ?(&quot;|")\w+', "", text)
    return re.sub(r"\d{1,2}:\d{2}(:\d{2})?", "TIME", text)


def rows(answer):
    """As `plain`, without the address that was asked, which the page repeats in its own links."""
    return re.sub(r'="/[a-z]+/\?[^"]*"', '="/"', plain(answer).replace('="/people/"', '="/"'))


FIELDS = [
    ("search:results", ("q", "unit", "category", "year", "before")),
    ("search:suggest", ("q",)),
    ("people:list", ("unit", "state", "after")),
    ("batches:list", ("unit", "state", "after")),
]
OF_THE_AUDIT = [("officers:ledger", ("event", "actor", "number", "since", "until", "before"))]


def test_n01_words_of_an_attack_are_words_at_the_audit_desk_too(person_in, city):
    client = entered(person_in("shen", "audit", city))
    for name, fields in OF_THE_AUDIT:
        for field in fields:
            for word in WORDS:
                answer = client.get(reverse(name), {field: word})
                assert answer.status_code in (200, 400), (name, field, word)


def test_n01_numbers_no_column_holds_are_refused_in_words_where_a_form_takes_one(station, clerk):
    case_file = file_of(station, clerk)
    opening.open_file(case_file, code="keep", note="", acting_user=clerk)
    item = Item.objects.get(case_file=case_file)
    client = entered(clerk)
    batch = {"unit": station.code, "declared": "on"}
    client.post(reverse("batches:new"), batch)
    uploads = reverse("batches:uploads", args=[Batch.objects.get().pk])
    for number in ("9" * 30, "9" * 5000, "\u0669" * 20):
        told = {"title": "自传", "category": "1", "formed": "1962", "version": number}
        forms = [
            (reverse("people:describe", args=[item.pk]), told),
            (uploads, {"name": "a.jpg", "size": number, "modified": number}),
            (reverse("tokens"), {"name": "a", "scopes": "people", "days": number}),
        ]
        for address, body in forms:
            assert client.post(address, body).status_code < 500, (address, number)


def test_n01_words_of_an_attack_are_words(station, clerk):
    file_of(station, clerk)
    run_jobs()
    client = entered(clerk)
    for name, fields in FIELDS:
        for field in fields:
            for word in WORDS:
                answer = client.get(reverse(name), {"q": "林", field: word})
                assert answer.status_code in (200, 400), (name, field, word)
                if field == "q" and word in ("%", "_", "' OR 1=1--"):
                    assert "林长河" not in answer.content.decode(), (name, word)
    assert CaseFile.objects.count() == 1


def test_n01_the_longest_address_a_server_takes_is_answered_in_every_field(station, clerk):
    """A quarter of a megabyte: what is longer never comes in (the server's own limit on headers)."""
    file_of(station, clerk)
    run_jobs()
    client, word = entered(clerk), "林长河 " * 21_000
    for name, fields in FIELDS:
        for field in fields:
            asked = {field: word} if field == "q" else {"q": "林", field: word}
            assert client.get(reverse(name), asked).status_code in (200, 400), (name, field)


def test_n01_ten_megabytes_in_a_field_change_nothing(station, clerk):
    client = entered(clerk)
    case_file = file_of(station, clerk)
    opening.open_file(case_file, code="keep", note="", acting_user=clerk)
    answer = client.post(
        reverse("people:place", args=[case_file.person_id]), {"room": "林" * 3_500_000}
    )
    assert answer.status_code in (302, 400, 413)
    case_file.refresh_from_db()
    assert len(case_file.room) <= 20


def test_n02_markup_in_every_name_is_shown_as_words(station, clerk):
    """Names, titles, values, words of pages and questions; quotation marks too."""
    case_file = file_of(station, clerk, name="林<b>河", title=MARKUP)
    values = [FactValue("职务", MARKUP), FactValue("奖励", '"><script>alert(2)</script>')]
    confirm_facts(case_file.person, values, acting_user=clerk)
    opening.open_file(case_file, code="keep", note="", acting_user=clerk)
    run_jobs()
    client = entered(clerk)
    person = [case_file.person_id]
    pages = [
        client.get(reverse("people:detail", args=person)),
        client.get(reverse("people:catalogue", args=person)),
        client.get(reverse("people:list")),
        client.get(reverse("home")),
        client.get(reverse("search:results"), {"q": MARKUP}),
        client.get(reverse("search:suggest"), {"q": MARKUP}),
        client.get("/nowhere/" + MARKUP),
    ]
    for answer in pages:
        text = answer.content.decode()
        assert "<img src=x" not in text and "alert(2)</script>" not in text
        assert "<b>河" not in text
    assert "&lt;img src=x" in pages[0].content.decode()


def test_n02_markup_in_units_files_reasons_refusals_and_prints_is_shown_as_words(
    city, station, clerk, person_in, engine
):
    system = person_in("sun", "system", city)
    create_unit(code="990077", name=MARKUP, parent=city, acting_user=None)
    batch = closed_batch(station, clerk, (f"{MARKUP}.jpg", page_image(1)))
    case_file = file_of(station, clerk, title=MARKUP)
    opening.open_file(case_file, code="other", note=f"{MARKUP} 查阅", acting_user=clerk)
    run_jobs()
    desk, office = entered(clerk), entered(system)
    again = {
        "what": "user",
        "username": MARKUP,
        "display_name": MARKUP,
        "password": "a long word 7",
    }
    office.post(reverse("officers:units"), again)
    pages = [
        office.get(reverse("officers:units")),
        office.post(reverse("officers:units"), again),  # refused: the name is taken
        desk.get(reverse("batches:detail", args=[batch.pk])),
        desk.get(reverse("people:detail", args=[case_file.person_id])),
        desk.get(reverse("people:catalogue", args=[case_file.person_id])),
        desk.get(reverse("grants:own")),
    ]
    for answer in pages:
        text = answer.content.decode()
        assert "<img src=x" not in text
    for answer in pages[:3]:
        assert "&lt;img src=x" in answer.content.decode()
    printed = desk.get(reverse("people:catalogue-pdf", args=[case_file.person_id]))
    assert printed.status_code == 200
    with pypdfium2.PdfDocument(printed.content) as pdf:
        words = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    assert "onerror=alert" in "".join(words.split())


def test_n03_a_post_without_token_or_from_a_foreign_page_does_nothing(station, clerk):
    case_file = file_of(station, clerk)
    opening.open_file(case_file, code="keep", note="", acting_user=clerk)
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("people:place", args=[case_file.person_id])
    client.get(reverse("people:detail", args=[case_file.person_id]))
    token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
    before = Entry.objects.count()
    foreign = {"Origin": "https://elsewhere.example"}
    sent = {"room": "3", "csrfmiddlewaretoken": token}
    assert client.post(address, {"room": "3"}).status_code == 403
    assert client.post(address, sent, headers=foreign).status_code == 403
    case_file.refresh_from_db()
    assert case_file.room == "" and Entry.objects.count() == before + 2
    for entry in Entry.objects.order_by("-seq")[:2]:  # whose browser was made to send it, and where
        assert (entry.event, entry.actor) == ("right:refuse", str(clerk.pk))
        assert entry.subject_id == "people:place" and detail_of(entry) == {"code": "csrf"}
    assert (
        Client(enforce_csrf_checks=True).post(address, sent).status_code == 403
    )  # of nobody known
    assert client.post(address, sent, headers={"Origin": "http://testserver"}).status_code == 302


def test_n04_a_foreign_host_is_refused(clerk, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    assert entered(clerk).get("/people/", headers={"Host": "elsewhere.example"}).status_code == 400


def test_n04_headers_of_a_proxy_mean_nothing(clerk, db):
    forged = {"Remote-User": clerk.username, "X-Remote-User": clerk.username}
    forged |= {"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-For": "127.0.0.1"}
    answer = Client().get("/people/", headers=forged)
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/login/")


def test_n04_a_forged_address_neither_hides_a_guesser_nor_shuts_out_another(clerk, db):
    told = {"username": clerk.username, "password": "wrong"}
    for number in range(5):
        forged = {"X-Forwarded-For": f"10.9.8.{number}", "Forwarded": f"for=10.9.8.{number}"}
        answer = Client().post(reverse("login"), told, headers=forged, REMOTE_ADDR="10.0.0.66")
    assert answer.status_code == 429  # by where they came from, whatever they said
    refused = Entry.objects.filter(event__in=["session:refuse", "session:lock"])
    assert {detail_of(entry)["address"] for entry in refused} == {"10.0.0.66"}


LISTS = [
    ("home", {}),
    ("people:list", {}),
    ("people:list", {"state": "open"}),
    ("people:changes", {}),
    ("batches:list", {}),
    ("batches:rescans", {}),
    ("search:results", {"q": "林"}),
    ("search:results", {"q": "林长河"}),
    ("search:results", {"q": "三连战士"}),
    ("search:results", {"q": "三连战士", "category": "1"}),
    ("search:results", {"q": "三连战士", "year": "1962"}),
    ("search:suggest", {"q": "林"}),
    ("search:suggest", {"q": "lch"}),
    ("grants:own", {}),
    ("grants:desk", {}),
    ("officers:units", {}),
    ("officers:alarms", {}),
    ("officers:recusals", {}),
]


def test_n10_somebody_invisible_changes_no_byte_of_any_list(
    station, elsewhere, clerk, stranger, person_in, city
):
    """The differential: a person, materials and words of the unit beside, and nothing differs."""
    users = [clerk, person_in("qi", "reviewer", station), person_in("liu", "leader", station)]
    users += [person_in("wu", "security", station), person_in("sun", "system", station)]
    file_of(station, clerk)
    run_jobs()
    clients = [(user, entered(user)) for user in users]

    def everything():
        return {
            (user.username, name, *asked.items()): plain(client.get(reverse(name), asked))
            for user, client in clients
            for name, asked in LISTS
        }

    everything()  # what is written down at the first look
    before = everything()
    hidden = file_of(elsewhere, stranger, title="自传")
    confirm_facts(hidden.person, [FactValue("出生日期", "1938-04")], acting_user=stranger)
    run_jobs()
    after = everything()
    assert [key for key in before if before[key] != after[key]] == []
    seen = plain(entered(stranger).get(reverse("search:results"), {"q": "三连战士"}))
    assert "自传" in seen  # it is there to be found, for those it belongs to


def test_n11_a_hidden_field_neither_sorts_nor_filters(station, clerk, person_in):
    leader = person_in("liu", "leader", station)
    for name, number in (("林长河", "1"), ("高崎远", "2")):
        case_file = file_of(station, clerk, name=name)
        confirm_facts(case_file.person, [FactValue("健康状况", f"病{number}")], acting_user=clerk)
    client = entered(leader)
    usual = rows(client.get(reverse("people:list")))
    for asked in ("person__id_number", "-person__facts__value", "id_number", "facts__value"):
        for word in ("order", "order_by", "sort", "ordering", asked):
            answer = client.get(reverse("people:list"), {word: asked})
            assert answer.status_code == 400 or rows(answer) == usual, (word, asked)


def test_n12_fields_of_the_inside_in_a_form_change_nothing(station, elsewhere, clerk):
    case_file = file_of(station, clerk)
    opening.open_file(case_file, code="keep", note="", acting_user=clerk)
    inside = {
        "unit": str(elsewhere.pk),
        "scope": elsewhere.path,
        "custodian": str(elsewhere.pk),
        "level": "基本",
        "is_staff": "on",
        "is_superuser": "on",
        "approved_by": str(clerk.pk),
        "state": "sealed",
        "role": "audit",
    }
    client = entered(clerk)
    client.post(reverse("people:place", args=[case_file.person_id]), {"room": "3"} | inside)
    item = Item.objects.get(case_file=case_file)
    told = {"title": "自传", "category": "5", "formed": "1962", "version": str(item.version)}
    client.post(reverse("people:describe", args=[item.pk]), told | inside)
    client.post(reverse("preferences"), {"theme": "dark"} | inside)
    case_file.refresh_from_db()
    item.refresh_from_db()
    clerk.refresh_from_db()
    assert (case_file.room, case_file.scope, case_file.state) == ("3", station.path, "open")
    assert (item.title, item.level) == ("自传", "内部")  # the level follows its class
    assert not any(getattr(clerk, flag, False) for flag in ("is_superuser", "is_staff"))
    assert [one.role for one in RoleAssignment.objects.filter(user=clerk)] == ["clerk"]


def test_n16_every_address_forbids_every_cache(clerk):
    client = entered(clerk)
    for name in sorted(set(named(get_resolver())) - PUBLIC):
        try:
            address = reverse(name)
        except Exception:  # noqa: BLE001  # an address with arguments: the matrix opens those
            continue
        answer = client.get(address)
        assert "no-store" in answer.headers["Cache-Control"], name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy and "unsafe" not in policy


def test_n16_an_error_tells_nothing_of_the_inside(settings):
    from rongdang.web.errors import failed

    request = RequestFactory().get("/people/?q=林长河")
    answer: HttpResponse = failed(request)
    text = answer.content.decode()
    assert answer.status_code == 500 and settings.DEBUG is False
    assert "Traceback" not in text and "rongdang." not in text and "林长河" not in text


def test_n19_a_double_click_files_a_register_once(station, clerk):
    client = entered(clerk)
    body = {"unit": station.code, "table": "姓名\n高崎远", "act": "take"}
    for _ in range(3):
        client.post(reverse("people:register"), body)
    assert Person.objects.count() == CaseFile.objects.count() == 1


def test_n21_a_later_birth_date_replaces_nothing_and_stays_beside_the_old(station, clerk):
    case_file = file_of(station, clerk)
    for value, formed in (("1938-04", "1962"), ("1936-04", "1985")):
        confirm_facts(
            case_file.person, [FactValue("出生日期", value, formed=formed)], acting_user=clerk
        )
    person = Person.objects.get()
    told = {one.value for one in Fact.objects.filter(person=person, field="出生日期")}
    assert person.birth == "1938-04" and told == {"1938-04", "1936-04"}


BAD_TABLES = [
    "姓名,公民身份号码\n林长河,990101193804010001\n",
    "姓名,出生日期\n高崎远,1941\n林长河,二月三十\n",
    "\x00\x01\x02",
]


@pytest.mark.parametrize("table", BAD_TABLES, ids=range(len(BAD_TABLES)))
def test_n36_a_register_made_to_do_harm_is_told_and_nothing_is_taken(station, clerk, table):
    client = entered(clerk)
    file = SimpleUploadedFile("册.csv", table.encode(), content_type="text/csv")
    shown = client.post(reverse("people:register"), {"unit": station.code, "file": file})
    taken = client.post(
        reverse("people:register"), {"unit": station.code, "table": table, "act": "take"}
    )
    assert shown.status_code < 500 and taken.status_code < 500
    assert not Person.objects.exists()


def test_n36_a_table_of_twenty_thousand_columns_is_no_register(station, clerk):
    table = "姓名," + ",".join(f"列{n}" for n in range(20_000)) + "\n林长河\n"
    body = {"unit": station.code, "table": table, "act": "take"}
    assert entered(clerk).post(reverse("people:register"), body).status_code == 422
    assert not Person.objects.exists()
