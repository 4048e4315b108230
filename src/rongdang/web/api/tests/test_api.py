"""The API as a programme meets it: doors, refusals, paging, and the same services as the pages."""

import datetime as dt
import json
import re
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rongdang.base.accounts import holding, tokens
from rongdang.base.jobs import worker
from rongdang.base.ledger.models import Entry
from rongdang.capture.batches.models import Batch
from rongdang.capture.batches.tests.factories import page_image
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.grants.models import Grant
from rongdang.describe.grants.services import give
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

pytestmark = pytest.mark.django_db
API = "/api/v1"
HAN = re.compile(r"[\u3400-\u9fff]")


def holder(user, *scopes):
    """A programme with a token of `user` for these uses (all, if none is named)."""
    made = tokens.make(user, name="日报", scopes=scopes or tokens.SCOPES, days=1, acting_user=user)
    return Client(headers={"Authorization": f"Bearer {made[1]}"})


@pytest.fixture
def file(station, clerk):
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    case_file = open_case_file(person, acting_user=clerk)
    item = filed(case_file, clerk, title="干部履历表", texts=("电话13912345678", "三连战士"))
    page = item.pages.get()
    number = FactValue("公民身份号码", "110101193804010015", page_id=page.pk, formed="1962")
    confirm_facts(
        person,
        [FactValue("出生日期", "1938-04", page_id=page.pk, formed="1962"), number],
        acting_user=clerk,
    )
    return case_file


def send(client, path, body):
    return client.post(API + path, body, content_type="application/json")


def test_a_file_is_read_for_a_reason_with_the_line_that_says_so(file, reviewer):
    programme = holder(reviewer)
    address = f"{API}/people/{file.person_id}/file"
    refused = programme.get(address)
    assert (refused.status_code, refused.json()["code"]) == (403, "no-purpose")
    said = {"person": str(file.person_id), "purpose": "keep", "note": ""}
    assert send(programme, "/openings", said).status_code == 201
    told = programme.get(address).json()
    [birth] = [one for one in told["facts"] if one["fact"]["field"] == "出生日期"]
    page = birth["fact"]["evidence"]["page"]
    assert birth["fact"]["value"] == "1938-04" and told["purpose"] == "keep"
    assert told["missing"] and told["materials"][0]["title"] == "干部履历表"
    text = programme.get(f"{API}/pages/{page}").json()
    assert [line["text"] for line in text["lines"]] == ["电话13912345678", "三连战士"]
    image = programme.get(f"{API}/pages/{page}/image", {"width": 900})
    assert image["Content-Type"] == "image/jpeg" and image["Cache-Control"] == "no-store"
    looks = Entry.objects.filter(actor=str(reviewer.pk)).values_list("event", flat=True)
    assert {"casefile:state-purpose", "casefile:see", "page:see"} <= set(looks)


def test_numbers_are_masked_for_whoever_only_consults(file, person_in, station):
    leader = holder(person_in("liu", "leader", station))
    said = {"person": str(file.person_id), "purpose": "inquiry", "note": "信访答复用"}
    assert send(leader, "/openings", said).status_code == 201
    answer = leader.get(f"{API}/people/{file.person_id}/file")
    assert "110101193804010015" not in answer.content.decode()
    assert answer.json()["missing"] is None  # he does not see the whole of it
    page = answer.json()["facts"][0]["fact"]["evidence"]["page"]
    assert "13912345678" not in leader.get(f"{API}/pages/{page}").content.decode()


def test_a_batch_is_handed_in_by_the_service_of_the_page(clerk, station):
    programme = holder(clerk, "upload", "batches")
    refused = send(programme, "/batches", {"unit": station.code, "declared": False})
    assert (refused.status_code, refused.json()["code"]) == (400, "not-declared")
    batch = send(programme, "/batches", {"unit": station.code, "declared": True}).json()
    sent = SimpleUploadedFile("a.jpg", page_image(1), content_type="image/jpeg")
    upload = programme.post(f"{API}/batches/{batch['id']}/files", {"file": sent})
    assert (upload.status_code, upload.json()["state"]) == (201, "stored")
    assert send(programme, f"/batches/{batch['id']}/close", {}).json()["state"] == "reading"
    told = programme.get(f"{API}/batches/{batch['id']}").json()
    assert told["uploads"][0]["name"] == "a.jpg"
    events = Entry.objects.values_list("event", flat=True)
    assert {"batch:open", "upload:store", "batch:close", "batch:see"} <= set(events)


def test_a_token_does_only_what_it_was_made_for(clerk, station):
    programme = holder(clerk, "people")
    assert programme.get(f"{API}/people").status_code == 200
    for path, asked in (("/batches", {}), ("/search", {"q": "林"})):
        refused = programme.get(API + path, asked)
        assert (refused.status_code, refused.json()["code"]) == (403, "token-scope")
    assert send(programme, "/batches", {"unit": station.code, "declared": True}).status_code == 403
    assert not Batch.objects.exists()


