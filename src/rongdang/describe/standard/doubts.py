"""A value that the tables split is put before a person, on the desk where what disagrees is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rongdang.base.vocab import changes
from rongdang.base.vocab.fields import dictionary
from rongdang.describe.conflicts.models import Doubt, Severity
from rongdang.describe.people.claims import Claim
from rongdang.describe.people.models import Person

CLAUSE = "代码表改版对照"


def of_standard(person: Person, held: Mapping[str, Claim]) -> Iterator[Doubt]:
    """Rows not saved yet: one for each value that holds and that the standard has split or ended."""
    for name in changes.tabled():
        now = changes.restated(name, held[name].value) if name in held else None
        if now and now.kind in ("split", "retired"):
            yield _doubt(person, name, held[name].value, now)


def _doubt(person: Person, name: str, value: str, now: changes.Restated) -> Doubt:
    entry, choices = dictionary()[name], "、".join(now.choices)
    zh = f"{name}“{value}”：{now.why}。可能是{choices}，请查原件定。"
    en = f"{entry.english} “{value}”: {now.why_en}. It may be {choices}; see the paper."
    if not now.choices:
        zh = f"{name}“{value}”已停用：{now.why}。请查原件改定。"
        en = f"{entry.english} “{value}” is no longer used: {now.why_en}. See the paper."
    return Doubt(
        person=person,
        scope=person.scope,
        code=f"standard:{entry.code[:30]}",
        field=name,
        severity=Severity.ASK,
        digest=Doubt.digest_of(f"{name}\n{value}\n{choices}"),
        zh=zh,
        en=en,
        clause=CLAUSE,
    )
