"""Every operation of the API × every role × every state of access, against the oracle; and what is
invisible changes no byte of any answer.
"""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from rongdang.base.ledger.models import Entry
from rongdang.capture.batches.tests.factories import page_image
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.people.services import create_person
from rongdang.web.api.described import description
from rongdang.web.desk.tests.test_matrix import undone

from . import oracle

pytestmark = pytest.mark.django_db
API = "/api/v1"
FILES = {"clerk", "reviewer", "leader", "far"}
DESK = FILES - {"leader"}
UPLOAD = DESK - {"reviewer"}
ALL = FILES | {"none", "system", "security", "audit"}
HEALTH = {"system", "security", "audit"}
PUBLIC = {"GET /ledger/heads", "GET /ledger/consistency"}
# Operation → who gets an answer at all, whatever it is about.
OPEN = {
    "GET /me": ALL,
    "GET /standard": ALL,
    "GET /standard/fields": ALL,
    "GET /standard/tables/{name}": ALL,
    "GET /standard/areas": ALL,
    "GET /standard/schemes": ALL,
    "GET /standard/files/{name}": ALL,
    "POST /standard/values": ALL,
    "GET /units": ALL,
    "GET /people": FILES,
    "GET /people/suggestions": FILES,
    "GET /purposes": FILES,
    "GET /openings": FILES,
    "GET /grants": FILES,
    "GET /changes": FILES,
    "POST /grants": FILES,
    "GET /search": FILES,
    "GET /batches": DESK,
    "GET /health": HEALTH,
    "GET /ledger/entries/{seq}/proof": {"audit"},
}
OF_A_FILE = {
    "GET /people/{person_id}",
    "GET /people/{person_id}/file",
    "GET /people/{person_id}/purposes",
    "POST /openings",
}
OF_A_PART = {
    "GET /materials/{material_id}",
    "GET /pages/{page_id}",
    "GET /pages/{page_id}/image",
    "GET /pages/{page_id}/original",
}
OF_A_BATCH = {
    "GET /batches/{batch_id}": {"clerk", "reviewer"},
    "GET /batches/{batch_id}/scans": {"clerk", "reviewer"},
    "POST /batches/{batch_id}/files": {"clerk"},
    "POST /batches/{batch_id}/close": {"clerk"},
    "POST /batches": {"clerk"},
}
LISTS = {
    "/me": {},
    "/units": {"limit": 100},
    "/people": {"limit": 100},
    "/people/suggestions": {"q": "柳"},
    "/openings": {},
    "/grants": {},
    "/search": {"q": "柳"},
    "/batches": {},
}


@pytest.fixture
def world(person_in, city, station, elsewhere):
    return oracle.build(person_in, city, station, elsewhere)


def operations():
    return {
        f"{method.upper()} {path.removeprefix(API)}"
        for path, methods in description()["paths"].items()
        for method in methods
    }


def ask(client, operation, body=None, **keys):
    method, path = operation.split(" ")
    address = API + path.format(**keys)
    if method == "GET":
        return undone(lambda: client.get(address, body or {}))
    return undone(lambda: client.post(address, body or {}, content_type="application/json"))


def test_no_operation_is_outside_the_matrix():
    listed = PUBLIC | set(OPEN) | OF_A_FILE | OF_A_PART | set(OF_A_BATCH)
    assert listed == operations()


def test_nobody_gets_anything_but_the_public_proofs(world):
    keys = {name: uuid.uuid4() for name in ("person_id", "material_id", "page_id", "batch_id")}
    for operation in operations() - PUBLIC:
        answer, _body, _acts = ask(world.clients["anonymous"], operation, seq=1, name="sex", **keys)
        assert answer.status_code == 401, operation
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"] == "Bearer"


def test_who_gets_an_answer_at_all(world):
    tomorrow = (timezone.now() + dt.timedelta(days=1)).isoformat()
    bodies = {
        "GET /people/suggestions": {"q": "柳"},
        "GET /search": {"q": "柳"},
        "POST /grants": {
            "numbers": [world.cases["home"].number],
            "levels": ["基本"],
            "purpose": "benefit",
            "reason": "核定护理费",
            "until": tomorrow,
        },
        "POST /standard/values": {"values": [{"field": "性别", "text": "男性"}]},
    }
    named = {"GET /standard/files/{name}": "record.xsd"}
    wrong = []
    for operation, readers in OPEN.items():
        for who, client in world.clients.items():
            if who == "anonymous":
                continue
            name = named.get(operation, "sex")
            answer, _body, acts = ask(client, operation, bodies.get(operation), seq=1, name=name)
            expected = (200, 201) if who in readers else (404,)
            if answer.status_code not in expected or (who not in readers and acts):
                wrong.append((operation, who, answer.status_code, acts))
    assert wrong == []


def test_every_file_is_as_the_oracle_says(world):
    wrong = []
    for who, client in world.clients.items():
        for case in oracle.CASES:
            for operation in sorted(OF_A_FILE):
                person = world.cases[case].person_id
                body = {"person": str(person), "purpose": "other", "note": "信访答复用"}
                said = body if operation.startswith("POST") else None
                answer, content, acts = ask(client, operation, said, person_id=person)
                expected = _expected(world, who, case, operation)
                if answer.status_code != expected:
                    wrong.append((operation, who, case, answer.status_code, expected))
                if answer.status_code >= 400 and set(acts) - {"casefile:recuse", "alarm:raise"}:
                    wrong.append((operation, who, case, acts))
                if operation.endswith("/file"):
                    seen = oracle.levels_now(world, who, case) if expected == 200 else set()
                    wrong += _words(world, who, case, content.decode(), seen)
    assert wrong == []


