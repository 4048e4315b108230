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
from rongdang.web.desk.tests.matrix_rows import rows

pytestmark = pytest.mark.django_db
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
