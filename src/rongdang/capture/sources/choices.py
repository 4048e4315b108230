"""A recipe as a mapping page shows it: one choice for each column, and back again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from rongdang.base.vocab import fields
from rongdang.capture.sources.applying import REASON_COLUMNS
from rongdang.capture.sources.recipes import (
    INSIDE,
    OUTSIDE,
    Kin,
    Read,
    Recipe,
    Take,
    Unreadable,
    checked,
)

KIN_NAME, KIN_BIRTH, KIN_MORE, KIN_RELATION = "kin:name", "kin:birth", "kin:more", "kin:relation"
KIN_USES = (KIN_NAME, KIN_BIRTH, KIN_MORE, KIN_RELATION)
OF_DATE, OF_TEXT = ".", "；"  # between columns that make one field together


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """`use`: a field, one of `KIN_USES`, or "" to leave the column.

    `who`: the relative a kin column speaks of, "" where a column says it. `inside`: the field of
    what stands in brackets, the rest going to `use`.
    """

    column: str
    use: str = ""
    who: str = ""
    read: str = ""
    part: str = ""
    at: str = ""
    inside: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    unreadable: str = ""
    key: bool = False


def choices_of(recipe: Recipe, columns: Sequence[str]) -> list[ColumnChoice]:
    """One choice for each column; see `shows_whole` for what cannot be shown so."""
    found = {name: ColumnChoice(name, key=name in recipe.key) for name in columns}
    for take in recipe.takes:
        for name in take.columns:
            if name not in found:
                continue
            if take.part == INSIDE and found[name].use:
                found[name] = replace(found[name], inside=take.field)
            else:
                found[name] = replace(
                    found[name],
                    use=take.field,
                    read=take.read,
                    part=take.part,
                    at=take.at,
                    values=dict(take.values),
                    unreadable=take.unreadable,
                )
    for kin in recipe.kin:
        for name, use in _kin_uses(kin):
            if name in found:
                found[name] = replace(found[name], use=use, who=kin.relation)
    return list(found.values())


def _kin_uses(kin: Kin) -> Iterator[tuple[str, str]]:
    yield kin.name_column, KIN_NAME
    if kin.birth_column:
        yield kin.birth_column, KIN_BIRTH
    if kin.relation_column:
        yield kin.relation_column, KIN_RELATION
    yield from ((name, KIN_MORE) for name in kin.more)


def recipe_from(base: Recipe, choices: Sequence[ColumnChoice]) -> Recipe:
    """`base` with its columns as chosen; what is not of single columns stays. Checked."""
    takes = _takes(base, choices)
    key = tuple(choice.column for choice in choices if choice.key)
    if set(key) == set(base.key):
        key = base.key
    made = replace(base, takes=tuple(takes), kin=tuple(_kin(choices)), key=key)
    present = {choice.column for choice in choices}
    made = replace(
        made,
        pass_over=tuple(rule for rule in base.pass_over if rule.column in present),
        leave=(),
        constants={
            name: value
            for name, value in base.constants.items()
            if name not in {take.field for take in takes}
        },
    )
    used = set(made.columns())
    leave = tuple(
        choice.column for choice in choices if choice.column not in {*used, *REASON_COLUMNS}
    )
    return checked(replace(made, leave=leave))


def _takes(base: Recipe, choices: Iterable[ColumnChoice]) -> list[Take]:
    """Fields in the order they first come; several columns of one field make it together."""
    before = {take.field: take for take in base.takes}
    groups: dict[str, list[ColumnChoice]] = {}
    inside: dict[str, str] = {}
    for choice in choices:
        if not choice.use or choice.use in KIN_USES:
            continue
        groups.setdefault(choice.use, []).append(choice)
        if choice.inside:
            inside[choice.inside] = choice.column
    made = [_take(field, group, before.get(field)) for field, group in groups.items()]
    made += [
        Take(field, (column,), part=INSIDE)
        for field, column in inside.items()
        if field not in groups
    ]
    order = {field: at for at, field in enumerate(before)}
    return sorted(made, key=lambda take: order.get(take.field, len(order)))


def _take(field: str, group: list[ColumnChoice], before: Take | None) -> Take:
    first = group[0]
    columns = tuple(choice.column for choice in group)
    join = None
    if len(columns) > 1:
        join = OF_DATE if fields.dictionary()[field].type == "date" else OF_TEXT
    if before and set(before.columns) == set(columns):
        columns, join = before.columns, before.join
    return Take(
        field,
        columns,
        join=join,
        part=OUTSIDE if first.inside else first.part,
        at="" if first.inside else first.at,
        read=cast("Read", first.read),
        values={word: value for choice in group for word, value in choice.values.items()},
        unreadable=cast("Unreadable", first.unreadable),
    )


def _kin(choices: Iterable[ColumnChoice]) -> Iterator[Kin]:
    groups: dict[str, dict[str, list[str]]] = {}
    for choice in choices:
        if choice.use in KIN_USES:
            group = groups.setdefault(choice.who, {})
            group.setdefault(choice.use, []).append(choice.column)
    for who, uses in groups.items():
        first = {use: names[0] for use, names in uses.items()}
        relation = "" if who else first.get(KIN_RELATION, "")
        yield Kin(
            who,
            first.get(KIN_NAME, ""),
            relation_column=relation,
            birth_column=first.get(KIN_BIRTH, ""),
            more=tuple(uses.get(KIN_MORE, ())),
        )


def shows_whole(recipe: Recipe, columns: Sequence[str]) -> bool:
    """Whether the choices say all the recipe says; else it is read and written as its file only."""
    return recipe_from(recipe, choices_of(recipe, columns)) == recipe
