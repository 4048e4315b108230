"""One thing that verification found wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`area`: objects, ledger, catalogue, sealed; `name`: of the object, entry, file or page."""

    area: str
    code: str
    name: str
    zh: str
    en: str
