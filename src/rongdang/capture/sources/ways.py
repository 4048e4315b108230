"""A delivery opened for reading: its files in the caged child, its connection by the connector of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import BinaryIO, cast

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors.connections import open_connection
from rongdang.capture.sources.connectors.opening import open_file
from rongdang.capture.sources.models import Delivery
from rongdang.capture.sources.port import Connector, TableInfo
from rongdang.keep.objects import services as objects


@contextmanager
def opened(delivery: Delivery) -> Iterator[Connector]:
    """For the time of the block. Every failure is a DomainError in words."""
    with ExitStack() as stack:
        if delivery.address:
            yield stack.enter_context(closing(open_connection(delivery.address)))
            return
        files = [
            (one.name, stack.enter_context(objects.open_object(one.stored)))
            for one in delivery.files.select_related("stored")
        ]
        if not files:
            raise _nothing()
        (name, stream), *beside = [(name, cast("BinaryIO", file)) for name, file in files]
        connector = open_file(stream, name, beside=dict(beside))
        stack.callback(connector.close)
        yield connector


def table_of(connector: Connector, name: str) -> TableInfo:
    """The table of that name; of a source with one table, that one, whatever it is called now."""
    tables = connector.tables()
    for one in tables:
        if one.name == name:
            return one
    if len(tables) == 1:
        return tables[0]
    raise DomainError(
        f"来源里没有叫“{name}”的表，一行也没有读，原有资料没有变。",
        f"The source has no table “{name}”; no row was read and nothing has changed.",
        hint_zh=f"现有的表：{'、'.join(one.name for one in tables[:20])}。请重新选一个。",
        hint_en=f"It has: {', '.join(one.name for one in tables[:20])}. Choose again.",
        code="no-such-table",
        status=404,
    )


def _nothing() -> DomainError:
    return DomainError(
        "这个来源还没有交过文件，也没有连接，一行也没有读。",
        "This source has given no file and has no connection; no row was read.",
        hint_zh="先上传文件，或登记怎样连接。",
        hint_en="Upload a file first, or say how it is reached.",
        code="nothing-delivered",
        status=409,
    )
