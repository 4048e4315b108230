"""Tables and views of a SQL database: selected from in a read-only transaction, streamed, never written.

Rows are numbered by a whole-number primary key where there is one, so that reading goes on behind
any of them; else by their place in the order of the key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors import dialects, heads
from rongdang.capture.sources.connectors.addresses import Address
from rongdang.capture.sources.connectors.caged import marked
from rongdang.capture.sources.connectors.cells import text_of
from rongdang.capture.sources.connectors.dialects import Dialect
from rongdang.capture.sources.port import Oddity, SourceRow, TableInfo

AT_ONCE = 1_000
MOST_NUMBER = 2**31 - 1


class DatabaseConnector:
    """Connects anew for each question and each reading, to `ip` and nowhere else."""

    def __init__(self, address: Address, ip: str) -> None:
        self._address, self._ip = address, ip
        self._dialect: Dialect = dialects.DIALECTS[address.kind]()
        self._infos: dict[str, TableInfo] = {}

    def tables(self) -> Sequence[TableInfo]:
        if not self._infos:
            with self._connected() as connection:
                names = self._asked(connection, *self._dialect.tables(self._schema()))
                found = [self._info(connection, str(name)) for (name,) in names]
            self._infos = {one.name: one for one in found}
        return list(self._infos.values())

    def rows(self, table: str, *, after: int = 0) -> Iterator[SourceRow]:
        info = self._of(table)
        with self._connected() as connection:
            key = self._key(connection, table)
            by_number = self._counts_up(connection, table, key)
            with closing(self._dialect.cursor(connection)) as cursor:
                cursor.execute(*self._select(table, key, by_number=by_number, after=after))
                first = self._fetched(cursor)
                names = [one[0] for one in cursor.description or ()]
                _must_be_same(info, names)
                at = names.index(key[0]) if by_number else -1
                for number, values in enumerate(self._all(cursor, first), after + 1):
                    yield _row(int(values[at]) if by_number else number, values)

    def close(self) -> None:
        """Nothing is kept open between readings."""

    def _of(self, table: str) -> TableInfo:
        self.tables()
        if table not in self._infos:
            raise DomainError(
                f"数据库里没有叫“{table}”的表，或这个用户看不到，没有读入任何一行。",
                f"The database shows this user no table “{table}”; no row was taken.",
                hint_zh="看看表名和授权，再选一次表。",
                hint_en="Check its name and the rights, and choose the table again.",
                code="no-such-table",
                status=404,
            )
        return self._infos[table]

    def _schema(self) -> str:
        return self._address.schema or self._dialect.home(self._address)

    def _info(self, connection: Any, table: str) -> TableInfo:
        named = self._named(table)
        with closing(connection.cursor()) as cursor:
            cursor.execute(f"SELECT * FROM {named} WHERE 1 = 0")
            columns = [one[0] for one in cursor.description]
            cursor.fetchall()
        ((rows,),) = self._asked(connection, f"SELECT count(*) FROM {named}", ())
        names, told = heads.unique_names(columns)
        key = self._key(connection, table)
        return TableInfo(table, names, int(rows), (*told, *([] if key else [_no_key(table)])))

    def _key(self, connection: Any, table: str) -> list[str]:
        found = self._asked(connection, *self._dialect.key(self._schema(), table))
        return [str(name) for (name,) in found]

    def _counts_up(self, connection: Any, table: str, key: Sequence[str]) -> bool:
        """Is the key one column of whole numbers from 1 that a row can be called by?"""
        if len(key) != 1:
            return False
        quoted = self._dialect.quoted(key[0])
        sql = f"SELECT min({quoted}), max({quoted}) FROM {self._named(table)}"
        ((least, most),) = self._asked(connection, sql, ())
        whole = isinstance(least, int) and isinstance(most, int)
        return whole and 0 < least <= most <= MOST_NUMBER

    def _select(
        self, table: str, key: Sequence[str], *, by_number: bool, after: int
    ) -> tuple[str, tuple[object, ...]]:
        order = ", ".join(map(self._dialect.quoted, key))
        if by_number:
            sql = f"SELECT * FROM {self._named(table)} WHERE {order} > {self._dialect.mark}"
            return f"{sql} ORDER BY {order}", (after,)
        sql = f"SELECT * FROM {self._named(table)}"
        return sql + self._dialect.ordered(order, after), ()

    def _named(self, table: str) -> str:
        schema = self._schema()
        named = self._dialect.quoted(table)
        return f"{self._dialect.quoted(schema)}.{named}" if schema else named

    def _asked(self, connection: Any, sql: str, values: Sequence[object]) -> list[Any]:
        with closing(connection.cursor()) as cursor:
            cursor.execute(sql, tuple(values))
            return list(cursor.fetchall())

    def _fetched(self, cursor: Any) -> list[Any]:
        return list(cursor.fetchmany(AT_ONCE))

    def _all(self, cursor: Any, first: list[Any]) -> Iterator[Sequence[Any]]:
        rows = first
        while rows:
            yield from rows
            rows = self._fetched(cursor)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """A read-only transaction, rolled back at its end; what the driver says becomes words of ours.

        The driver's own words are told to nobody: they may hold a password or somebody's data.
        """
        broken: tuple[type[Exception], ...] = (*self._dialect.errors(), OSError, EOFError)
        try:
            connection = self._dialect.connect(self._address, self._ip)
        except broken:
            raise _unreachable(self._address) from None
        try:
            yield connection
        except UnicodeDecodeError:
            raise _no_text() from None
        except broken:
            raise _died() from None
        finally:
            with suppress(*broken):
                connection.close()


def _row(number: int, values: Sequence[Any]) -> SourceRow:
    cells = tuple(_text(value) for value in values)
    return SourceRow(number, cells, marked(number, cells))


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return text_of(value)


def _must_be_same(info: TableInfo, names: Sequence[str]) -> None:
    if heads.unique_names(names)[0] != info.columns:
        raise DomainError(
            f"“{info.name}”的列变了，没有读入任何一行。",
            f"The columns of “{info.name}” have changed; no row was taken.",
            hint_zh="请重新看一遍来源，再核对各列的对应。",
            hint_en="Look at the source anew and check what each column is mapped to.",
            code="columns-changed",
            status=409,
        )


def _no_key(table: str) -> Oddity:
    return Oddity(
        "no-key",
        f"“{table}”没有主键，行的次序不固定，中断以后要从头读。",
        f"“{table}” has no primary key: its rows have no fixed order, and reading begins anew after a "
        "break.",
    )


def _unreachable(address: Address) -> DomainError:
    return DomainError(
        f"连不上 {address.host}:{address.port} 的数据库，一行也没有读，资料没有变。",
        f"The database at {address.host}:{address.port} cannot be reached or does not let us in; no "
        "row was read and no data changed.",
        hint_zh="看库名、用户名、口令、加密方式对不对，数据库开着没有。",
        hint_en="Check its name, the user, the password and the encryption, and that it is running.",
        code="source-unreachable",
        status=502,
    )


def _died() -> DomainError:
    return DomainError(
        "来源的数据库中途断开或拒绝了，此后的行没有读入。",
        "The source's database broke off or refused; no row after that was taken.",
        hint_zh="等它恢复以后接着读，已读入的不会重复。",
        hint_en="Go on when it is back; what was read is not read twice.",
        code="source-died",
        status=502,
    )


def _no_text() -> DomainError:
    return DomainError(
        "数据库里有不属于它所称编码的文字，此后的行没有读入。",
        "The database holds text that is not in the encoding it claims; no row after that was taken.",
        hint_zh="请在原系统里改正，或导出为文件再交。",
        hint_en="Correct it in the old system, or export it to a file.",
        code="wrong-encoding",
        status=422,
    )
