"""Real PostgreSQL and MariaDB: read, never written; streamed, resumed, cut off, changed under the reader."""

import secrets
import traceback

import pytest

from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.hosts import services as hosts
from rongdang.capture.sources.connectors import addresses, dialects
from rongdang.capture.sources.connectors.connections import open_connection
from rongdang.capture.sources.connectors.databases import DatabaseConnector
from rongdang.capture.sources.connectors.tests import servers

KINDS = [
    pytest.param(
        "postgresql",
        marks=pytest.mark.skipif(not servers.POSTGRESQL, reason="no PostgreSQL on this machine"),
    ),
    pytest.param(
        "mysql",
        marks=pytest.mark.skipif(not servers.has_mariadb(), reason="no MariaDB on this machine"),
    ),
]


class Server:
    """One kind of server, its port, and what its owner does to it meanwhile."""

    def __init__(self, kind, port, root):
        self.kind, self.port, self.root = kind, port, root
        self.quote = "`" if kind == "mysql" else '"'

    def run(self, sql):
        cursor = self.root.cursor()
        cursor.execute(sql.replace('"', self.quote))
        return cursor.fetchall() if cursor.description else ()

    def address(self, **more):
        told = {
            "kind": self.kind,
            "host": "127.0.0.1",
            "port": self.port,
            "database": "old",
            "tls": False,
        }
        return addresses.read({**told, "user": "reader", "secret": servers.PASSWORD, **more})

    def connector(self, **more):
        return DatabaseConnector(self.address(**more), "127.0.0.1")


@pytest.fixture(scope="module", params=KINDS)
def server(request):
    start = {"postgresql": servers.postgresql, "mysql": servers.mariadb}[request.param]
    with start() as (port, root):
        one = Server(request.param, port, root)
        if one.kind == "mysql":
            one.run("USE old")
        else:
            one.run("GRANT CREATE ON SCHEMA public TO reader")
        one.run(
            'CREATE TABLE "人员" ("编号" INTEGER PRIMARY KEY, "姓 名" VARCHAR(20), "出生" DATE, "工资" NUMERIC(10,2))'
        )
        one.run(
            "INSERT INTO \"人员\" VALUES (5, '张建国', '1953-07-01', 1234.50), (9, '李淑珍', NULL, 0), (700, '王''五', '1950-01-02', 7)"
        )
        one.run('CREATE TABLE "双键" ("甲" VARCHAR(9), "乙" INTEGER, PRIMARY KEY ("甲", "乙"))')
        one.run("INSERT INTO \"双键\" VALUES ('b', 1), ('a', 2), ('a', 1)")
        one.run('CREATE VIEW "名单" AS SELECT "姓 名" FROM "人员"')
        one.run('CREATE TABLE "怪\'表; DROP" (a INTEGER PRIMARY KEY)')
        if one.kind == "postgresql":
            for name in ("人员", "双键", "名单", "怪'表; DROP"):
                one.run(f'GRANT ALL ON "{name}" TO reader')
        yield one


def test_tables_and_views_are_listed_with_their_columns_and_rows(server):
    found = {one.name: one for one in server.connector().tables()}
    assert found["人员"].columns == ("编号", "姓名", "出生", "工资") and found["人员"].rows == 3
    assert found["怪'表; DROP"].rows == 0
    assert [one.code for one in found["名单"].oddities] == ["no-key"] and not found["双键"].oddities


def test_rows_are_called_by_their_key_and_reading_goes_on_behind_any_of_them(server):
    connector = server.connector()
    rows = list(connector.rows("人员"))
    assert [row.number for row in rows] == [5, 9, 700]
    assert rows[0].cells == ("5", "张建国", "1953-07-01", "1234.5")
    assert rows[1].cells == ("9", "李淑珍", "", "0")
    assert [row.number for row in connector.rows("人员", after=5)] == [9, 700]
    assert [row.number for row in connector.rows("人员", after=700)] == []


def test_a_key_of_two_columns_gives_places_in_its_order(server):
    rows = list(server.connector().rows("双键"))
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("a", "1")),
        (2, ("a", "2")),
        (3, ("b", "1")),
    ]
    assert [row.cells for row in server.connector().rows("双键", after=2)] == [("b", "1")]
    assert len(list(server.connector().rows("名单", after=1))) == 2


def test_it_cannot_write_whatever_it_is_told(server):
    """The account may write everything; the transaction is what refuses."""
    connector = server.connector()
    for sql in (
        "INSERT INTO \"双键\" VALUES ('x', 9)",
        'DELETE FROM "双键"',
        'DROP TABLE "双键"',
        "CREATE TABLE neu (a INTEGER)",
    ):
        with connector._connected() as connection:
            with pytest.raises(connector._dialect.errors()), connection.cursor() as cursor:
                cursor.execute(sql.replace('"', server.quote))
    assert server.run('SELECT count(*) FROM "双键"') == ((3,),) or server.run(
        'SELECT count(*) FROM "双键"'
    ) == [(3,)]