def test_a_token_never_has_more_than_its_owner_and_loses_a_role_with_him(clerk, station):
    programme = holder(clerk)
    assert programme.get(f"{API}/people").status_code == 200
    assert programme.get(f"{API}/health").status_code == 404
    holding.take(clerk, "clerk", station, actor=None, how={"how": "founding"})
    assert programme.get(f"{API}/people").status_code == 401  # it was made for work of that role
    assert programme.get(f"{API}/me").status_code == 401


def test_the_three_officers_stay_apart_by_token_too(person_in, city, file):
    for role in ("system", "security", "audit"):
        programme = holder(person_in(f"{role}-1", role, city))
        assert programme.get(f"{API}/health").status_code == 200
        for path in ("/people", f"/people/{file.person_id}/file", "/batches"):
            assert programme.get(API + path).status_code == 404, (role, path)
        proof = programme.get(f"{API}/ledger/entries/1/proof").status_code
        assert proof == (200 if role == "audit" else 404)


def test_a_wrong_token_opens_nothing_even_where_somebody_is_signed_in(client, clerk):
    client.force_login(clerk)
    answer = client.get(f"{API}/me", headers={"Authorization": "Bearer rdt_nothing"})
    assert (answer.status_code, answer.json()["code"]) == (401, "no-token")


