"""Where a source on the network is, as a clerk writes it down; kept sealed, told without its secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rongdang.base.errors import DomainError

PORTS = {"postgresql": 5432, "mysql": 3306, "sqlserver": 1433, "oracle": 1521, "rongdang": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """`secret`: the password, or the token of another Rongdang; no text of this object shows it.

    `schema`: where the tables are, when not where the database looks first. `tls`: the connection
    is encrypted and the machine proves its name.
    """

    kind: str
    host: str
    port: int
    database: str = ""
    user: str = ""
    secret: str = field(default="", repr=False)
    schema: str = ""
    tls: bool = True

    def told(self) -> dict[str, object]:
        """For the ledger and for pages: everything but the secret."""
        return {
            "kind": self.kind,
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "user": self.user,
            "schema": self.schema,
            "tls": self.tls,
        }

    def kept(self) -> dict[str, object]:
        """As an encrypted column takes it; the inverse is `read`."""
        return {**self.told(), "secret": self.secret}


def read(told: Mapping[str, Any]) -> Address:
    """Raises DomainError for a kind that is none, or what is missing for it."""
    kind = str(told.get("kind", ""))
    port = told.get("port") or PORTS.get(kind, 0)
    found = Address(
        kind,
        str(told.get("host", "")).strip(),
        int(port) if str(port).isdigit() else 0,
        database=str(told.get("database", "")).strip(),
        user=str(told.get("user", "")).strip(),
        secret=str(told.get("secret", "")),
        schema=str(told.get("schema", "")).strip(),
        tls=told.get("tls", True) is not False,
    )
    incomplete = kind != "rongdang" and not (found.database and found.user)
    if kind not in PORTS or not found.host or not 0 < found.port < 65536 or incomplete:
        raise DomainError(
            "连接没有写全，没有连接，资料没有变。",
            "The connection is incomplete; nothing was connected to and no data changed.",
            hint_zh=f"要写种类（{'、'.join(PORTS)}）、主机、端口；数据库还要库名和用户名。",
            hint_en=f"Give the kind ({', '.join(PORTS)}), host and port; for databases the database and "
            "the user as well.",
            code="address-incomplete",
            status=422,
        )
    return found
