"""What the machine understands of a stack: proposals with confidence and a reason, never facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rongdang.base.textlayer import Box


@dataclass(frozen=True, slots=True)
class FieldReading:
    """One value of a form: normalised, as written, where it stands, and why it is (not) believed."""

    value: str
    original: str
    confidence: float
    page: int  # index into the stack
    box: Box | None
    reason_zh: str = ""
    reason_en: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """One 材料: a run of pages with title, class, date of formation and fields.

    `confidence` holds title, category, date, boundary (0..1). `title_source` is "page", or "made"
    when the page has no title of its own (拟).
    """

    pages: tuple[int, ...]
    title: str
    title_source: str
    category: str | None  # code of the scheme asked for, e.g. "9-2"
    date: str | None  # partial ISO date
    copy: bool
    person: str | None
    fields: Mapping[str, FieldReading]
    confidence: Mapping[str, float]
    reasons: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # part → (zh, en)


@dataclass(frozen=True, slots=True)
class StackReading:
    """All materials of a stack in page order, and whose name each page bears (None: none)."""

    materials: tuple[Material, ...]
    persons: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class SecretHit:
    """A mark of state secrets on a page (保密法 2024, 14, 31; domain 5.4)."""

    kind: str
    box: Box | None
    zh: str
    en: str
