"""Every address × every role, inside and outside the unit, against a table written by hand.

Default deny: an address that is not in the table fails the test. A refusal leaves no trace of an
act on the ledger, and does not tell whether the thing exists.
"""

import datetime as dt
import json
import re
import uuid

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from rongdang.base.ledger.models import Entry, Verification
from rongdang.web.desk.tests import world as worlds

pytestmark = pytest.mark.django_db
CLERK, REVIEWER, LEADER = {"clerk"}, {"reviewer"}, {"leader"}
DESK = CLERK | REVIEWER
FILES = DESK | LEADER
UPLOAD = CLERK | {"far"}  # somebody of another unit uploads there, never here
EVERYBODY = FILES | {"far", "none", "system", "security", "audit"}
SYSTEM, SECURITY, AUDIT = {"system"}, {"security"}, {"audit"}
ANY_DESK = DESK | {"far"}
ANY_FILES = FILES | {"far"}
REASON = {"purpose": "other", "note": "信访答复用"}


def rows(w):
    """(name, args, who may GET, who may POST, body of the POST)."""
    yield "home", [], EVERYBODY, None, None
    yield (
        "rule",
        [],
        None,
        LEADER,
        {"unit": w.station.code, "rule": "merge_certain", "allowed": "yes"},
    )
    yield from of_batches(w)
    yield from of_review(w)
    yield from of_people(w)
    yield from of_files(w)
    yield from of_images(w)
    yield from of_search(w)
    yield from of_sources(w)
    yield from of_officers(w)
    yield from of_the_ledger(w)
    yield from of_grants(w)
    yield from of_emergencies(w)
    yield from of_the_standard(w)
    yield from of_oneself(w)


def of_batches(w):
    declared = {"unit": w.station.code, "declared": "on"}
    yield "batches:list", [], ANY_DESK, None, None
    yield "batches:new", [], UPLOAD, CLERK, declared
    yield "batches:separators", [], UPLOAD, None, None
    yield "batches:detail", [w.review.pk], DESK, None, None
    yield "batches:files", [w.receiving.pk], None, CLERK, {"files": worlds.new_scan}
    yield "batches:uploads", [w.receiving.pk], None, CLERK, {"name": "a.jpg", "size": "0"}
    yield "batches:close", [w.receiving.pk], None, CLERK, {}
    yield "batches:open-again", [w.refused.pk], None, CLERK, {}
    yield "batches:abandon", [w.upload.pk], None, CLERK, {}
    yield "batches:rescans", [], ANY_DESK, None, None
    yield "batches:replace", [w.failed.pk], None, CLERK, {"file": worlds.new_scan}
    yield "batches:read-again", [w.failed.pk], None, CLERK, {}
    yield "batches:read-all-again", [w.review.pk], None, CLERK, {}
    yield "batches:give-up", [w.failed.pk], None, DESK, {"reason": "空白信封"}
    yield "batches:trays", [], UPLOAD, CLERK, declared


def of_review(w):
    decide = {
        "act": "confirm",
        "version": "1",
        "title": "履历表",
        "category": "1",
        "formed": "1962",
        "person": "new",
        "new_name": "林长河",
        "field:姓名": "林长河",
    }
    yield "review:next", [], ANY_DESK, None, None
    yield "review:sure", [], None, None, {"batch": w.review.number}
    yield "review:desk", [w.first.pk], DESK, None, None
    yield "review:act", [w.first.pk], None, DESK, decide