def test_rows_stay_with_the_server_until_they_are_wanted(server):
    server.run("CREATE TABLE viele (id INTEGER PRIMARY KEY, t VARCHAR(3000))")
    if server.kind == "postgresql":
        server.run("GRANT ALL ON viele TO reader")
        server.run("INSERT INTO viele SELECT n, repeat('x', 3000) FROM generate_series(1, 8000) n")
    else:
        server.run("INSERT INTO viele SELECT seq, repeat('x', 3000) FROM seq_1_to_8000")
    import tracemalloc

    rows = server.connector().rows("viele")
    tracemalloc.start()
    assert sum(1 for _ in rows) == 8_000
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 14 * 2**20  # of 24 MB


def test_a_server_that_breaks_off_is_told_and_reading_goes_on_afterwards(server):
    connector = server.connector()
    rows = connector.rows("viele")
    read = [next(rows) for _ in range(1_500)]
    if server.kind == "postgresql":
        server.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'"
        )
    else:
        for (number,) in server.run(
            "SELECT id FROM information_schema.processlist WHERE user = 'reader'"
        ):
            server.run(f"KILL {number}")
    with pytest.raises(DomainError) as refusal:
        for row in rows:
            read.append(row)
    assert refusal.value.code == "source-died"
    read += connector.rows("viele", after=read[-1].number)
    assert [row.number for row in read] == list(range(1, 8_001))


def test_columns_that_change_between_looking_and_reading_stop_it(server):
    connector = server.connector()
    connector.tables()
    server.run('ALTER TABLE "双键" ADD COLUMN "丙" INTEGER')
    with pytest.raises(DomainError) as refusal:
        next(connector.rows("双键"))
    server.run('ALTER TABLE "双键" DROP COLUMN "丙"')
    assert refusal.value.code == "columns-changed"


def test_a_wrong_password_is_refused_and_told_to_nobody(server):
    wrong = secrets.token_hex(8)
    connector = server.connector(secret=wrong)
    with pytest.raises(DomainError) as refusal:
        connector.tables()
    assert refusal.value.code == "source-unreachable" and refusal.value.__cause__ is None
    address = server.address(secret=wrong)
    told = "".join(traceback.format_exception(refusal.value)) + repr(address) + str(address.told())
    assert wrong not in told and address.kept()["secret"] == wrong


def test_a_table_that_is_not_listed_is_never_asked_for(server):
    with pytest.raises(DomainError) as refusal:
        next(server.connector().rows("人员; DROP TABLE 人员"))
    assert refusal.value.code == "no-such-table"


def test_a_certificate_is_asked_for_where_it_was_said(server):
    """These servers have none that anybody vouches for."""
    with pytest.raises(DomainError) as refusal:
        server.connector(tls=True).tables()
    assert refusal.value.code == "source-unreachable"


@pytest.mark.django_db
def test_only_a_machine_that_two_officers_allowed_is_reached(server, person_in, city):
    kept = server.address().kept()
    with pytest.raises(NotPermittedError):
        open_connection(kept)
    named = hosts.propose(
        "127.0.0.1",
        server.port,
        reason="读旧系统的人员表",
        acting_user=person_in("sys-1", "system", city),
    )
    hosts.decide(named, agreed=True, acting_user=person_in("sec-1", "security", city))
    assert "人员" in [one.name for one in open_connection(kept).tables()]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nosql"},
        {"host": ""},
        {"port": "x"},
        {"port": 70_000},
        {"database": ""},
        {"user": " "},
    ],
)
def test_an_incomplete_address_is_refused(wrong):
    told = {"kind": "mysql", "host": "a", "port": 1, "database": "b", "user": "c"}
    with pytest.raises(DomainError) as refusal:
        addresses.read({**told, **wrong})
    assert refusal.value.code == "address-incomplete"


@pytest.mark.parametrize(
    ("kind", "quoted"),
    [
        ("postgresql", '"a""]`b"'),
        ("mysql", '`a"]``b`'),
        ("sqlserver", '[a"]]`b]'),
        ("oracle", '"a""]`b"'),
    ],
)
def test_no_name_gets_out_of_its_quotes(kind, quoted):
    assert dialects.DIALECTS[kind]().quoted('a"]`b') == quoted


def test_a_port_nobody_listens_at_is_told(free_port):
    address = addresses.read(
        {
            "kind": "mysql",
            "host": "127.0.0.1",
            "port": free_port,
            "database": "a",
            "user": "b",
            "tls": False,
        }
    )
    with pytest.raises(DomainError) as refusal:
        DatabaseConnector(address, "127.0.0.1").tables()
    assert refusal.value.code == "source-unreachable"


@pytest.fixture
def free_port():
    return servers._free_port()
