"""A recipe: how the columns of one table become fields of the data standard. Data, readable by a clerk."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from rongdang.base.errors import DomainError
from rongdang.base.vocab import fields

FORMAT = 1
Read = Literal["", "text", "date", "day-first", "month-first", "serial-1900", "serial-1904"]
Unreadable = Literal["", "doubtful", "refuse"]  # "" = as the recipe says for all its fields
OUTSIDE, INSIDE = "outside", "inside"
PARTS = ("", OUTSIDE, INSIDE, "1", "2", "3", "4", "5")
NAME, NUMBER = "姓名", "公民身份号码"
KIN_FIELD = "家庭成员"


class RecipeError(DomainError):
    """The recipe itself does not hold; no row was read by it."""

    status, code = 422, "recipe-broken"


@dataclass(frozen=True, slots=True)
class Take:
    """Columns → one field.

    Of several columns the first that is filled holds; with `join` they are put together instead.
    `part` is what stands outside or inside brackets, or the n-th piece between the signs of `at`.
    `values` says what a word of the source means; "" there: it says nothing.
    """

    field: str
    columns: tuple[str, ...]
    join: str | None = None
    part: str = ""
    at: str = ""
    read: Read = ""  # "" = by the type of the field
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    unreadable: Unreadable = ""


@dataclass(frozen=True, slots=True)
class Kin:
    """Columns that speak of one relative: 配偶姓名, or a table with one relative a row."""

    relation: str  # the relation itself, or "" where `relation_column` gives it
    name_column: str
    relation_column: str = ""
    birth_column: str = ""
    more: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        named = (self.relation_column, self.name_column, self.birth_column, *self.more)
        return tuple(name for name in named if name)


@dataclass(frozen=True, slots=True)
class PassOver:
    """A row is nobody's when this column has one of these words in it, blanks aside (合计)."""

    column: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that is known of one table. `key` tells its rows apart, through every later reading."""

    table: str
    key: tuple[str, ...]
    takes: tuple[Take, ...]
    kin: tuple[Kin, ...] = ()
    leave: tuple[str, ...] = ()  # columns looked at and not taken
    pass_over: tuple[PassOver, ...] = ()
    nothing: tuple[str, ...] = ()  # words by which this source says nothing
    constants: Mapping[str, str] = dataclasses.field(default_factory=dict)
    first_row: int = 0  # rows numbered lower are no people
    unreadable: Unreadable = "doubtful"
    version: int = 1
    author: str = ""
    words: str = ""

    def columns(self) -> tuple[str, ...]:
        """Every column it needs, once."""
        return tuple(dict.fromkeys(self._needed()))

    def _needed(self) -> Iterator[str]:
        yield from self.key
        for take in self.takes:
            yield from take.columns
        for kin in self.kin:
            yield from kin.columns
        for rule in self.pass_over:
            yield rule.column


def checked(recipe: Recipe) -> Recipe:
    """The recipe itself, or a RecipeError that says what in it does not hold."""
    if not recipe.key:
        raise _broken("没有写哪些列把各行区分开", "no key column tells its rows apart")
    _check_fields(recipe)
    taken = set(recipe.columns()) & set(recipe.leave)
    if taken:
        raise _broken(f"“{min(taken)}”既要用又写了不要", f"“{min(taken)}” is both used and left")
    if recipe.unreadable not in ("doubtful", "refuse"):
        raise _broken("读不懂时怎么办写得不对", "what to do with the unreadable is unclear")
    for take in recipe.takes:
        _check_take(take)
    for kin in recipe.kin:
        if bool(kin.relation) == bool(kin.relation_column) or not kin.name_column:
            raise _broken(
                "家属要写称谓（或称谓列）和姓名列", "kin needs one relation and a name column"
            )
    return recipe


def _check_fields(recipe: Recipe) -> None:
    given = [take.field for take in recipe.takes] + list(recipe.constants)
    for name in given:
        if not fields.is_known(name):
            raise _broken(f"字段“{name}”不在字段字典里", f"“{name}” is no field of the dictionary")
    twice = {name for name in given if given.count(name) > 1}
    if recipe.kin and KIN_FIELD in given:
        twice.add(KIN_FIELD)
    if twice:
        raise _broken(f"字段“{min(twice)}”写了两次", f"the field “{min(twice)}” stands twice")
    if not {NAME, NUMBER} & set(given):
        raise _broken("没有一列是姓名或身份号码", "no column gives a name or an ID number")


def _check_take(take: Take) -> None:
    name = take.field
    if not take.columns:
        raise _broken(f"字段“{name}”没有来源列", f"the field “{name}” has no column")
    if take.part not in PARTS or take.part.isdigit() != bool(take.at):
        raise _broken(f"字段“{name}”的拆分写得不对", f"the part of “{name}” cannot be understood")
    if take.read not in get_args(Read):
        raise _broken(f"字段“{name}”的读法不认识", f"“{name}” is read in a way nobody knows")
    if take.read not in ("", "text") and fields.dictionary()[name].type != "date":
        raise _broken(f"“{name}”不是日期，不能按日期读", f"“{name}” is no date")
    if take.unreadable not in get_args(Unreadable):
        raise _broken(f"“{name}”读不懂时怎么办写得不对", f"what to do with “{name}” is unclear")


def _broken(zh: str, en: str) -> RecipeError:
    return RecipeError(
        f"对照方案不能用：{zh}。一行也没有读。",
        f"The recipe cannot be used: {en}. No row was read.",
        hint_zh="在对照页改好再保存。",
        hint_en="Mend it on the mapping page and save it again.",
    )
