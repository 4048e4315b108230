"""Papers a file gives: what stands on them, who gets them, and that each one is on the ledger."""

import io
import zipfile

import pypdfium2
import pytest
import pyzipper
from django.urls import reverse
from PIL import Image

from rongdang.base.jobs import worker
from rongdang.base.ledger.models import Entry
from rongdang.describe.access.tests.factories import open_as
from rongdang.describe.casefiles.registering import RegisteredItem, RegisterRow, take_over_register
from rongdang.describe.casefiles.services import ItemDescription, PageSource, file_item
from rongdang.describe.grants.tests.factories import granted
from rongdang.keep.objects import services as objects
from rongdang.web.desk.tests.world import proved

pytestmark = pytest.mark.django_db
PAPERS = ("catalogue", "catalogue-pdf", "notes-pdf", "label-pdf")


@pytest.fixture
def case_file(station, clerk):
    row = RegisterRow(
        name="林㛃䶮",
        facts={"出生日期": "1938-04", "性别": "男"},
        items=(
            RegisteredItem(ItemDescription("干部履历表", "1", "1962-03-15"), 4),
            RegisteredItem(ItemDescription("自传", "2", "1963", title_made=True), 5),
            RegisteredItem(
                ItemDescription("授予军官军衔报告表", "9-2", "1955-09", is_copy=True), 2
            ),
        ),
        place=("3", "12", "4", "007"),
    )
    return take_over_register(station, [row], acting_user=clerk)[0]


@pytest.fixture
def leader(person_in, city):
    return person_in("luyuan", "leader", city)


def test_to_take_a_file_out_one_proves_once_more_who_one_is(client, reviewer, case_file):
    client.force_login(reviewer, "django.contrib.auth.backends.ModelBackend")
    for send in (client.get, client.post):
        answer = send(reverse("people:export", args=[case_file.person_id]))
        assert answer.headers["Location"].startswith("/confirm/?next=")
    assert not Entry.objects.filter(event="casefile:export").exists()


def ask(client, user, name, case_file, reason="", **data):
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    proved(client)
    if user.may("casefile:see", case_file.scope):
        usual = "keep" if user.may("casefile:edit") else "inquiry"
        open_as(user, case_file, reason or usual)
    url = reverse(f"people:{name}", args=[case_file.person_id])
    return client.post(url, data) if data else client.get(url)


def words(response):
    assert response["Content-Type"] == "application/pdf" and response["Cache-Control"] == "no-store"
    return "".join(
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(response.content)
    )


def test_catalogue_on_screen_and_as_pdf_say_the_same(client, clerk, case_file):
    html = ask(client, clerk, "catalogue", case_file).content.decode()
    text = words(ask(client, clerk, "catalogue-pdf", case_file))
    for word in (
        "林㛃䶮",
        case_file.number,
        "九-2",
        "授予军官军衔报告表",
        "自传（拟）",
        "复印件",
        "工资材料",
    ):
        assert word in html and word in text, word
    assert "授予军官军衔报告表 1955 9 2 复印件" in text.replace("  ", " ")


def test_catalogue_follows_the_scheme_of_the_file(client, clerk, case_file):
    case_file.scheme = "2012"
    case_file.save(update_fields=["scheme"])
    assert "干部人事档案材料目录" in words(ask(client, clerk, "catalogue-pdf", case_file))


def test_who_may_not_see_a_class_gets_an_extract(client, leader, case_file, person_in, city):
    granted(leader, case_file, person_in("cheng", "leader", city), prints=3)
    html = ask(client, leader, "catalogue", case_file).content.decode()
    text = words(ask(client, leader, "catalogue-pdf", case_file))
    assert "自传（拟）" not in html + text and "节录" in html and "节录" in text
    assert (
        "自传和思想类" not in html + text and "工资材料" in text
    )  # no empty row that would tell a lie
    notes = words(ask(client, leader, "notes-pdf", case_file))
    assert "2 份、6 页" in notes and "尚缺" not in notes


def test_notes_tell_what_is_there_and_what_is_missing(client, clerk, case_file):
    text = words(ask(client, clerk, "notes-pdf", case_file)).replace("\r\n", "")
    assert "3 份、11 页，其中已数字化 0 页" in text
    assert "复印件 1 份" in text and "题名系整理人拟写 1 份" in text and "尚缺材料" in text
    assert clerk.display_name in text


def test_label_names_place_and_person(client, clerk, case_file):
    text = words(ask(client, clerk, "label-pdf", case_file))
    assert all(word in text for word in ("林㛃䶮", "007", case_file.number, "梧桐里军休所"))


