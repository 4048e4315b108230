"""The four kinds of SQL server: how each is reached, held to reading only, and asked for its tables.

Run against real servers in the tests: PostgreSQL and MariaDB. SQL Server and Oracle were not at
hand: their statements follow the makers' documentation and have not been run.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any, Protocol

from rongdang.capture.sources.connectors.addresses import Address

SECONDS = 15  # to connect and be let in
SILENT_SECONDS = 600  # without a byte


class Dialect(Protocol):
    mark: str  # of a value in a statement

    def connect(self, address: Address, ip: str) -> Any:
        """A DB-API connection in a read-only transaction, to `ip`."""
        ...

    def errors(self) -> tuple[type[Exception], ...]: ...

    def cursor(self, connection: Any) -> Any:
        """One whose rows stay with the server until they are fetched."""
        ...

    def quoted(self, name: str) -> str: ...

    def home(self, address: Address) -> str:
        """The schema looked in when none is named."""
        ...

    def tables(self, schema: str) -> tuple[str, tuple[str, ...]]:
        """The statement that lists tables and views by name."""
        ...

    def key(self, schema: str, table: str) -> tuple[str, tuple[str, ...]]:
        """The statement that lists the columns of the primary key."""
        ...

    def ordered(self, order: str, after: int) -> str:
        """What follows SELECT … to go on behind `after` rows in that order ("" for none)."""
        ...


class _Standard:
    """What information_schema and double quotes have in common."""

    mark = "%s"

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def tables(self, schema: str) -> tuple[str, tuple[str, ...]]:
        return (
            (
                "SELECT table_name FROM information_schema.tables WHERE table_schema = %s "
                "ORDER BY table_name"
            ),
            (schema,),
        )

    def key(self, schema: str, table: str) -> tuple[str, tuple[str, ...]]:
        return (
            (
                "SELECT k.column_name FROM information_schema.table_constraints c "
                "JOIN information_schema.key_column_usage k ON k.constraint_name = c.constraint_name "
                "AND k.table_schema = c.table_schema AND k.table_name = c.table_name "
                "WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_schema = %s AND c.table_name = %s "
                "ORDER BY k.ordinal_position"
            ),
            (schema, table),
        )

    def ordered(self, order: str, after: int) -> str:
        return (f" ORDER BY {order}" if order else "") + (
            f" OFFSET {int(after)} ROWS" if after else ""
        )


class PostgreSql(_Standard):
    def connect(self, address: Address, ip: str) -> Any:
        import psycopg

        proof = {"sslmode": "verify-full", "sslrootcert": "system"}
        told: dict[str, Any] = {
            "host": address.host,
            "hostaddr": ip,
            "port": address.port,
            "dbname": address.database,
            "user": address.user,
            "password": address.secret,
            "passfile": "/dev/null",
            "connect_timeout": SECONDS,
            "application_name": "rongdang",
            "client_encoding": "utf8",
            "options": "-c default_transaction_read_only=on",
            "gssencmode": "disable",
            **(proof if address.tls else {"sslmode": "prefer"}),
        }
        connection = psycopg.connect(**told)
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return connection

    def errors(self) -> tuple[type[Exception], ...]:
        import psycopg

        return (psycopg.Error,)

    def cursor(self, connection: Any) -> Any:
        return connection.cursor(name="rongdang")

    def home(self, address: Address) -> str:
        return "public"

    def key(self, schema: str, table: str) -> tuple[str, tuple[str, ...]]:
        """From the catalogue itself: information_schema shows keys only to a table's owner."""
        return (
            (
                "SELECT a.attname FROM pg_catalog.pg_index i "
                "JOIN pg_catalog.pg_class c ON c.oid = i.indrelid "
                "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) "
                "WHERE i.indisprimary AND n.nspname = %s AND c.relname = %s "
                "ORDER BY array_position(i.indkey, a.attnum)"
            ),
            (schema, table),
        )


