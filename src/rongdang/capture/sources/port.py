"""What every way into an old system gives: tables with named columns, and their rows one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something about a table that a clerk should know before trusting it, in both languages."""

    code: str
    zh: str
    en: str
    row: int | None = None  # as counted in the source
    column: str = ""


@dataclass(frozen=True, slots=True)
class TableInfo:
    """One table of a source: a sheet, a file, a table or view of a database."""

    name: str
    columns: tuple[str, ...]  # unique: a second 备注 is 备注.2
    rows: int | None  # None where counting would mean reading it all
    oddities: tuple[Oddity, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row as the source has it: `number` as a clerk counts it there, cells as text.

    Dates are ISO, numbers plain ("1953", "12.5"), nothing is "". As many cells as columns.
    A row with an `oddity` must not be taken: it says why and what to mend, and the cells are only
    what could be read of it (bytes of another encoding, more cells than columns, a line of totals).
    """

    number: int
    cells: tuple[str, ...]
    oddity: Oddity | None = None


class Connector(Protocol):
    """A source opened for reading; it never writes. Every failure is a DomainError in words.

    One that goes over the network connects only to `base.hosts.services.address_of(host, port)`:
    machines that two officers have allowed.
    """

    def tables(self) -> Sequence[TableInfo]: ...

    def rows(self, table: str, *, after: int = 0) -> Iterator[SourceRow]:
        """Rows in the source's order whose number is greater than `after`, so that reading resumes."""
        ...

    def close(self) -> None: ...
