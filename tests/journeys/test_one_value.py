"""One text, one value: the desk, the API, a register, a delivery, an old table and a read page agree."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from rongdang.base.vocab import codes, fields
from rongdang.base.vocab.values import settled
from rongdang.capture.reading.valuing import value_of
from rongdang.capture.sources.recipes import Take
from rongdang.capture.sources.values import reader
from rongdang.describe.casefiles.register_tables import read_register
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.people.models import Fact
from rongdang.describe.people.services import create_person

TEXTS = [
    ("性别", "男性"),
    ("民族", "汉"),
    ("政治面貌", "党员"),
    ("文化程度", "大专"),
    ("职务等级", "正团"),
    ("军衔", "大校"),
    ("残疾等级", "二等甲级"),
    ("残疾性质", "因战"),
    ("军休类别", "离休"),
    ("安置方式", "异地"),
    ("出生日期", "1953年7月"),
    ("入伍日期", "一九五三年七月十二日"),
    ("公民身份号码", "990101193405120014"),
    ("籍贯", "山东省 烟台市"),
    ("联系电话", "(0535) 6000123"),
    ("血型", "A型"),
]


def by_source(field, text):
    said = reader(Take(field=field, columns=("列",)), nothing=(), unreadable="keep")((text,))
    return said.value


def by_register(field, text):
    quoted = text.replace('"', "")
    register = read_register(f"姓名,{field}\n林长河,{quoted}\n")
    assert not register.faults, register.faults
    return dict(register.rows[0].facts)[field]


@pytest.mark.parametrize("field,text", TEXTS)
def test_a_page_that_is_read_a_register_and_an_old_table_say_the_same(field, text):
    value = settled(field, text).value
    assert value_of(fields.dictionary()[field], text).value == value
    assert by_register(field, text) == value
    assert by_source(field, text) == value


@pytest.mark.parametrize(
    "field", [n for n, e in fields.dictionary().items() if e.type == "code" and e.labels]
)
def test_reading_and_the_standard_agree_on_every_word_of_a_table(field):
    entry = fields.dictionary()[field]
    for code in codes.entries(entry.table):
        for word in (code.name, *code.also) if code.read else ():
            assert value_of(entry, word).value == settled(field, word).value, word


@pytest.mark.django_db
def test_the_desk_and_the_api_say_the_same(station, clerk):
    case_file = open_case_file(
        create_person(unit=station, name="林长河", acting_user=clerk), acting_user=clerk
    )
    item = filed(case_file, clerk, title="干部履历表")
    client = Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    asked = {"values": [{"field": field, "text": text} for field, text in TEXTS]}
    told = client.post(
        "/api/v1/standard/values", json.dumps(asked), content_type="application/json"
    )
    by_api = {one["field"]: one["value"] for one in told.json()}
    page = item.pages.get()
    for field, text in TEXTS:
        form = {"page": str(page.pk), "field": field, "value": text}
        client.post(reverse("people:add-fact", args=[item.pk]), form)
    kept = {fact.field: fact.value for fact in Fact.objects.all()}
    for field, text in TEXTS:
        assert kept[field] == by_api[field] == settled(field, text).value, field