def of_people(w):
    table = {"unit": w.station.code, "table": "姓名\n高崎远", "act": "take"}
    masked = {"field": "公民身份号码", "reason": "核对身份"}
    yield "people:list", [], ANY_FILES, None, None
    yield "people:changes", [], ANY_DESK, DESK, {"text": str(w.earlier.pk)}
    yield "people:register", [], ANY_DESK, DESK, table
    yield "people:detail", [w.person.pk], FILES, None, None
    yield "people:open", [w.person.pk], FILES, FILES, REASON
    yield "people:story", [w.person.pk], FILES, None, None
    yield "people:unmask", [w.person.pk], None, FILES, masked
    said = {"page": str(w.page.pk), "field": "民族", "value": "汉族"}
    yield "people:add-fact", [w.item.pk], None, DESK, said
    yield "people:withdraw", [w.fact.pk], None, DESK, {"reason": "认错了字"}
    later = {"act": "later", "reason": "等原部队回函"}
    yield "conflicts:list", [], ANY_DESK, None, None
    yield "conflicts:one", [w.doubt.pk], DESK, DESK, later
    apart = {"act": "different", "reason": "照片不是一个人", "version": "waiting"}
    again = {"joining": str(w.joining.pk), "reason": "弄错了，是两个人"}
    yield "quality:board", [], ANY_FILES, ANY_FILES, {}
    yield "quality:people", [], ANY_DESK, None, None
    yield "quality:table", [], ANY_FILES, None, None
    yield "pairs:list", [], ANY_DESK, None, None
    yield "pairs:one", [w.pair.pk], DESK, DESK, apart
    yield "pairs:joinings", [], ANY_DESK, DESK, again
    divided = {"item": str(w.family.pk), "reason": "两个同名的人混在一起"}
    yield "people:split", [w.person.pk], DESK, DESK, divided


def of_files(w):
    described = {"title": "履历表", "category": "1", "formed": "1962", "version": "1"}
    password = "correct horse battery 9"
    export = {"form": "pdf", "password": password, "again": password, "password2": password}
    yield "people:place", [w.person.pk], None, DESK, {"room": "3"}
    yield "people:seal", [w.person.pk], None, REVIEWER, {}
    yield "people:sealing", [w.person.pk], FILES, None, None
    yield "people:catalogue", [w.person.pk], FILES, None, None
    yield "people:catalogue-pdf", [w.person.pk], FILES, None, None
    yield "people:notes-pdf", [w.person.pk], FILES, None, None
    yield "people:label-pdf", [w.person.pk], FILES, None, None
    yield "people:export", [w.person.pk], REVIEWER, REVIEWER, export
    yield "people:describe", [w.item.pk], None, DESK, described


def of_images(w):
    yield "images:scan", [w.read.pk, 900], DESK, None, None
    yield "images:page", [w.page.pk, 900], FILES, None, None
    yield "images:original", [w.page.pk], FILES, None, None


def of_search(w):
    yield "search:results", [], ANY_FILES, None, None
    yield "search:suggest", [], ANY_FILES, None, None
    yield "search:reason", [], None, ANY_FILES, REASON


def of_sources(w):
    new = {"unit": w.station.code, "name": "花名册", "files": worlds.new_table}
    text = {"text": w.recipe.text.replace("备注", "备 注")}
    yield "sources:list", [], ANY_DESK, None, None
    yield "sources:new", [], UPLOAD, CLERK, new
    yield "sources:detail", [w.source.pk], DESK, None, None
    yield "sources:deliver", [w.source.pk], None, CLERK, {"files": worlds.new_table}
    yield "sources:schedule", [w.source.pk], None, CLERK, {"every": "60"}
    yield "sources:mapping", [w.delivery.pk], CLERK, CLERK, {"act": "look"}
    yield "sources:mapping-text", [w.delivery.pk], None, CLERK, text
    yield "sources:table", [w.delivery.pk], None, CLERK, {"table": "名册"}
    yield "sources:recipe", [w.recipe.pk], DESK, None, None
    yield "sources:run", [w.trial.pk], DESK, None, None
    yield "sources:act", [w.begun.pk], None, DESK, {"act": "stop"}
    yield "sources:undo", [w.trial.pk], DESK, None, None
    yield "sources:refused", [w.trial.pk, "csv"], DESK, None, None


