"""Taking over a register in the browser: shown first, then taken over whole, refused in words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.people.models import Person

pytestmark = pytest.mark.django_db
ADDRESS = "/people/register/"
TABLE = "姓名,出生日期,材料名称,页数\n林长河,1938-04,自传,5\n高崎远,1941,干部履历表,4\n"


@pytest.fixture
def desk(clerk):
    browser = Client()
    browser.force_login(clerk)
    return browser


def handed_in(desk, station, text, **more):
    file = SimpleUploadedFile("册.csv", text.encode("gb18030"), content_type="text/csv")
    return desk.post(ADDRESS, {"unit": station.code, "file": file, **more})


def test_a_register_is_shown_first_and_nothing_is_taken_over_by_that(desk, station):
    page = handed_in(desk, station, TABLE).content.decode()
    assert "林长河" in page and "2 人，2 份材料，9 页" in page and "接收 2 人" in page
    assert not Person.objects.exists()


def test_what_was_shown_is_taken_over_and_what_is_known_is_not(desk, station):
    shown = handed_in(desk, station, TABLE)
    body = {"unit": station.code, "table": shown.context["table"], "act": "take"}
    answer = desk.post(ADDRESS, body, follow=True)
    assert "已接收 2 卷" in answer.content.decode() and CaseFile.objects.count() == 2
    again = handed_in(desk, station, TABLE + "何海生,1936,自传,3\n").content.decode()
    assert "2 人本单位已经有" in again and "接收 1 人" in again


def test_a_table_with_faults_names_the_line_and_cannot_be_taken_over(desk, station):
    text = TABLE + "何海生,三月,自传,3\n"
    page = handed_in(desk, station, text).content.decode()
    assert "第 4 行" in page and "出生日期“三月”写得不对" in page and 'value="take"' not in page
    desk.post(ADDRESS, {"unit": station.code, "table": text, "act": "take"})
    assert not Person.objects.exists()


@pytest.mark.parametrize("unit,text,code", [("", TABLE, "no-unit"), ("990002", TABLE, "no-unit")])
def test_only_for_a_unit_in_ones_care(desk, station, elsewhere, unit, text, code):
    file = SimpleUploadedFile("册.csv", text.encode())
    answer = desk.post(
        ADDRESS, {"unit": unit, "file": file}, headers={"accept": "application/json"}
    )
    assert answer.status_code == 400 and answer.json()["code"] == code
    assert not Person.objects.exists()


def test_no_file_no_table_and_too_many_are_refused_in_words(desk, station):
    desk.defaults["HTTP_ACCEPT"] = "application/json"
    assert desk.post(ADDRESS, {"unit": station.code}).json()["code"] == "no-file"
    assert handed_in(desk, station, "甲\n林长河").json()["code"] == "no-register"
    many = "姓名,出生日期\n" + "".join(f"林{chr(0x4E00 + n)},1938\n" for n in range(501))
    assert handed_in(desk, station, many).json()["code"] == "too-many"
