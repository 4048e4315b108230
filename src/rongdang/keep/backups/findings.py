"""One thing that is not as it was put."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`code`: damaged, missing, extra, parity, database, or a code of whoever looked.

    `mended`: from what it was made whole (copy, parity, version, store); "" when it was not.
    """

    code: str
    name: str
    zh: str
    en: str
    mended: str = ""
