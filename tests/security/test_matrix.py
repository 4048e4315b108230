"""Every address that leads to a file × every role × every state of access, against the oracle.

The table of addresses by role is `web/desk/tests/test_matrix.py`; here the same addresses meet eight
files: open to the reader, a relative's, without a reason, with a reason that ended, sealed, of
another unit, granted, and with a grant that is over.
"""

import uuid

import pytest
from django.urls import get_resolver, reverse

from rongdang.describe.access.predicate import stated
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.people.models import Fact
from rongdang.web.desk.tests.test_matrix import (
    BY_OPERATION,
    BY_PART,
    ON_THE_WAY_IN,
    OPEN_TO_ALL,
    PUBLIC,
    named,
    undone,
)
from rongdang.web.shown import WIDTHS

from . import oracle

pytestmark = pytest.mark.django_db
READ_FILE = {"people:detail", "people:story", "people:catalogue", "people:catalogue-pdf"}
READ_FILE |= {"people:notes-pdf", "people:label-pdf"}
READ_PAGE = {"images:page", "images:original"}
WRITE_FILE = {"people:split", "people:place", "people:seal", "people:unmask"}
WRITE_PART = {"people:describe", "people:withdraw", "people:add-fact"}
OTHER = {"people:open", "people:export", "people:sealing"}  # tried one by one below
PROOFS = {"api:ledger_heads", "api:ledger_consistency", "api:api-root"}  # the last: what there is
OF_A_FILE = {"person_id", "item_id", "fact_id", "page_id"}
NOTES = {"casefile:recuse", "alarm:raise", "access:refuse", "right:refuse"}  # notes, no acts


@pytest.fixture
def world(person_in, city, station, elsewhere):
    return oracle.build(person_in, city, station, elsewhere)


def arguments(resolver, before=()):
    """Name of an address → names of its arguments."""
    for pattern in resolver.url_patterns:
        own = (*before, *pattern.pattern.converters)
        if hasattr(pattern, "url_patterns"):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            for name, found in arguments(pattern, own):
                yield space + name, found
        elif pattern.name:
            yield pattern.name, own


def everybody(world):
    for who, client in world.clients.items():
        for case in oracle.CASES:
            yield who, client, case


def test_no_address_is_outside_the_generated_matrix():
    found = {
        name
        for name, args in arguments(get_resolver())
        if OF_A_FILE & set(args) and not name.startswith(BY_OPERATION)
    }
    assert found == READ_FILE | READ_PAGE | WRITE_FILE | WRITE_PART | OTHER


def test_nobody_sees_anything_but_the_way_in(world):
    """Default deny: whatever its method, an address answers nobody unless it is named as open."""
    wrong = []
    for name, args in arguments(get_resolver()):
        values = [900 if one == "width" else "x" if one == "log" else uuid.uuid4() for one in args]
        for method in ("get", "post", "head", "put", "patch", "delete", "options"):
            answer = getattr(world.clients["anonymous"], method)(reverse(name, args=values))
            led_in = answer.status_code == 302 and "/login/" in answer.headers["Location"]
            open_to_all = name in OPEN_TO_ALL | PUBLIC | ON_THE_WAY_IN | PROOFS
            if not (led_in or open_to_all or answer.status_code in (401, 404, 405)):
                wrong.append((name, method, answer.status_code))
    assert wrong == []
    assert set(named(get_resolver())) >= BY_PART


def test_the_predicate_says_what_the_oracle_says(world):
    """Every account × every reason of the regulation × every material, page, fact."""
    for who, user in world.accounts.items():
        known = {case for case in oracle.CASES if oracle.listed(world, who, case)}
        files = CaseFile.objects.visible_to(user)
        assert {world.cases[case].pk for case in known} == set(files.values_list("pk", flat=True))
        for code in oracle.REASONS:
            seen = {case: oracle.levels(world, who, case, code) for case in oracle.CASES}
            purpose = stated(code)
            titles = {t for (case, t), (level, _) in world.titles.items() if level in seen[case]}
            items = Item.objects.visible_to(user, purpose)
            assert set(items.values_list("title", flat=True)) == titles, (who, code)
            pages = Page.objects.visible_to(user, purpose)
            assert set(pages.values_list("item__title", flat=True)) == titles, (who, code)
            values = {v for (case, v), (level, _) in world.facts.items() if level in seen[case]}
            told = {one.value for one in Fact.objects.visible_to(user, purpose)}
            assert told & {v for _case, v in world.facts} == values, (who, code)


