"""The data standard as it is looked up: fields, tables through the years, classes; and taken away."""

import pytest
from django.test import Client
from django.urls import reverse

from rongdang.base.vocab import publishing
from rongdang.web.api.tests.test_api import holder

pytestmark = pytest.mark.django_db
API = "/api/v1/standard"


@pytest.fixture
def desk(clerk):
    client = Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client, name, *args, **asked):
    answer = client.get(reverse(name, args=args), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_field_is_shown_in_its_group_and_found_by_any_of_its_names(desk):
    page = shown(desk, "standard:fields")
    assert "129 个字段中的 129 个" in page and "军人保障号" in page and "E01Z1" in page
    for query in ("死亡时间", "death", "公历"):
        found = shown(desk, "standard:fields", word=query)
        assert "生命终结" in found or "身份" in found
        assert "129 个字段中的 129 个" not in found
    assert "没有这样的字段" in shown(desk, "standard:fields", word="火星")


def test_a_value_is_found_in_whatever_table_it_stands(desk):
    page = shown(desk, "standard:tables", word="大校")
    assert "军衔" in page and "MR-04" in page
    assert "哪张表里都没有" in shown(desk, "standard:tables", word="火星")


def test_a_table_is_shown_with_years_and_what_only_it_says(desk):
    page = shown(desk, "standard:table", "post_grade")
    assert "MP-07" in page and "上校、中校" in page and "军官军衔条例" in page
    assert "1955–1965、1988–" in shown(desk, "standard:table", "rank")
    assert desk.get(reverse("standard:table", args=["no-table"])).status_code == 404


def test_a_division_is_told_as_of_a_year_and_where_it_lives_on(desk):
    page = shown(desk, "standard:table", "area", word="大庸")
    assert "湖南省大庸市" in page and "433102" in page and "张家界市" in page
    assert "433102" not in shown(desk, "standard:table", "area", word="大庸", year="1990")
    first = shown(desk, "standard:table", "area")
    assert "下一页" in first
    assert shown(desk, "standard:table", "area", after="320000-1980-江苏省") != first


def test_classes_and_required_materials_are_shown(desk):
    page = shown(desk, "standard:schemes")
    assert "科研学术材料" in page and "学术评鉴材料" in page and "一票否决" in page


@pytest.mark.parametrize("name", [*publishing.FILES, "table-rank.csv", "table-area.csv"])
def test_each_file_is_taken_away_once_and_not_again_while_it_is_the_same(desk, name):
    answer = desk.get(reverse("standard:take", args=[name]))
    assert answer.status_code == 200 and name in answer["Content-Disposition"]
    again = desk.get(
        reverse("standard:take", args=[name]), headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304 and not again.content


def test_no_other_file_of_the_house_is_taken_away(desk):
    for name in ("fields.json", "table-../fields.csv", "table-.csv", "settings.py"):
        assert desk.get(f"/standard/files/{name}").status_code == 404


def test_programmes_ask_the_same_and_know_when_nothing_changed(clerk):
    programme = holder(clerk, "people")
    told = programme.get(API)
    assert told.json()["digest"] == publishing.digest() == told["ETag"].strip('"')
    for path in (
        "",
        "/fields",
        "/tables/rank",
        "/schemes",
        "/areas?code=110103",
        "/files/record.xsd",
    ):
        assert programme.get(API + path).status_code == 200
        again = programme.get(API + path, headers={"If-None-Match": told["ETag"]})
        assert again.status_code == 304
    assert len(programme.get(f"{API}/fields").json()) == 129
    assert programme.get(f"{API}/tables/no_table").status_code == 404
    assert programme.get(f"{API}/files/settings.py").status_code == 404


def test_a_division_is_asked_for_as_of_a_year(clerk):
    programme = holder(clerk, "people")
    [then] = programme.get(f"{API}/areas", {"code": "110103", "year": 1995}).json()
    assert then["full_name"] == "北京市崇文区" and then["until"] == 2009
    assert programme.get(f"{API}/areas", {"code": "110103", "year": 2015}).json() == []
    assert len(programme.get(f"{API}/areas", {"name": "大庸"}).json()) == 3
    assert programme.get(f"{API}/areas", {"code": "abc"}).status_code == 422
