"""A source that is asked over the network: said by a clerk, read from a real server, its secret told nowhere."""

import pytest

from rongdang.base.errors import NotPermittedError
from rongdang.base.hosts import services as hosts
from rongdang.base.ledger.models import Detail, Entry
from rongdang.capture.sources import running, services
from rongdang.capture.sources.connecting import connect
from rongdang.capture.sources.connectors.tests import servers
from rongdang.describe.statements.models import Statement
from rongdang.describe.statements.services import make_source

from .roster import HEAD, LIN, RECIPE, ZHAO

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not servers.has_mariadb(), reason="no MariaDB on this machine"),
]


@pytest.fixture(scope="module")
def old_system():
    with servers.mariadb() as (port, root):
        with root.cursor() as cursor:
            cursor.execute("USE old")
            columns = ", ".join(f"`{name}` VARCHAR(60)" for name in HEAD)
            cursor.execute(f"CREATE TABLE roster ({columns}, PRIMARY KEY (`工号`))")
            for cells in (LIN, ZHAO):
                cursor.execute(
                    f"INSERT INTO roster VALUES ({', '.join(['%s'] * len(cells))})", cells
                )
        yield port


@pytest.fixture
def told(old_system):
    return {
        "kind": "mysql",
        "host": "127.0.0.1",
        "port": old_system,
        "database": "old",
        "user": "reader",
        "secret": servers.PASSWORD,
        "tls": False,
    }


def allow(port, person_in, city):
    named = hosts.propose(
        "127.0.0.1", port, reason="读旧系统的人员表", acting_user=person_in("sys-1", "system", city)
    )
    hosts.decide(named, agreed=True, acting_user=person_in("sec-1", "security", city))


def test_a_run_reads_the_server_and_the_ledger_knows_no_secret(
    told, old_system, station, clerk, person_in, city
):
    source = make_source(unit=station, name="旧系统", kind="database", acting_user=clerk)
    with pytest.raises(NotPermittedError):
        connect(source, told, table="roster", acting_user=clerk)
    allow(old_system, person_in, city)
    delivery = connect(source, told, table="roster", acting_user=clerk)
    recipe = services.save_recipe(source, RECIPE, why="第一次", acting_user=clerk)
    run = running.read_on(services.start(delivery, recipe, acting_user=clerk).pk)
    assert run.state == "done", run.problem
    assert run.counts["new"] == 2
    assert Statement.objects.filter(source=source).count() == 2
    assert Entry.objects.filter(event="source:connect").exists()
    said = b"".join(bytes(one.body) for model in (Entry, Detail) for one in model.objects.all())
    assert b"reader" in said and servers.PASSWORD.encode() not in said


def test_only_who_may_bring_in_sources_says_how_one_is_reached(told, station, clerk, person_in):
    source = make_source(unit=station, name="旧系统", kind="database", acting_user=clerk)
    with pytest.raises(NotPermittedError):
        connect(source, told, table="roster", acting_user=person_in("lead-1", "leader", station))
