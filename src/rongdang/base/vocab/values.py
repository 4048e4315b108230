"""A value as a person types it, in the form in which it is kept."""

from __future__ import annotations

from rongdang.base.vocab import dates, fields, ids

MOST = 2000  # characters


def canonical(name: str, text: str) -> tuple[str, tuple[str, str] | None]:
    """The value as it is kept, and what is wrong with it in (Chinese, English), if anything.

    `name` is a field of the dictionary; partial dates keep their precision.
    """
    kind, text = fields.dictionary()[name].type, text.strip()
    if kind == "date" and dates.iso_partial(text) is None:
        found = dates.parse_date(text)
        if found is None:
            return text, ("看不出是哪一天", "not a date")
        return found.value, None
    if kind == "id":
        return ids.normalise(text), None
    return text[:MOST], None
