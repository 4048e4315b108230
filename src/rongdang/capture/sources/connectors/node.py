"""Another Rongdang as a source: its register and its changes, page by page over its API, with a token."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors.addresses import Address
from rongdang.capture.sources.connectors.caged import marked
from rongdang.capture.sources.connectors.jsons import flattened
from rongdang.capture.sources.port import SourceRow, TableInfo

SECONDS = 30
PER_PAGE = 100
LARGEST = 1 << 24  # bytes of one answer


@dataclass(frozen=True, slots=True)
class _Pages:
    """Where a table's pages are asked for, and how its answers go on."""

    path: str
    place: str  # the parameter to go on from
    first: str
    items: str
    columns: tuple[str, ...]


_TABLES = {
    "people": _Pages(
        "/api/v1/people",
        "after",
        "",
        "items",
        ("id", "name", "birth", "unit", "unit_name", "number", "state"),
    ),
    "changes": _Pages(
        "/api/v1/changes",
        "since",
        "0",
        "changes",
        ("seq", "at", "event", "words", "person", "unit", "subject", "fields", "origins", "why"),
    ),
}


class NodeConnector:
    """Answers are taken from `ip` under the name of the host; a redirect is a refusal."""

    def __init__(self, address: Address, ip: str, *, per_page: int = PER_PAGE) -> None:
        self._address, self._ip, self._per_page = address, ip, per_page

    def tables(self) -> Sequence[TableInfo]:
        """The tables its token opens; what it opens is found by asking."""
        return [
            TableInfo(name, pages.columns, None)
            for name, pages in _TABLES.items()
            if self._page(pages, pages.first, 1) is not None
        ]

    def rows(self, table: str, *, after: int = 0) -> Iterator[SourceRow]:
        if table not in _TABLES:
            raise _refused(self._address, 404)
        for number, item in enumerate(self._items(_TABLES[table]), 1):
            if number > after:
                cells = _cells(item, _TABLES[table].columns)
                yield SourceRow(number, cells, marked(number, cells))

    def _items(self, pages: _Pages) -> Iterator[Mapping[str, Any]]:
        at = pages.first
        while True:
            page = self._page(pages, at, self._per_page)
            if page is None:
                raise _refused(self._address, 403)
            yield from page.get(pages.items, ())
            following = str(page.get("after") or "")
            if following in ("", at) or not page.get(pages.items) or page.get("more") is False:
                return
            at = following

    def close(self) -> None:
        """Every page is a connection of its own."""

    def _page(self, pages: _Pages, at: str, most: int) -> dict[str, Any] | None:
        """The answer; None where the token does not reach."""
        connection = _Pinned(self._address, self._ip)
        path = f"{pages.path}?{urlencode({pages.place: at, 'limit': most})}"
        headers = {"Authorization": f"Bearer {self._address.secret}", "Accept": "application/json"}
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read(LARGEST + 1)
        except (OSError, http.client.HTTPException):
            raise _refused(self._address, 0) from None
        finally:
            connection.close()
        if answer.status == 403:
            return None
        if answer.status != 200 or len(body) > LARGEST:
            raise _refused(self._address, answer.status)
        try:
            told = json.loads(body)
        except ValueError:
            raise _refused(self._address, answer.status) from None
        return told if isinstance(told, dict) else {}


def _cells(item: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    told = dict(flattened(dict(item)))
    return tuple(told.get(name, "") for name in columns)


class _Pinned(http.client.HTTPConnection):
    """To the address that was looked up; the name is proved by the certificate."""

    def __init__(self, address: Address, ip: str) -> None:
        super().__init__(address.host, address.port, timeout=SECONDS)
        self._ip, self._tls = ip, address.tls

    def connect(self) -> None:
        self.sock = socket.create_connection((self._ip, self.port), timeout=SECONDS)
        if self._tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


def _refused(address: Address, status: int) -> DomainError:
    said = f"（回答 {status}）" if status else ""
    answered = f" (it answered {status})" if status else ""
    return DomainError(
        f"另一处荣档 {address.host}:{address.port} 没有给出资料{said}，此后的没有读入。",
        f"The other Rongdang at {address.host}:{address.port} gave no data{answered}; nothing after "
        "that was taken.",
        hint_zh="看它开着没有，令牌有没有到期、有没有“人员名册”的权限。",
        hint_en="See that it runs, and that the token has not ended and may see the register.",
        code="source-unreachable",
        status=502,
    )
