"""Machines outside: two officers allow one, nothing else is reached, and a name is looked up once."""

import pytest

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.hosts import services as hosts
from rongdang.base.hosts.models import AllowedHost
from rongdang.base.ledger.models import Entry

pytestmark = pytest.mark.django_db
WHY = "读市医院旧系统的人员表"


@pytest.fixture
def officers(person_in, city):
    return (
        person_in("sys-1", "system", city),
        person_in("sys-2", "system", city),
        person_in("sec-1", "security", city),
    )


def test_two_officers_allow_a_machine_and_either_ends_it(officers):
    system, _other, security = officers
    named = hosts.propose("LocalHost.", 5432, reason=WHY, acting_user=system)
    with pytest.raises(NotPermittedError):
        hosts.address_of("localhost", 5432)  # one officer's word is not enough
    hosts.decide(named, agreed=True, acting_user=security)
    assert hosts.address_of("localhost", 5432) in {"127.0.0.1", "::1"}
    with pytest.raises(NotPermittedError):
        hosts.address_of("localhost", 5433)
    hosts.end(named, acting_user=system)
    with pytest.raises(NotPermittedError):
        hosts.address_of("localhost", 5432)
    with pytest.raises(ConflictError):
        hosts.end(named, acting_user=security)
    told = list(Entry.objects.order_by("seq").values_list("event", flat=True))[-3:]
    assert told == ["host:propose", "host:allow", "host:end"]


def test_nobody_allows_his_own_and_one_of_the_two_looks_after_secrets(officers):
    system, other, security = officers
    named = hosts.propose("10.0.0.8", 3306, reason=WHY, acting_user=system)
    for who in (system, other):
        with pytest.raises(NotPermittedError):
            hosts.decide(named, agreed=True, acting_user=who)
    assert not AllowedHost.objects.in_force().exists()
    hosts.decide(named, agreed=False, acting_user=system)  # taken back
    with pytest.raises(ConflictError):
        hosts.decide(named, agreed=True, acting_user=security)
    assert not AllowedHost.objects.in_force().exists()


def test_an_officer_of_one_home_allows_nothing(person_in, station):
    with pytest.raises(NotPermittedError):
        hosts.propose(
            "10.0.0.8", 3306, reason=WHY, acting_user=person_in("sys-3", "system", station)
        )


@pytest.mark.parametrize(
    "host,port,reason",
    [
        ("http://db.example.cn", 80, WHY),
        ("db example", 80, WHY),
        ("-db", 80, WHY),
        ("", 80, WHY),
        ("db.example.cn", 0, WHY),
        ("db.example.cn", 65536, WHY),
        ("db.example.cn", 80, "要用"),
    ],
)
def test_what_is_no_machine_is_not_proposed(officers, host, port, reason):
    with pytest.raises(DomainError) as refused:
        hosts.propose(host, port, reason=reason, acting_user=officers[0])
    assert refused.value.code == "host-incomplete"
    assert not AllowedHost.objects.exists()


def test_a_machine_is_named_once(officers):
    hosts.propose("::1", 80, reason=WHY, acting_user=officers[0])
    with pytest.raises(ConflictError):
        hosts.propose("[0:0:0:0:0:0:0:1]", 80, reason=WHY, acting_user=officers[2])


@pytest.mark.enable_socket
def test_a_name_that_leads_nowhere_is_told(officers):
    named = hosts.propose("no-such-host.invalid", 80, reason=WHY, acting_user=officers[0])
    hosts.decide(named, agreed=True, acting_user=officers[2])
    with pytest.raises(DomainError) as refused:
        hosts.address_of("no-such-host.invalid", 80)
    assert refused.value.code == "host-not-found"