def of_officers(w):
    unit = {"what": "unit", "code": "990077", "name": "新所", "parent": w.station.code}
    relative = {"act": "declare", "username": "none-1", "number": w.case_file.number}
    role = {
        "what": "assign",
        "username": "none-1",
        "unit": w.station.code,
        "role": "clerk",
        "reason": "新来的",
    }
    settled = {"scan": str(w.secret.pk), "cleared": "no", "note": "存保密柜"}
    gate = {"what": "propose", "reason": "本机已通过分级保护测评", "hours": "2"}
    host = {"what": "propose", "host": "10.0.0.8", "port": "3306", "reason": "读旧系统的人员表"}
    rule = {"act": "ask", "unit": w.station.code, "field": "籍贯", "first": "earliest"}
    rule |= {"clause": "梧桐市〔2026〕3号", "reason": "籍贯按入伍时的登记为准"}
    note = {"alarm": str(w.alarm.pk), "note": "已问过本人"}
    yield "officers:units", [], SYSTEM, SYSTEM, unit
    yield "officers:roles", [], SECURITY | AUDIT, None, None
    yield "officers:roles-pdf", [], SECURITY | AUDIT, None, None
    yield "officers:recusals", [], SECURITY, SECURITY, relative | {"relation": "父"}
    # Each in turn proposes: only the security officer may; the leader decides, the system officer asks for a reset.
    yield "officers:changes", [], SECURITY | LEADER | SYSTEM, SECURITY, role
    yield "officers:secrets", [], SECURITY, SECURITY, settled
    yield "officers:gate", [], SYSTEM | SECURITY, SYSTEM | SECURITY, gate
    yield "officers:record-rules", [], ANY_DESK | LEADER | SECURITY, SECURITY, rule
    yield "officers:hosts", [], SYSTEM | SECURITY, SYSTEM | SECURITY, host
    yield "officers:jobs", [], SYSTEM, None, None
    yield "officers:retry", [], None, SYSTEM, {"job": str(w.job.pk)}
    yield "officers:health", [], SYSTEM | SECURITY | AUDIT, None, None
    yield "officers:alarms", [], SECURITY | AUDIT, SECURITY, note


def of_the_ledger(w):
    yield "officers:ledger", [], AUDIT, None, None
    yield "officers:ledger-verify", [], None, AUDIT, {}
    yield "officers:ledger-verification", [w.verification.pk], AUDIT, None, None
    yield "officers:ledger-report", [], AUDIT, None, None
    yield "officers:ledger-report-pdf", [], AUDIT, None, None


def of_grants(w):
    wanted = {
        "numbers": w.case_file.number,
        "purpose": "benefit",
        "levels": "基本",
        "reason": "核定护理费",
        "until": f"{timezone.now() + dt.timedelta(days=1):%Y-%m-%dT%H:%M}",
    }
    yield "grants:own", [], ANY_FILES, None, None
    yield "grants:ask", [], ANY_FILES, ANY_FILES, wanted
    yield "grants:desk", [], LEADER | SECURITY, None, None
    given = {"act": "give", **{key: wanted[key] for key in ("numbers", "levels", "until")}}
    yield "grants:decide", [w.asked.pk], None, LEADER, given
    yield "grants:withdraw", [w.asked.pk], None, CLERK | LEADER | SECURITY, {"why": "不用了"}


def of_emergencies(w):
    glass = {"sought": w.case_file.number, "reason": "林老突发心梗，急查药物过敏史"}
    end = {"act": "end", "reader": str(w.reader.pk), "why": "换班"}
    yield "emergency:open", [], REVIEWER, None, glass  # his password alone does not break it
    yield "emergency:office", [], LEADER | SECURITY, LEADER | SECURITY, end


def of_the_standard(w):
    yield "standard:fields", [], EVERYBODY, None, None
    yield "standard:tables", [], EVERYBODY, None, None
    yield "standard:table", ["rank"], EVERYBODY, None, None
    yield "standard:schemes", [], EVERYBODY, None, None
    yield "standard:take", ["fields.csv"], EVERYBODY, None, None


def of_oneself(w):
    """Last: a changed password takes a new session, which the undoing takes away again."""
    new = "another horse 43"
    own = {"old": "correct horse 42", "password": new, "again": new}
    yield "confirm", [], EVERYBODY, EVERYBODY, {"password": "correct horse 42"}
    yield "factors", [], EVERYBODY, None, None
    programme = {"name": "日报", "scopes": "people", "days": "30"}
    yield (
        "subscriptions",
        [],
        REVIEWER,
        REVIEWER,
        {"what": "subscribe", "name": "市养老系统", "url": "https://127.0.0.1/in"},
    )
    yield "tokens", [], EVERYBODY, EVERYBODY, programme
    yield "password", [], EVERYBODY, EVERYBODY, own


