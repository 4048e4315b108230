"""A recipe at work: a row of a source becomes sayings of one person, or is refused in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rongdang.base.errors import DomainError
from rongdang.capture.sources.port import Oddity, SourceRow
from rongdang.capture.sources.recipes import KIN_FIELD, NAME, NUMBER, Kin, Recipe, checked
from rongdang.capture.sources.values import Problem, clean, is_heading, reader
from rongdang.describe.statements.said import Said

REASON_COLUMNS = ("退回原因", "怎么办", "原行号")  # what a file of refused rows adds
CACHED = 50_000  # different texts of one column kept read; memory stays bounded
BETWEEN_KEYS = "\x1f"
NOTHING = Said("")
FEWEST_DIGITS = 12  # of an ID number with digits lost: it may still be recognised
TOTALS_ROW = "totals-row"  # what a connector calls a row that adds up: nobody's, nothing to mend


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row was refused: where, what stands there, and what a clerk can do."""

    code: str
    zh: str
    en: str
    column: str = ""
    value: str = ""
    todo_zh: str = ""
    todo_en: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the row says. `key` tells it apart in its source; `row` is its number there."""

    key: str
    row: int
    sayings: dict[str, Said]


@dataclass(frozen=True, slots=True)
class Passed:
    """A row that is nobody's: a total, a heading once more, an empty line. Counted, never stored."""

    row: int
    why: str  # total, heading, empty, above


@dataclass(frozen=True, slots=True)
class Refused:
    """The whole row as it came, and every reason."""

    row: SourceRow
    reasons: tuple[Reason, ...]


Outcome = Taken | Passed | Refused


class ColumnsChangedError(DomainError):
    """The table no longer has the columns the recipe was made for; the run does not start."""

    status, code = 409, "columns-changed"


@dataclass(frozen=True, slots=True)
class Step:
    """One field: places of its columns, how to read them, and what was read before."""

    field: str
    columns: str  # as told in a reason
    at: int  # place of the only column, -1 for several
    places: tuple[int, ...]
    read: Callable[[tuple[str, ...]], Said | Problem | None]
    seen: dict[str | tuple[str, ...], Said | Problem | None]


@dataclass(frozen=True, slots=True)
class Plan:
    """A recipe bound to the columns of a table; used for many rows, by one thread."""

    recipe: Recipe
    columns: tuple[str, ...]
    steps: tuple[Step, ...]
    key: tuple[int, ...]
    passes: tuple[tuple[int, frozenset[str]], ...]
    constants: dict[str, Said]
    number_at: int = -1  # 原行号 of a mended file


def compiled(recipe: Recipe, columns: Sequence[str]) -> Plan:
    """The recipe ready to run over rows with these columns.

    Raises RecipeError for a recipe that does not hold, ColumnsChangedError naming the columns that
    are missing and those nobody has decided on.
    """
    checked(recipe)
    place = {name: at for at, name in enumerate(columns)}
    missing = [name for name in recipe.columns() if name not in place]
    decided = {*recipe.columns(), *recipe.leave, *REASON_COLUMNS}
    new = [name for name in columns if name not in decided]
    if missing or new:
        raise _changed(recipe.table, missing, new)
    steps = [_step(recipe, at, place) for at in range(len(recipe.takes))]
    if recipe.kin:
        steps.append(_kin_step(recipe, place))
    return Plan(
        recipe,
        tuple(columns),
        tuple(steps),
        tuple(place[name] for name in recipe.key),
        tuple(
            (place[rule.column], frozenset("".join(word.split()) for word in rule.words))
            for rule in recipe.pass_over
        ),
        {field: Said(value) for field, value in recipe.constants.items()},
        place.get(REASON_COLUMNS[2], -1),
    )


def apply(plan: Plan, row: SourceRow) -> Outcome:
    """What becomes of one row. Never raises for what stands in it."""
    cells = row.cells
    if len(cells) != len(plan.columns):
        return Refused(row, (_wrong_width(len(cells), len(plan.columns)),))
    why = _nobody(plan, row)
    if why:
        return Passed(row.number, why)
    if row.oddity is not None:
        return Refused(row, (_untrusted(row.oddity),))
    sayings, reasons = _said(plan, cells)
    key = _key(cells, plan.key)
    if not key.strip(BETWEEN_KEYS):
        reasons.append(_no_key(plan.recipe.key))
    if not reasons and not _somebody(sayings):
        reasons.append(NOBODY)
    return Refused(row, tuple(reasons)) if reasons else Taken(key, _number(plan, row), sayings)


def _somebody(sayings: dict[str, Said]) -> bool:
    """Whether a name is given, or enough of an ID number to know one by."""
    number = sayings.get(NUMBER, NOTHING).value
    return bool(sayings.get(NAME, NOTHING).value) or sum(map(str.isdigit, number)) >= FEWEST_DIGITS


def _said(plan: Plan, cells: tuple[str, ...]) -> tuple[dict[str, Said], list[Reason]]:
    """What the steps make of the cells; a text seen before is not read again."""
    sayings: dict[str, Said] = dict(plan.constants)
    reasons: list[Reason] = []
    for step in plan.steps:
        text = cells[step.at] if step.at >= 0 else tuple([cells[at] for at in step.places])
        try:
            said = step.seen[text]
        except KeyError:
            said = _first(step, text)
        if said is None:
            continue
        if isinstance(said, Said):
            sayings[step.field] = said
        else:
            reasons.append(_unreadable(step, said))
    return sayings, reasons


