"""N18: a person is never officer and anything else, on each of the six paths by which a role could come.

The rule itself stands in the database (`base.accounts.migrations.0002_trust`); the rooms' own tests try
it by service, ORM and SQL. Here each path is walked as whoever would misuse it walks it.
"""

import datetime as dt
import json

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import serializers
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rongdang.base.accounts import founding, role_changes, tokens
from rongdang.base.accounts.models import RoleAssignment, RoleChange, User
from rongdang.base.accounts.services import close_account, create_user, identify
from rongdang.base.accounts.tests.test_officers_apart import number
from rongdang.base.errors import DomainError
from rongdang.capture.batches.tests.factories import run_jobs
from rongdang.cli import main
from rongdang.describe.access import opening
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.grants import emergency, readers
from rongdang.describe.grants import services as grants
from rongdang.web.api.served import api
from rongdang.web.desk.tests import world as worlds
from tests.security.test_negative import file_of

pytestmark = pytest.mark.django_db
OFFICERS = ("system", "security", "audit")
PASSWORD, PURPOSE = "correct horse 42", "funeral"


@pytest.fixture
def house(person_in, city):
    """The three officers and a second one of each, all known by their ID numbers, and a leader."""
    staff = {}
    for n, role in enumerate([*OFFICERS, "leader"]):
        for twice in ("", "-2"):
            staff[role + twice] = person_in(role + twice, role, city)
            order = f"{100 + n * 2 + bool(twice)}"
            identify(staff[role + twice], number(order=order), acting_user=None)
    return staff


def second_account(user):
    """Another account of the same person, holding nothing."""
    made = create_user(
        username=f"{user.username}-b", display_name="乙", password=PASSWORD, acting_user=None
    )
    officer = User.objects.filter(roles__role="system").exclude(pk=user.pk).first()
    identify(made, number(order=ORDERS[user.username]), acting_user=officer)
    return made


ORDERS = {role: f"{100 + n * 2}" for n, role in enumerate([*OFFICERS, "leader"])}


def client_of(user, **headers):
    client = Client(headers=headers)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    worlds.proved(client)
    return client


def held():
    return sorted(RoleAssignment.objects.values_list("user__username", "role"))


@pytest.mark.parametrize("role", OFFICERS)
def test_n18_page_an_officer_is_not_proposed_for_another_role(house, city, role):
    before = held()
    desk = client_of(house["security-2"], accept="application/json")
    for account in (house[role], second_account(house[role])):
        for other in {*OFFICERS, "clerk", "leader"} - {role}:
            told = {"what": "assign", "username": account.username, "role": other}
            told |= {"unit": city.code, "reason": "兼任"}
            answer = desk.post(reverse("officers:changes"), told)
            assert (answer.status_code, answer.json()["code"]) in (
                (409, "officers-apart"),
                (403, "own-role"),
            )
    assert held() == before and not RoleChange.objects.exists()


def test_n18_page_of_two_proposals_that_were_lawful_only_the_first_is_approved(house, city):
    newcomer = create_user(
        username="new", display_name="新", password=PASSWORD, acting_user=house["system"]
    )
    identify(newcomer, number(order="300"), acting_user=house["system"])
    told = {"act": "assign", "user": newcomer, "unit": city, "reason": "新来"}
    both = [
        role_changes.propose(**told, role=role, acting_user=house["security"])
        for role in ("reviewer", "audit")
    ]
    desk = client_of(house["leader"], accept="application/json")
    answers = [
        desk.post(reverse("officers:changes"), {"what": "approve", "change": str(one.pk)})
        for one in both
    ]
    assert answers[0].status_code == 302
    assert (answers[1].status_code, answers[1].json()["code"]) == (409, "officers-apart")
    assert [one.role for one in RoleAssignment.objects.filter(user=newcomer)] == ["reviewer"]


def test_n18_api_no_operation_gives_roles_and_fields_of_roles_are_refused(house, city, station):
    """Programmes give no roles: there is no such operation, and no operation takes such a field."""
    paths = api.get_openapi_schema()["paths"]
    assert not [path for path in paths if any(w in path for w in ("role", "user", "account"))]
    before = held()
    _token, shown = tokens.make(
        house["system"],
        name="脚本",
        scopes=list(tokens.SCOPES),
        days=1,
        acting_user=house["system"],
    )
    caller = Client(headers={"Authorization": f"Bearer {shown}"})
    inside = {"role": "audit", "roles": ["audit"], "username": "system", "unit": city.code}
    for path, acts in paths.items():
        for act in set(acts) & {"post", "put", "patch", "delete"}:
            address = path.replace("{", "").replace("}", "")
            answer = caller.generic(act.upper(), address, json.dumps(inside), "application/json")
            assert answer.status_code in (400, 401, 403, 404, 422), (act, path)
    assert held() == before