ON_THE_WAY_IN = {"login-code", "login-factor", "login-password", "oidc-begin", "oidc-return"}
OPEN_TO_ALL = ON_THE_WAY_IN | {"login", "logout", "preferences", "styleguide"}
PUBLIC = {"heads", "witness", "witnessed"}  # by a head's signature, not by a person
OPEN_TO_ALL |= {"api-page", "api-description"}  # what can be asked, not what is kept
BY_OPERATION = "api:"  # each operation of the API: tests/security/test_api_matrix.py
REFUSALS = {"access:refuse", "right:refuse"}  # that something was not given is noted, no act
BY_PART = {"batches:upload"}  # HEAD and PATCH: tried below


def named(resolver, space=""):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from named(pattern, f"{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name and space != BY_OPERATION:
            yield space + pattern.name


@pytest.fixture
def world(station, elsewhere, city, person_in, engine):
    accounts = worlds.people(person_in, city, station, elsewhere)
    made = worlds.build(station, accounts["clerk"], engine)
    made.clients = {"anonymous": Client()}
    for role, user in accounts.items():
        made.clients[role] = Client()
        made.clients[role].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        worlds.proved(made.clients[role])
    made.accounts = accounts
    made.verification = Verification.objects.create(asked_at=timezone.now())
    worlds.grant(made, person_in("chief-1", "leader", city))
    worlds.opened(made)
    worlds.outside(made)
    worlds.measured(made)
    return made


def undone(act):
    """The answer and the acts it made; the database is as before."""
    with transaction.atomic():
        before = Entry.objects.count()
        answer = act()
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        acts = list(
            Entry.objects.filter(seq__gt=before, actor__isnull=False)
            .exclude(event__in=REFUSALS)
            .values_list("event", flat=True)
        )
        transaction.set_rollback(True)
    return answer, content, acts


def test_every_address_of_the_house_is_in_the_table(world):
    listed = {name for name, *_rest in rows(world)} | OPEN_TO_ALL | BY_PART | PUBLIC
    assert listed == set(named(get_resolver()))


def test_who_may_read_what(world):
    wrong = []
    for name, args, readers, _writers, _body in rows(world):
        for role, client in world.clients.items():
            answer, _content, _acts = undone(lambda: client.get(reverse(name, args=args)))
            at_home = answer.status_code == 302 and not answer.headers["Location"].startswith(
                "/login"
            )
            allowed = answer.status_code == 200 or at_home
            if role == "anonymous":
                fine = answer.status_code in (302, 405) and not at_home
            elif readers is None:
                fine = answer.status_code in (404, 405)
            else:
                fine = allowed if role in readers else answer.status_code == 404
            if not fine:
                wrong.append((name, role, answer.status_code))
    assert wrong == []


def test_who_may_do_what_and_a_refusal_leaves_no_act_on_the_ledger(world):
    wrong = []
    for name, args, _readers, writers, body in rows(world):
        if body is None:
            continue
        for role, client in world.clients.items():
            posted = {key: value() if callable(value) else value for key, value in body.items()}
            answer, _content, acts = undone(lambda: client.post(reverse(name, args=args), posted))
            if role in (writers or ()):
                fine = answer.status_code in (200, 201, 204, 302) and acts
            else:
                fine = answer.status_code in (302, 400, 403, 404) and not acts
            if not fine:
                wrong.append((name, role, answer.status_code, acts))
    assert wrong == []


def test_parts_of_an_upload_come_only_from_the_unit_s_own_clerks(world):
    url = reverse("batches:upload", args=[world.upload.pk])
    for role, client in world.clients.items():
        asked, _content, _acts = undone(lambda: client.head(url))
        sent, _content, _acts = undone(
            lambda: client.patch(
                url,
                b"x" * 10,
                content_type="application/offset+octet-stream",
                headers={"Upload-Offset": "0"},
            )
        )
        told = (asked.status_code, sent.status_code)
        expected = (
            (204, 204) if role == "clerk" else (302, 302) if role == "anonymous" else (404, 404)
        )
        assert told == expected, role


def test_what_exists_elsewhere_and_what_does_not_exist_look_the_same(world):
    def said(answer):
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
        return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)

    far = world.clients["far"]
    for name, args, *_rest in rows(world):
        if not args or name.startswith("standard:"):  # the standard is everybody's
            continue
        there = far.get(reverse(name, args=args))
        nowhere = far.get(reverse(name, args=[uuid.uuid4(), *args[1:]]))
        assert there.status_code == nowhere.status_code
        assert said(there) == said(nowhere), name