def _nobody(plan: Plan, row: SourceRow) -> str:
    cells = row.cells
    if row.number < plan.recipe.first_row:
        return "above"
    for at, words in plan.passes:
        if "".join(cells[at].split()) in words:
            return "total"
    if row.oddity is not None and row.oddity.code == TOTALS_ROW:
        return "total"
    if not cells[plan.key[0]] and not any(cell.strip() for cell in cells):
        return "empty"
    return "heading" if is_heading(plan.columns, cells) else ""


def _first(step: Step, text: str | tuple[str, ...]) -> Said | Problem | None:
    """Reads a text that was not read before, and remembers it."""
    said = step.read((text,) if isinstance(text, str) else text)
    if len(step.seen) >= CACHED:
        step.seen.clear()
    step.seen[text] = said
    return said


def key_of(plan: Plan, row: SourceRow) -> str:
    """What tells the row apart in its source, also where it is refused."""
    return _key(row.cells, plan.key)


def _key(cells: Sequence[str], places: tuple[int, ...]) -> str:
    return BETWEEN_KEYS.join([_folded(cells[at]) for at in places])


def _folded(text: str) -> str:
    """Width, case and blanks do not make another row."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.upper().split())


def _number(plan: Plan, row: SourceRow) -> int:
    told = row.cells[plan.number_at].strip() if plan.number_at >= 0 else ""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else row.number


def _step(recipe: Recipe, index: int, place: dict[str, int]) -> Step:
    take = recipe.takes[index]
    places = tuple(place[name] for name in take.columns)
    read = reader(take, nothing=recipe.nothing, unreadable=take.unreadable or recipe.unreadable)
    at = places[0] if len(places) == 1 else -1
    return Step(take.field, "＋".join(take.columns), at, places, read, {})


def _kin_step(recipe: Recipe, place: dict[str, int]) -> Step:
    names = [name for kin in recipe.kin for name in kin.columns]
    read = partial(_relatives, recipe.kin, frozenset(recipe.nothing))
    return Step(KIN_FIELD, "＋".join(names), -1, tuple(place[name] for name in names), read, {})


def _relatives(
    kin: tuple[Kin, ...], nothing: frozenset[str], texts: tuple[str, ...]
) -> Said | None:
    """Relatives as one line reads (妻赵小兰1934-05，教师；…); `access.kinship` understands it."""
    lines, at = [], 0
    for one in kin:
        width = len(one.columns)
        told = dict(zip(one.columns, (clean(text) for text in texts[at : at + width]), strict=True))
        at += width
        told = {column: "" if text in nothing else text for column, text in told.items()}
        name = told.get(one.name_column, "")
        if name:
            relation = one.relation or told.get(one.relation_column, "")
            more = [told[column] for column in one.more if told[column]]
            lines.append("，".join([f"{relation}{name}{told.get(one.birth_column, '')}", *more]))
    return Said("；".join(lines)) if lines else None


def _changed(table: str, missing: list[str], new: list[str]) -> ColumnsChangedError:
    parts_zh, parts_en = [], []
    if missing:
        parts_zh.append(f"少了{'、'.join(f'“{name}”' for name in missing)}")
        parts_en.append(f"missing: {', '.join(f'“{name}”' for name in missing)}")
    if new:
        parts_zh.append(f"多了{'、'.join(f'“{name}”' for name in new)}")
        parts_en.append(f"new: {', '.join(f'“{name}”' for name in new)}")
    return ColumnsChangedError(
        f"“{table}”的列和对照方案不一致：{'；'.join(parts_zh)}。一行也没有读，原有资料没有变。",
        f"The columns of “{table}” are not those of the recipe ({'; '.join(parts_en)}). "
        "No row was read and nothing has changed.",
        hint_zh="到对照页给多出的列定去处、给少了的列换来源，存成新一版方案再读。",
        hint_en="On the mapping page decide on the new columns, replace the missing ones, "
        "save the next version of the recipe and read again.",
    )


def _wrong_width(got: int, wanted: int) -> Reason:
    return Reason(
        "row-width",
        f"这一行有 {got} 格，表有 {wanted} 列，对不上",
        f"the row has {got} cells, the table {wanted} columns",
        todo_zh="看这一行有没有多出或少了分隔符，改好再读",
        todo_en="look for a separator too many or too few in this row and mend it",
    )


def _untrusted(oddity: Oddity) -> Reason:
    return Reason(
        oddity.code,
        oddity.zh,
        oddity.en,
        column=oddity.column,
        todo_zh="在原表里改好这一行再读",
        todo_en="mend this row in the table it came from and read again",
    )


def _no_key(columns: tuple[str, ...]) -> Reason:
    return Reason(
        "no-key",
        "区分各行的列是空的，下次来时认不出是哪一行",
        "the key columns are empty: the row could not be recognised when it comes again",
        column="＋".join(columns),
        todo_zh="补上这几列里的一列",
        todo_en="fill one of these columns",
    )


NOBODY = Reason(
    "nobody",
    "没有姓名，也没有身份号码，不知道说的是谁",
    "neither a name nor an ID number: nobody knows whom it speaks of",
    todo_zh="补上姓名或身份号码；若不是人员，在方案里加一条跳过",
    todo_en="add a name or an ID number; if it is no person, let the recipe pass it over",
)


def _unreadable(step: Step, problem: Problem) -> Reason:
    return Reason(
        problem.code,
        f"{step.field}：{problem.zh}",
        f"{step.field}: {problem.en}",
        column=step.columns,
        value=problem.text,
        todo_zh="改成看得懂的写法，或在方案里写明这个写法是什么意思",
        todo_en="write it so that it can be read, or say in the recipe what it means",
    )
