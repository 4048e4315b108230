"""The data standard to look things up in: fields by group, code tables, classes; and to take away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import etag, require_safe

from rongdang.base.vocab import areas, categories, codes, fields, publishing, tables
from rongdang.base.vocab.codes import Code
from rongdang.web.desk.access import NotSeenError, SignedInRequest, signed_in
from rongdang.web.numbers import whole

SHOWN = 100  # divisions on one screen
LONGEST = 40


def state(request: HttpRequest, **_named: object) -> str:
    return f'"{publishing.digest()}"'


@require_safe
@signed_in
def field_list(request: SignedInRequest) -> HttpResponse:
    """The field dictionary by group; `word` narrows it by any word a field goes by."""
    query = _query(request)
    found = {
        group: [entry for entry in held if _speaks_of(query, _field_words(entry))]
        for group, held in fields.groups().items()
    }
    context = {
        "groups": {group: held for group, held in found.items() if held},
        "count": sum(map(len, found.values())),
        "of": len(fields.dictionary()),
        "query": query,
        "head": tables.table("fields").head,
        "digest": publishing.digest(),
    }
    return render(request, "standard/fields.html", context)


def _query(request: HttpRequest) -> str:
    return "".join(request.GET.get("word", "").split())[:LONGEST]


def _speaks_of(query: str, words: Iterable[str]) -> bool:
    wanted = codes.folded(query)
    return not wanted or any(wanted in codes.folded(word) for word in words)


def _field_words(entry: fields.FieldEntry) -> Iterable[str]:
    yield from (entry.name, entry.english, entry.code, entry.meaning, entry.gbt14946, entry.dat46)
    yield from (*entry.also, *entry.labels)


class TableRow(NamedTuple):
    """A table as the list names it."""

    name: str
    head: Any
    values: int
    fields: Sequence[str]  # that take their values from it


@require_safe
@signed_in
def table_list(request: SignedInRequest) -> HttpResponse:
    """All code tables; `word` finds values in any of them."""
    query = _query(request)
    context = {
        "tables": [_row(name) for name in codes.all_tables()],
        "areas": TableRow(
            publishing.AREA, areas.head(), len(tuple(areas.everything())), ["区划代码"]
        ),
        "found": _found(query) if query else [],
        "query": query,
    }
    return render(request, "standard/tables.html", context)


def _row(name: str) -> TableRow:
    using = [one.name for one in fields.dictionary().values() if one.table == name]
    return TableRow(name, codes.about(name).head, len(codes.entries(name)), using)


def _found(query: str) -> list[tuple[TableRow, list[Code]]]:
    """Each table with the values that go by the word."""
    found = ((name, _matching(name, query)) for name in codes.all_tables())
    return [(_row(name), held) for name, held in found if held]


def _matching(name: str, query: str) -> list[Code]:
    return [
        one for one in codes.entries(name) if _speaks_of(query, (one.code, one.english, *one.words))
    ]


@require_safe
@signed_in
def one_table(request: SignedInRequest, name: str) -> HttpResponse:
    """One table whole, or its values that go by `word`."""
    if name == publishing.AREA:
        return _areas(request)
    if name not in codes.all_tables():
        raise NotSeenError("standard.table", name)
    query = _query(request)
    entries = _matching(name, query)
    context = {
        "table": _row(name),
        "entries": entries,
        "dated": any(one.valid for one in entries),
        "more": sorted({key for one in entries for key in one.more}),
        "query": query,
    }
    return render(request, "standard/table.html", context)


def _areas(request: SignedInRequest) -> HttpResponse:
    """GB/T 2260: by code or name, in a year or through the years."""
    query, after = _query(request), request.GET.get("after", "")[:LONGEST]
    year = whole(request.GET.get("year", ""))
    held = [one for one in areas.everything() if _is_wanted(one, query, year) and _key(one) > after]
    context = {
        "table": TableRow(publishing.AREA, areas.head(), len(tuple(areas.everything())), ["区划代码"]),
        "areas": [(one, areas.full_name(one.code, year or one.until), areas.became(one))
                  for one in held[:SHOWN]],
        "after": _key(held[SHOWN - 1]) if len(held) > SHOWN else "",
        "query": query,
        "year": year or "",
    }  # fmt: skip
    return render(request, "standard/areas.html", context)


def _key(area: areas.Area) -> str:
    return f"{area.code}-{area.since}-{area.name}"


def _is_wanted(area: areas.Area, query: str, year: int | None) -> bool:
    if year and not area.stood(year):
        return False
    return area.code.startswith(query) if query.isdecimal() else query in area.name


@require_safe
@signed_in
def scheme_list(request: SignedInRequest) -> HttpResponse:
    """Both editions of the classes, what becomes of each, and what a complete file holds."""
    new, old = (categories.scheme(one) for one in publishing.SCHEMES)
    pairs = [
        (entry, old.entry(categories.map_code(entry.code, source="2018", target="2012")))
        for entry in new.entries
    ]
    context = {
        "pairs": pairs,
        "schemes": (new, old),
        "moved": [row for row in tables.table("scheme_mapping").rows if row.get("title")],
        "required": tables.table("required"),
        "points": sum(row["points"] for row in tables.table("required").rows),
    }
    return render(request, "standard/schemes.html", context)


@require_safe
@signed_in
@etag(state)
def take(request: SignedInRequest, name: str) -> HttpResponse:
    """One file of the standard."""
    found = publishing.file(name)
    if found is None:
        raise NotSeenError("standard.file", name)
    kind, data = found
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
