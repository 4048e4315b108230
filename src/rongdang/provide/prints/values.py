"""What the forms say, gathered by whoever may see it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """One material on the catalogue; `formed` is a partial ISO date."""

    number: int
    title: str
    formed: str
    pages: int
    note: str = ""

    @property
    def date(self) -> tuple[str, str, str]:
        """Year, month and day as the three columns print them; "" for what is not known."""
        year, month, day = (*self.formed.split("-"), "", "", "")[:3]
        return year, month.lstrip("0"), day.lstrip("0")


@dataclass(frozen=True, slots=True)
class ClassRows:
    """A class or sub-class and its materials, in the order of the file."""

    numeral: str
    name: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The 目录 of one file; `extract` says that the asker may not see every class."""

    person: str
    number: str
    unit: str
    scheme: str
    classes: tuple[ClassRows, ...]
    extract: bool = False


@dataclass(frozen=True, slots=True)
class Notes:
    """备考表 (DA/T 22-2015): state of the file, who arranged and who checked it, and when."""

    person: str
    number: str
    unit: str
    statements: tuple[str, ...]
    arranged_by: str = ""
    arranged_on: str = ""
    checked_by: str = ""
    checked_on: str = ""


@dataclass(frozen=True, slots=True)
class BoxLabel:
    """What stands on a box; place = (label, value) pairs, `payload` goes into the QR code."""

    person: str
    number: str
    unit: str
    fonds: str
    payload: str
    place: tuple[tuple[str, str], ...] = field(default=())