READS = {
    "people:changes": "page:see-text",
    "batches:detail": "batch:see",
    "review:desk": "material:see",
    "people:detail": "casefile:see",
    "people:story": "casefile:see",
    "conflicts:one": "casefile:see",
    "pairs:one": "casefile:see",
    "people:catalogue": "casefile:print",
    "people:catalogue-pdf": "casefile:print",
    "people:notes-pdf": "casefile:print",
    "people:label-pdf": "casefile:print",
    "sources:run": "run:see",
    "sources:refused": "run:export-refused",
    "images:scan": "scan:see",
    "images:page": "page:see",
    "images:original": "page:see-original",
}


def test_every_look_at_a_person_s_papers_is_on_the_ledger(world):
    for name, args, *_rest in rows(world):
        if name in READS:
            _answer, _content, acts = undone(
                lambda: world.clients["reviewer"].get(reverse(name, args=args))
            )
            assert set(acts) == {READS[name]}, name
    url = reverse("search:results")
    _answer, _content, acts = undone(lambda: world.clients["leader"].get(url, {"q": "林长河"}))
    assert acts == ["search:ask"]


def test_a_leader_sees_the_levels_of_his_role_and_nothing_else_of_the_file(world):
    leader, clerk = world.clients["leader"], world.clients["clerk"]
    url = reverse("people:detail", args=[world.person.pk])
    _answer, theirs, _acts = undone(lambda: leader.get(url))
    _answer, ours, _acts = undone(lambda: clerk.get(url))
    hidden = world.family.level not in ("基本", "奖惩")
    assert ("家庭成员情况" in ours.decode()) and (("家庭成员情况" in theirs.decode()) != hidden)
    image = reverse("images:page", args=[world.family.pages.get().pk, 900])
    answer, _content, _acts = undone(lambda: leader.get(image))
    assert answer.status_code == (404 if hidden else 200)


def test_the_image_of_a_secret_page_is_shown_to_nobody(world):
    url = reverse("images:scan", args=[world.secret.pk, 900])
    for client in world.clients.values():
        assert client.get(url).status_code in (302, 404)


def test_suggestions_and_counts_hold_only_what_one_may_see(world):
    far = world.clients["far"]
    found = far.get(reverse("search:suggest"), {"q": "林"}).content.decode()
    assert "林长河" not in found
    page = far.get(reverse("search:results"), {"q": "三连战士"}).content.decode()
    assert "三连战士</mark>" not in page and "干部履历表" not in page
    listed = far.get(reverse("people:list")).content.decode()
    assert world.case_file.number not in listed


def test_a_refusal_to_a_program_is_json_with_code_and_words(world):
    answer = world.clients["clerk"].post(
        reverse("review:act", args=[world.first.pk]),
        {"act": "split", "scan": "x", "version": "1"},
        headers={"Accept": "application/json"},
    )
    told = json.loads(answer.content)
    assert answer.status_code == 400 and told["code"] and told["message"]


def test_what_a_newer_engine_reads_differently_is_shown_with_the_words_of_both(world):
    page = world.clients["clerk"].get(reverse("people:changes")).content.decode()
    assert "三连战士" in page and "三连战土" in page and "old 1" in page and "new 2" in page
    world.clients["clerk"].post(reverse("people:changes"), {"text": str(world.earlier.pk)})
    page = world.clients["clerk"].get(reverse("people:changes")).content.decode()
    assert "三连战土" not in page