def test_every_page_of_every_object_is_as_the_oracle_says(world):
    wrong = []
    for who, client, case in everybody(world):
        person = world.cases[case].person_id
        seen = oracle.levels_now(world, who, case)
        for name in sorted(READ_FILE):
            answer, body, acts = undone(lambda: client.get(reverse(name, args=[person])))
            if answer.status_code != _expected(world, who, case, name, seen):
                wrong.append((name, who, case, answer.status_code))
            if answer.status_code != 200 and set(acts) - NOTES:
                wrong.append((name, who, case, acts))
            if name in ("people:detail", "people:story", "people:catalogue"):
                held = seen if answer.status_code == 200 else set()
                wrong += _words(world, who, case, body.decode(), name, held)
    assert wrong == []


def _expected(world, who, case, name, seen):
    if who == "anonymous":
        return 302
    if not oracle.listed(world, who, case):
        return 404
    if (who, case) in world.kin:
        return 403
    if not seen:
        return 302  # to the page that asks for the reason
    if name in ("people:detail", "people:story") or oracle.keeps(world, who, case):
        return 200
    return 403  # paper leaves against a grant that counts prints; nobody here holds one


def _words(world, who, case, text, name, seen):
    """What stands on the page and should not, or should and does not."""
    wrong = []
    for (of, title), (level, _item) in world.titles.items():
        if name != "people:story" and (title in text) != (of == case and level in seen):
            wrong.append((name, who, case, title))
    for (of, value), (level, _fact) in world.facts.items():
        if name in ("people:detail", "people:story") and (value in text) != (
            of == case and level in seen
        ):
            wrong.append((name, who, case, value))
    return wrong


def test_every_image_is_as_the_oracle_says(world):
    wrong = []
    for who, client, case in everybody(world):
        seen = oracle.levels_now(world, who, case)
        for (of, title), (level, item) in world.titles.items():
            if of != case:
                continue
            page = item.pages.get().pk
            addresses = (
                reverse("images:page", args=[page, WIDTHS[-1]]),
                reverse("images:original", args=[page]),
            )
            for address in addresses:
                answer, _body, acts = undone(lambda: client.get(address))
                shown = answer.status_code == 200
                if shown != (level in seen) or (not shown and set(acts) - NOTES):
                    wrong.append((address[:16], who, case, title, answer.status_code, acts))
                if who != "anonymous" and not oracle.listed(world, who, case):
                    assert answer.status_code == 404
    assert wrong == []


def test_n13_every_page_of_a_file_is_shut_without_a_reason(world):
    for who in oracle.READERS:
        for case in ("unopened", "ended"):
            person = world.cases[case].person_id
            for name in sorted(READ_FILE):
                answer, _body, acts = undone(
                    lambda: world.clients[who].get(reverse(name, args=[person]))
                )
                assert answer.headers["Location"].startswith(reverse("people:open", args=[person]))
                assert acts == []


def test_nobody_writes_where_he_may_not_even_read(world):
    """Another unit's, a relative's, a granted file and one whose grant is over: no act at all."""
    wrong = []
    for who, client, case in everybody(world):
        mine = oracle.in_charge(world, who, case) and (who, case) not in world.kin
        if mine and world.posts[who][0] != "leader":
            continue
        for name, args, body in _writes(world, case):
            if name == "people:unmask" and oracle.levels_now(world, who, case):
                continue  # a field of one's own reading
            answer, _body, acts = undone(lambda: client.post(reverse(name, args=args), body))
            if answer.status_code not in (302, 403, 404) or set(acts) - NOTES:
                wrong.append((name, who, case, answer.status_code, acts))
    assert wrong == []


def _writes(world, case):
    person = world.cases[case].person_id
    item = next(item for (of, _), (_, item) in world.titles.items() if of == case)
    fact = next(fact for (of, _), (_, fact) in world.facts.items() if of == case)
    yield "people:place", [person], {"room": "3"}
    yield "people:seal", [person], {}
    yield "people:unmask", [person], {"field": "公民身份号码", "reason": "核对身份"}
    described = {"title": "履历表", "category": "1", "formed": "1962", "version": str(item.version)}
    yield "people:describe", [item.pk], described
    seen = {"page": str(item.pages.get().pk), "field": "籍贯", "value": "山东"}
    yield "people:add-fact", [item.pk], seen
    yield "people:withdraw", [fact.pk], {"reason": "认错了字"}


def test_reasons_exports_and_sealing_of_what_is_not_ones_own(world):
    wrong = []
    for who, client, case in everybody(world):
        person = [world.cases[case].person_id]
        known = oracle.listed(world, who, case)
        kin = (who, case) in world.kin
        told = {}
        for name in sorted(OTHER):
            answer, _body, _acts = undone(lambda: client.get(reverse(name, args=person)))
            told[name] = answer.status_code
        gone = 302 if who == "anonymous" else 404
        opens = gone if not known else 403 if kin else 200
        given = oracle.levels_now(world, who, case) and who == "reviewer"
        if told["people:open"] != opens or (told["people:export"] == 200) != bool(given):
            wrong.append((who, case, told))
        if not known and set(told.values()) != {gone}:
            wrong.append((who, case, told))
    assert wrong == []