def _expected(world, who, case, operation):
    if who == "anonymous":
        return 401
    if not oracle.listed(world, who, case):
        return 404
    if operation == "POST /openings":
        if (who, case) in world.kin:
            return 403
        kinds = oracle.ROLE_KINDS[world.posts[who][0]]
        lawful = oracle.in_charge(world, who, case) and oracle.REASONS["other"]["kind"] in kinds
        return 201 if lawful else 422
    if operation.endswith("/file"):
        return 200 if oracle.levels_now(world, who, case) else 403
    return 200


def _words(world, who, case, text, seen):
    wrong = []
    for (of, word), (level, _row) in [*world.titles.items(), *world.facts.items()]:
        if (word in text) != (of == case and level in seen):
            wrong.append((who, case, word))
    return wrong


def test_every_material_and_page_is_as_the_oracle_says(world):
    wrong = []
    for who, client in world.clients.items():
        for (case, title), (level, item) in world.titles.items():
            keys = {"material_id": item.pk, "page_id": item.pages.get().pk}
            shown = level in oracle.levels_now(world, who, case)
            for operation in sorted(OF_A_PART):
                # The whole width: a smaller image is also shown behind what a search found.
                asked = {"width": 2480} if operation.endswith("/image") else {}
                answer, content, acts = ask(client, operation, asked, **keys)
                if (answer.status_code == 200) != shown:
                    wrong.append((operation, who, case, title, answer.status_code))
                if not shown and set(acts) - {"casefile:recuse", "alarm:raise"}:
                    wrong.append((operation, who, case, acts))
                if not shown and title in content.decode(errors="replace"):
                    wrong.append((operation, who, case, title))
                if who != "anonymous" and not oracle.listed(world, who, case):
                    assert answer.status_code == 404
    assert wrong == []


def test_every_batch_is_its_own_unit_s(world, station):
    from rongdang.capture.batches import services

    clerk = world.accounts["clerk"]
    batch = services.open_batch(unit=station, acting_user=clerk, source="browser", declared=True)
    wrong = []
    for operation, allowed in OF_A_BATCH.items():
        for who, client in world.clients.items():
            if who == "anonymous":
                continue
            answer, acts = _of_batch(client, operation, batch, station)
            # An empty batch is not closed: the refusal of somebody who may.
            fine = answer.status_code in (200, 201, 400) if who in allowed else not acts
            refused = who in allowed or answer.status_code in (400, 403, 404)
            if not (fine and refused):
                wrong.append((operation, who, answer.status_code, acts))
            if who not in allowed | {"far"} and operation != "POST /batches":
                assert answer.status_code == 404, (operation, who)
    assert wrong == []


def _of_batch(client, operation, batch, station):
    from django.core.files.uploadedfile import SimpleUploadedFile

    if operation.endswith("/files"):
        address = f"{API}/batches/{batch.pk}/files"
        sent = SimpleUploadedFile("a.jpg", page_image(1))
        answer, _body, acts = undone(lambda: client.post(address, {"file": sent}))
    else:
        body = {"unit": station.code, "declared": True} if operation == "POST /batches" else {}
        answer, _body, acts = ask(client, operation, body, batch_id=batch.pk)
    return answer, acts


def test_what_exists_elsewhere_and_what_does_not_exist_are_answered_alike(world):
    person, page = world.cases["beyond"].person_id, world.titles["beyond", "己卷基本件"][1]
    client = world.clients["clerk"]
    here = {"person_id": person, "material_id": page.pk, "page_id": page.pages.get().pk}
    nowhere = {name: uuid.uuid4() for name in here}
    for operation in sorted((OF_A_FILE | OF_A_PART) - {"POST /openings"}):
        there = ask(client, operation, {}, **here)
        not_there = ask(client, operation, {}, **nowhere)
        assert there[0].status_code == not_there[0].status_code == 404
        assert there[1] == not_there[1], operation


def test_a_refused_id_is_on_the_ledger_once(world):
    person = world.cases["beyond"].person_id
    world.clients["clerk"].get(f"{API}/people/{person}/file")
    entry = Entry.objects.get(event="access:refuse")
    assert (entry.subject_kind, entry.subject_id) == ("people.person", str(person))


def test_n10_somebody_invisible_changes_no_byte_of_any_answer(world, elsewhere, person_in):
    from rongdang.capture.batches import services

    filer = person_in("filer-9", "clerk", elsewhere)
    readers = ("clerk", "reviewer", "leader", "security", "audit", "system", "none")

    def changes():
        """Without the place to go on from: how long the log is, everybody may know (heads)."""
        told = {who: world.clients[who].get(f"{API}/changes", {"limit": 500}) for who in readers}
        return {who: answer.json().get("changes") for who, answer in told.items()}

    def answers():
        return {
            (who, path): undone(lambda: world.clients[who].get(API + path, asked))[1]
            for who in readers
            for path, asked in LISTS.items()
        }

    before, told = answers(), changes()
    person = create_person(unit=elsewhere, name="柳壬远", acting_user=filer)
    case_file = open_case_file(person, acting_user=filer)
    filed(case_file, filer, title="柳壬卷", texts=("柳壬字三连",))
    services.open_batch(unit=elsewhere, acting_user=filer, source="browser", declared=True)
    assert answers() == before and changes() == told and told["clerk"]
    seen = world.clients["far"].get(f"{API}/people", {"limit": 100}).json()["items"]
    assert "柳壬远" in {row["name"] for row in seen}  # the control: who may see him does