class MySql(_Standard):
    """MySQL and MariaDB."""

    def connect(self, address: Address, ip: str) -> Any:
        import pymysql

        connection: Any = pymysql.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            password=address.secret.encode(),  # a str would have to be Latin
            database=address.database,
            charset="utf8mb4",
            connect_timeout=SECONDS,
            read_timeout=SILENT_SECONDS,
            local_infile=False,
            ssl=ssl.create_default_context() if address.tls else None,
            defer_connect=True,
        )
        # A socket of our own: it goes to the address that was looked up, whatever the name says now.
        connection.connect(socket.create_connection((ip, address.port), timeout=SECONDS))
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        return connection

    def errors(self) -> tuple[type[Exception], ...]:
        import pymysql

        return (pymysql.Error, ValueError)

    def cursor(self, connection: Any) -> Any:
        from pymysql.cursors import SSCursor

        class Leaving(SSCursor):  # type: ignore[misc]  # the library ships no types
            """Closed half-way it does not fetch what nobody wants; its connection is closed next."""

            def close(self) -> None:
                if self._result is not None:
                    self._result.unbuffered_active = False
                self.connection = None

        return connection.cursor(Leaving)

    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def home(self, address: Address) -> str:
        return address.database

    def ordered(self, order: str, after: int) -> str:
        ordered = f" ORDER BY {order}" if order else ""
        return f"{ordered} LIMIT {2**63 - 1} OFFSET {int(after)}" if after else ordered


class SqlServer(_Standard):
    """Not run against a server here."""

    def connect(self, address: Address, ip: str) -> Any:
        import pymssql

        return pymssql.connect(
            server=ip,
            port=str(address.port),
            user=address.user,
            password=address.secret,
            database=address.database,
            charset="UTF-8",
            login_timeout=SECONDS,
            timeout=SILENT_SECONDS,
            appname="rongdang",
            read_only=True,
            encryption="require" if address.tls else "request",
        )

    def errors(self) -> tuple[type[Exception], ...]:
        import pymssql

        return (pymssql.Error,)

    def cursor(self, connection: Any) -> Any:
        return connection.cursor()

    def quoted(self, name: str) -> str:
        return "[" + name.replace("]", "]]") + "]"

    def home(self, address: Address) -> str:
        return "dbo"

    def ordered(self, order: str, after: int) -> str:
        """It goes on behind rows only where there is an order, be it none in particular."""
        if not order and not after:
            return ""
        return f" ORDER BY {order or '(SELECT NULL)'} OFFSET {int(after)} ROWS"


class Oracle(_Standard):
    """Not run against a server here."""

    mark = ":1"

    def connect(self, address: Address, ip: str) -> Any:
        import oracledb

        connection = oracledb.connect(
            user=address.user,
            password=address.secret,
            params=oracledb.ConnectParams(
                host=ip,
                port=address.port,
                service_name=address.database,
                protocol="tcps" if address.tls else "tcp",
                ssl_server_dn_match=address.tls,
                tcp_connect_timeout=SECONDS,
                retry_count=0,
            ),
        )
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        return connection

    def errors(self) -> tuple[type[Exception], ...]:
        import oracledb

        return (oracledb.Error,)

    def cursor(self, connection: Any) -> Any:
        cursor = connection.cursor()
        cursor.arraysize = cursor.prefetchrows = 2_000
        return cursor

    def home(self, address: Address) -> str:
        return address.user.upper()

    def tables(self, schema: str) -> tuple[str, tuple[str, ...]]:
        return (
            (
                "SELECT name FROM (SELECT table_name AS name FROM all_tables WHERE owner = :1 "
                "UNION ALL SELECT view_name FROM all_views WHERE owner = :2) ORDER BY name"
            ),
            (schema, schema),
        )

    def key(self, schema: str, table: str) -> tuple[str, tuple[str, ...]]:
        return (
            (
                "SELECT k.column_name FROM all_constraints c JOIN all_cons_columns k "
                "ON k.owner = c.owner AND k.constraint_name = c.constraint_name "
                "WHERE c.constraint_type = 'P' AND c.owner = :1 AND c.table_name = :2 ORDER BY k.position"
            ),
            (schema, table),
        )


DIALECTS: dict[str, type[Dialect]] = {
    "postgresql": PostgreSql,
    "mysql": MySql,
    "sqlserver": SqlServer,
    "oracle": Oracle,
}
