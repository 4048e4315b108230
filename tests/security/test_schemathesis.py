"""What the description of the API says, made up by schemathesis, asked by every role: never a 5xx, and
every answer as it is described. The examples are the same at each run.
"""

import datetime as dt

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from rongdang.base.accounts import tokens
from rongdang.web.api.described import description
from rongdang.web.desk.tests.test_matrix import world  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db
ROLES = ("clerk", "reviewer", "leader", "system", "security", "audit")
EXAMPLES = 5  # of each operation for each role, half of them about what there is
GRANT = {
    "levels": ["基本"],
    "purpose": "benefit",
    "reason": "核定护理费",
    "until": (timezone.now() + dt.timedelta(days=1)).isoformat(),
}
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]


@pytest.fixture(autouse=True)
def _one_connection():
    """As Django's own test client: the end of a request does not end the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def put_in(case, known):
    """The example speaks of what there is: its names, and a body that is complete."""
    for name in known.keys() & (case.path_parameters or {}).keys():
        case.path_parameters[name] = known[name]
    if case.operation.label in known:
        setattr(case, *known[case.operation.label])


def wrong_answers(operation, callers, known):
    """What was not answered as described, over examples about nobody and about what there is."""
    asked, wrong = [], []

    @seed(7)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def ask(case):
        if len(asked) // len(callers) % 2 == 0:
            put_in(case, known)
        for role, headers in callers.items():
            with transaction.atomic():
                answer = case.call(headers=headers)
                transaction.set_rollback(True)
            asked.append((role, operation.label, answer.status_code))
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as fault:
                wrong.append((*asked[-1], {type(one).__name__ for one in fault.exceptions}))

    ask()
    return asked, wrong


def callers_of(world, *roles):
    """Role → headers of a programme with a token for everything."""
    callers = {}
    for role in roles:
        user = world.accounts[role]
        made = tokens.make(user, name="t", scopes=tokens.SCOPES, days=1, acting_user=user)
        callers[role] = {"Authorization": f"Bearer {made[1]}"}
    return callers


def test_every_operation_answers_every_role_as_it_is_described(world):  # noqa: F811
    callers = {"anonymous": {}} | callers_of(world, *ROLES)
    known = {
        "person_id": str(world.person.pk),
        "material_id": str(world.item.pk),
        "page_id": str(world.page.pk),
        "batch_id": str(world.receiving.pk),
        "seq": 3,
        "GET /api/v1/ledger/consistency": ("query", {"first": 1, "second": 3}),
        "GET /api/v1/people/suggestions": ("query", {"q": "林"}),
        "GET /api/v1/search": ("query", {"q": "三连战士"}),
        "GET /api/v1/standard/files/{name}": ("path_parameters", {"name": "fields.csv"}),
        "GET /api/v1/standard/tables/{name}": ("path_parameters", {"name": "sex"}),
        "POST /api/v1/openings": ("body", {"purpose": "other", "note": "信访答复用"}),
        "POST /api/v1/batches": ("body", {"unit": world.station.code, "declared": True}),
        "POST /api/v1/grants": ("body", GRANT | {"numbers": [world.case_file.number]}),
    }
    schema = schemathesis.openapi.from_dict(description())
    schema.app = get_wsgi_application()
    asked, wrong = [], []
    for found in schema.get_all_operations():
        told, faults = wrong_answers(found.ok(), callers, known)
        asked += told
        wrong += faults
    assert wrong == []
    given = {(role, label) for role, label, status in asked if status < 300}
    assert {label for _role, label in given} == {label for _role, label, _status in asked}


def test_a_planted_fault_is_seen(world):  # noqa: F811
    """An answer that is not as it is described, and one that is a crash."""

    def crash(execute, sql, *more):
        if "people_person" in sql:
            raise ValueError("planted")
        return execute(sql, *more)

    described = description()
    described["components"]["schemas"]["Me"]["properties"]["username"] = {"type": "integer"}
    schema = schemathesis.openapi.from_dict(described)
    schema.app = get_wsgi_application()
    found = {one.ok().label: one.ok() for one in schema.get_all_operations()}
    _asked, lied = wrong_answers(found["GET /api/v1/me"], callers_of(world, "clerk"), {})
    clerk = callers_of(world, "clerk")
    with connection.execute_wrapper(crash):
        _asked, died = wrong_answers(found["GET /api/v1/people"], clerk, {})
    assert any("JsonSchemaError" in kinds for *_where, kinds in lied)
    assert any("ServerError" in kinds for *_where, kinds in died)