@pytest.mark.parametrize("name", (*PAPERS, "export"))
def test_a_stranger_does_not_learn_that_the_file_exists(client, stranger, case_file, name):
    assert ask(client, stranger, name, case_file).status_code == 404
    assert not Entry.objects.filter(actor=str(stranger.pk), event__startswith="casefile").exists()


@pytest.mark.parametrize("name", PAPERS)
def test_every_print_is_an_entry(client, clerk, case_file, name):
    assert ask(client, clerk, name, case_file).status_code == 200
    entry = Entry.objects.get(event="casefile:print")
    assert (entry.actor, entry.subject_id) == (str(clerk.pk), str(case_file.pk))


def test_leader_and_clerk_cannot_take_a_file_out(client, leader, clerk, case_file):
    for user in (leader, clerk):
        assert ask(client, user, "export", case_file).status_code == 404
        assert ask(client, user, "export", case_file, form="pdf").status_code == 404


def test_leader_and_clerk_cannot_seal(client, leader, clerk, case_file):
    for user in (leader, clerk):
        assert ask(client, user, "seal", case_file, yes="1").status_code == 404
    case_file.refresh_from_db()
    assert case_file.version == 0


def test_nobody_prints_by_leaving_his_name_out(client, case_file):
    for name in (*PAPERS, "export"):
        response = client.get(reverse(f"people:{name}", args=[case_file.person_id]))
        assert response.status_code == 302 and "/login/" in response["Location"]


def digitise(case_file, clerk):
    """One material gets its page, as a scan would bring it."""
    image = io.BytesIO()
    Image.new("RGB", (600, 840), "white").save(image, "JPEG", dpi=(72, 72))
    stored = objects.put(image.getvalue(), "image/jpeg")
    page = PageSource(
        original_id=stored.pk,
        optimised_id=stored.pk,
        width=600,
        height=840,
        dpi=72,
        rotation=0,
        blank=False,
        engine="null",
        layer=b"",
    )
    file_item(case_file, ItemDescription("嘉奖审批表", "7", "1965"), [page], acting_user=clerk)


def test_a_reviewer_seals_and_the_notes_name_him(client, reviewer, clerk, case_file):
    digitise(case_file, clerk)
    response = ask(client, reviewer, "seal", case_file, yes="1")
    assert response.status_code == 302
    while worker.run_one():
        pass
    case_file.refresh_from_db()
    assert (case_file.state, case_file.version) == ("sealed", 1)
    text = words(ask(client, clerk, "notes-pdf", case_file))
    assert "已入库，第 1 版" in text and reviewer.display_name in text.split("检　查　人")[1]


def test_a_reviewer_takes_a_file_out_under_a_password(client, reviewer, clerk, case_file):
    digitise(case_file, clerk)
    page = ask(client, reviewer, "export", case_file).content.decode()
    assert case_file.number in page and "gbt33870" not in page and "重新说明事由" in page
    form = {"form": "gbt33870", "password": "lotus7-Bridge-42"}
    refused = ask(client, reviewer, "export", case_file, **form)
    assert refused.status_code == 403 and "不带查阅标记" in refused.content.decode()
    assert "gbt33870" in ask(client, reviewer, "export", case_file, "transfer").content.decode()
    response = ask(client, reviewer, "export", case_file, "transfer", **form)
    data = b"".join(response.streaming_content)
    assert (
        response["Content-Disposition"].startswith("attachment")
        and response["Cache-Control"] == "no-store"
    )
    with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
        with pytest.raises(RuntimeError):
            archive.read(archive.namelist()[0])
        archive.setpassword(b"lotus7-Bridge-42")
        inside = zipfile.ZipFile(
            io.BytesIO(archive.read(archive.namelist()[0]))
        )  # names of people stay inside
    assert any(
        "嘉奖审批表" in inside.read(name).decode()
        for name in inside.namelist()
        if name.endswith(".xml")
    )
    assert Entry.objects.get(event="casefile:export").actor == str(reviewer.pk)


def test_a_weak_password_lets_nothing_out(client, reviewer, clerk, case_file):
    digitise(case_file, clerk)
    weak = {"form": "gbt33870", "password": "12345678"}
    response = ask(client, reviewer, "export", case_file, "transfer", **weak)
    assert response.status_code == 400 and "没有导出" in response.content.decode()
    assert not Entry.objects.filter(event="casefile:export").exists()


def test_a_pdf_is_searchable_and_needs_no_password(client, reviewer, clerk, case_file):
    digitise(case_file, clerk)
    data = b"".join(
        ask(client, reviewer, "export", case_file, form="pdf", password="").streaming_content
    )
    assert len(pypdfium2.PdfDocument(data)) == 1