def test_a_page_of_the_house_needs_its_csrf_token_a_programme_its_own(clerk, station):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(clerk)
    body = {"unit": station.code, "declared": True}
    refused = send(browser, "/batches", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    assert not Batch.objects.exists()
    browser.get(reverse("batches:new"))
    token = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    sent = browser.post(f"{API}/batches", body, content_type="application/json", headers=token)
    assert sent.status_code == 201


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_refusal_says_what_why_and_what_to_do_in_the_language_asked_for(clerk, station, language):
    answer = holder(clerk).post(
        f"{API}/batches",
        {"unit": station.code, "declared": False},
        content_type="application/json",
        headers={"Accept-Language": language},
    )
    told = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert bool(HAN.search(told["detail"] + told["hint"])) == (language != "en")
    assert told["zh"] and told["en"] and told["hint_zh"] and told["hint_en"]
    assert told["type"] == f"urn:rongdang:problem:{told['code']}"


def test_what_cannot_be_read_is_refused_without_repeating_it(clerk):
    programme = holder(clerk)
    broken = programme.post(f"{API}/openings", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["code"]) == (400, "unreadable")
    unknown = send(programme, "/openings", {"purpose": "keep", "unit": "110101193804010015"})
    assert unknown.status_code == 422 and "110101193804010015" not in unknown.content.decode()
    assert unknown.json()["wrong"] == [{"where": "body.asked.unit", "rule": "extra_forbidden"}]
    nowhere = programme.get(f"{API}/nothing/here")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not-found")
    zero = programme.get(f"{API}/people", {"unit": "1\0"})
    assert zero.status_code == 422


@pytest.mark.parametrize(
    "until",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2020-11-25", "9999-12-31T23:59"],
)
def test_an_end_at_the_edge_of_time_is_refused_in_words(clerk, until):
    asked = {"numbers": ["X002-1"], "levels": ["基本"], "purpose": "benefit"}
    answer = send(holder(clerk), "/grants", asked | {"reason": "核定护理费", "until": until})
    assert answer.status_code == 422 and answer.json()["code"] in ("grant-end", "not-valid")


def test_a_grant_tells_what_was_asked_and_what_was_given_and_a_search_goes_by_it(
    file, stranger, person_in, station
):
    while worker.run_one():
        pass  # the index
    programme, until = holder(stranger), timezone.now() + dt.timedelta(days=1)
    asked = {"numbers": [file.number, "X002-1"], "levels": ["基本", "健康"], "purpose": "benefit"}
    more = {"reason": "核定护理费", "prints": 2, "until": until.isoformat()}
    made = send(programme, "/grants", asked | more).json()
    assert made["given"] is None and made["asked"]["numbers"] == asked["numbers"]
    assert programme.get(f"{API}/search", {"q": "三连战士"}).json()["hits"] == []
    grant = Grant.objects.get(pk=made["id"])
    less = replace(grant.asked, numbers=(file.number,), levels=("基本",), prints=1)
    give(grant, terms=less, acting_user=person_in("liu", "leader", station))
    [told] = programme.get(f"{API}/grants").json()["items"]
    assert told["asked"] == made["asked"]
    assert told["given"] == told["asked"] | {
        "numbers": [file.number],
        "levels": ["基本"],
        "prints": 1,
    }
    found = programme.get(f"{API}/search", {"q": "三连战士"}).json()
    assert [(hit["number"], hit["purpose"]) for hit in found["hits"]] == [(file.number, "benefit")]
    assert found["purposes"] == ["keep", "benefit", "register"]
    [one] = programme.get(f"{API}/people/suggestions", {"q": "林长"}).json()
    assert one["name"] == "林长河"


def test_reasons_for_searching_are_those_of_whoever_consults_what_others_keep(
    clerk, person_in, station
):
    assert holder(clerk).get(f"{API}/purposes").json() == []
    told = holder(person_in("liu", "leader", station)).get(f"{API}/purposes").json()
    assert "honour" in [one["code"] for one in told] and "keep" not in [one["code"] for one in told]


def test_a_list_goes_on_behind_a_row_and_shows_each_once(clerk, station):
    for number in range(7):
        person = create_person(unit=station, name=f"柳{number}远", acting_user=clerk)
        open_case_file(person, acting_user=clerk)
    programme, seen, after = holder(clerk), [], ""
    while True:
        page = programme.get(f"{API}/people", {"limit": 3, "after": after}).json()
        seen += [row["number"] for row in page["items"]]
        after = page["after"]
        if not after:
            break
    assert len(seen) == 7 and seen == sorted(set(seen))


def test_the_proofs_hold_by_the_rules_of_the_standard(person_in, city):
    from rongdang.base.ledger import merkle
    from rongdang.base.ledger.services import sign_head

    sign_head()
    programme = holder(person_in("wu", "audit", city), "ledger")
    told = programme.get(f"{API}/ledger/entries/2/proof").json()
    path = [bytes.fromhex(one) for one in told["path"]]
    leaf, root = bytes.fromhex(told["leaf"]), bytes.fromhex(told["root"])
    assert merkle.inclusion_holds(told["index"], told["size"], leaf, path, root)
    head = Client().get(f"{API}/ledger/heads").json()[0]
    asked = {"first": head["size"], "second": told["size"]}
    path = Client().get(f"{API}/ledger/consistency", asked).json()["path"]
    proof = [bytes.fromhex(one) for one in path]
    old = bytes.fromhex(head["root"])
    assert merkle.consistency_holds(head["size"], told["size"], old, root, proof)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_description_is_whole_in_either_language(client, language):
    told = client.get(f"{API}/openapi.json", headers={"Accept-Language": language}).json()
    for path, methods in told["paths"].items():
        for details in methods.values():
            assert details["summary"] and details["responses"], path
    words = json.dumps(told, ensure_ascii=False)
    assert bool(HAN.search(words)) == (language != "en"), set(HAN.findall(words))


def test_the_page_of_the_description_brings_nothing_from_elsewhere_and_runs_nothing(client):
    answer = client.get(f"{API}/")
    page = answer.content.decode()
    assert "/api/v1/people/{person_id}/file" in page
    assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)|\sstyle=|https?://", page)
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_the_page_of_tokens_shows_one_once_and_only_after_proving_who_one_is(client, clerk):
    from rongdang.web.desk.tests import world

    client.force_login(clerk)
    asked = {"name": "日报", "scopes": ["people", "search"], "days": "7"}
    unproved = client.post(reverse("tokens"), asked)
    assert unproved.status_code == 302 and "/confirm/" in unproved["Location"]
    world.proved(client)
    shown = re.search(r"rdt_[\w-]+", client.post(reverse("tokens"), asked).content.decode())[0]
    assert Client(headers={"Authorization": f"Bearer {shown}"}).get(f"{API}/me").json()[
        "scopes"
    ] == ["people", "search"]
    page = client.get(reverse("tokens")).content.decode()
    assert shown not in page and "日报" in page
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    client.post(reverse("tokens"), {"what": "withdraw", "token": token})
    programme = Client(headers={"Authorization": f"Bearer {shown}"})
    assert programme.get(f"{API}/me").status_code == 401


def test_a_programme_keeps_in_step_with_what_changed(file, reviewer):
    """It asks from where it stopped, a little at a time, and gets everything once."""
    programme, after, told = holder(reviewer, "changes"), 0, []
    while True:
        answer = programme.get(f"{API}/changes", {"since": after, "limit": 1}).json()
        told += answer["changes"]
        after = answer["after"]
        if not answer["more"]:
            break
    assert {"person:create", "item:file", "fact:confirm"} <= {one["event"] for one in told}
    assert len({one["seq"] for one in told}) == len(told)
    [confirmed] = [one for one in told if one["event"] == "fact:confirm"]
    assert confirmed["person"] == str(file.person_id) and confirmed["words"] == "确认了事实"
    assert confirmed["fields"] == ["出生日期", "公民身份号码"]
    assert [origin["name"] for origin in confirmed["origins"]] == ["干部履历表"]
    assert "110101193804010015" not in json.dumps(told)
    again = programme.get(f"{API}/changes", {"since": after}).json()
    assert again["changes"] == []
    assert holder(reviewer, "people").get(f"{API}/changes").json()["code"] == "token-scope"
    assert programme.get(f"{API}/changes", {"since": -1}).json()["code"] == "not-valid"
