"""What comes out of a file: pages, notes, and an end that says how many there should be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageFound:
    """One page image. `data` is empty where the file itself is the page (`whole`).

    `marked`: the mark of state secrets that its name or its description bears.
    """

    number: int
    media_type: str
    dpi: int  # 0 = the file does not say
    data: bytes = b""
    whole: bool = False
    marked: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something a person must know: a page that cannot be read, a part that was left out.

    `fatal` = the whole file gives no page; otherwise only page `number` (or an extra) is meant.
    `marked` as of a page: what cannot be taken out may still bear a marked name.
    """

    code: str
    zh: str
    en: str
    number: int | None = None
    fatal: bool = False
    lost: bool = True  # False: a note; no page is missing because of it
    marked: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """All was gone through; `expected` pages were announced by the file."""

    expected: int


Message = PageFound | Trouble | End