def test_n18_import_rows_of_accounts_are_refused_by_the_database(house, city):
    """A fixture, a table put in at once, a copy of rows from elsewhere."""
    before = held()
    for role in OFFICERS:
        for account in (house[role], second_account(house[role])):
            row = RoleAssignment(user=account, role="clerk", unit=city)
            told = serializers.serialize("json", [row])
            with pytest.raises(IntegrityError), transaction.atomic():
                for one in serializers.deserialize("json", told):
                    one.save()
            with pytest.raises(IntegrityError), transaction.atomic():
                RoleAssignment.objects.bulk_create([row])
    assert held() == before


def test_n18_command_neither_django_s_nor_ours_makes_a_second_officer(
    house, city, tmp_path, capsys
):
    before = held()
    row = RoleAssignment(user=house["system"], role="audit", unit=city)
    told = tmp_path / "roles.json"
    told.write_text(serializers.serialize("json", [row]))
    with pytest.raises(IntegrityError), transaction.atomic():
        call_command("loaddata", str(told), verbosity=0)
    with pytest.raises(DomainError):
        call_command("createsuperuser", username="root", interactive=False)
    answers = tmp_path / "answers.json"
    answers.write_text("{}")
    begin = ["officers", "begin", "--code", city.code, "--name", "x", "--answers", str(answers)]
    for role in (*OFFICERS, "leader"):
        begin += [f"--{role}", "system:甲"]
    assert main([*begin, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"] == "officers-exist"
    close_account(house["audit-2"], acting_user=house["system"])
    for who in ("system", "security"):
        one = founding.Appointee(
            role="audit",
            username=f"{who}-b",
            display_name="乙",
            password=PASSWORD,
            id_number=number(order=ORDERS[who]),
        )
        with pytest.raises(DomainError) as refused, transaction.atomic():
            founding.recover(
                appointee=one,
                code=city.code,
                first=house["leader"],
                second=house["leader-2"],
                instead_of="audit",
            )
        assert refused.value.code == "officers-apart"
    assert held() == before and not User.objects.filter(username__endswith="-b").exists()


def test_n18_group_no_group_and_no_right_of_django_s_opens_anything(house, clerk, station):
    """Whoever writes himself into Django's own tables of groups and rights has written nothing."""
    assert not hasattr(house["system"], "groups")
    for officer in (house[role] for role in OFFICERS):
        Group.objects.get_or_create(name="档案员")[0].permissions.set(Permission.objects.all())
        assert not any(getattr(officer, flag, False) for flag in ("is_staff", "is_superuser"))
        for row in Permission.objects.all()[:50]:
            assert not officer.may(f"{row.content_type.app_label}.{row.codename}")
        assert not officer.scopes("casefile:see") and not officer.levels()


def test_n18_delegation_a_grant_does_not_go_along_into_an_officer_s_role(
    house, clerk, station, elsewhere, stranger, city
):
    """What was granted to a clerk is nothing to the officer he becomes, nor to him without a role."""
    identify(clerk, number(order="300"), acting_user=None)
    hidden = file_of(elsewhere, stranger, name="高崎远")
    run_jobs()
    end = timezone.now() + dt.timedelta(days=3)
    told = {"numbers": [hidden.number], "levels": ["基本"], "purpose": PURPOSE, "reason": "核对"}
    asked = grants.ask(**told, until=end, acting_user=clerk)
    grants.give(asked, acting_user=house["leader"])
    waiting = grants.ask(**told, until=end, acting_user=clerk)
    named = readers.name_reader(
        user=clerk, unit=elsewhere, why="值夜班", acting_user=house["security"]
    )
    readers.confirm_reader(named, acting_user=house["leader"])
    assert CaseFile.objects.visible_to(clerk).filter(pk=hidden.pk).exists()
    assert emergency.reader_of(clerk) == named
    by_two("withdraw", clerk, "clerk", station, house)
    assert_sees_nothing(clerk, hidden)
    by_two("assign", clerk, "audit", city, house)
    grants.give(waiting, acting_user=house["leader"])
    officer = assert_sees_nothing(clerk, hidden)
    with pytest.raises(DomainError) as refused:
        readers.name_reader(
            user=officer, unit=elsewhere, why="值夜班", acting_user=house["security"]
        )
    assert refused.value.code == "officers-apart"


def by_two(act, user, role, unit, house):
    change = role_changes.propose(
        act=act, user=user, role=role, unit=unit, reason="轮岗", acting_user=house["security"]
    )
    role_changes.approve(change, acting_user=house["leader"])


def assert_sees_nothing(user, hidden):
    fresh = User.objects.get(pk=user.pk)
    assert not CaseFile.objects.visible_to(fresh).exists()
    assert emergency.reader_of(fresh) is None
    with pytest.raises(DomainError):
        opening.open_file(hidden, code=PURPOSE, note="看一看", acting_user=fresh)
    with pytest.raises(DomainError):
        emergency.break_glass(sought=hidden.number, reason="病人急救要查病史", acting_user=fresh)
    answer = client_of(fresh).get(reverse("people:detail", args=[hidden.person_id]))
    assert answer.status_code == 404
    return fresh
