"""Where each material begins: titles, printed page numbers, persons, and pages that go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rongdang.base.vocab.titles import fold
from rongdang.capture.reading.fields import Found
from rongdang.capture.reading.numbering import Counter
from rongdang.capture.reading.persons import Named
from rongdang.capture.reading.sheets import Page
from rongdang.capture.reading.signing import Headless, Signed
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.titles import NUMBERED, PageTitle
from rongdang.capture.reading.words import words

COVER = 70  # characters; a page with a title and fewer is a cover
LOW = 0.15  # a cover's title stands below this height
ENDED = 0.82  # a signature above this height, and nothing below, ends a material


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything seen on one written page."""

    index: int  # in the stack
    page: Page
    title: PageTitle | None
    counter: Counter | None
    continued: bool
    found: tuple[Found, ...]
    signed: tuple[Signed, ...]
    headless: tuple[Headless, ...]
    named: Named | None


@dataclass(frozen=True, slots=True)
class Run:
    """Pages of one material; `sure` that it begins where it does."""

    pages: tuple[Seen, ...]
    sure: float


def runs(seen: Sequence[Seen]) -> list[Run]:
    """The written pages cut into materials."""
    cut: list[tuple[list[Seen], float]] = []
    for one in seen:
        begins, sure = _begins(one, cut[-1][0]) if cut else (True, threshold("begins_first"))
        if begins:
            cut.append(([one], sure))
        else:
            held, known = cut[-1]
            held.append(one)
            cut[-1] = (held, min(known, sure))
    return [Run(tuple(pages), _with_next(cut, at)) for at, (pages, _sure) in enumerate(cut)]


def _with_next(cut: Sequence[tuple[list[Seen], float]], at: int) -> float:
    """A material is right where its beginning and the beginning of the next one are."""
    following = cut[at + 1][1] if at + 1 < len(cut) else 1.0
    return round(min(cut[at][1], following), 3)


def _begins(one: Seen, held: Sequence[Seen]) -> tuple[bool, float]:
    """Whether this page opens a new material, and how sure that is."""
    by_number = _by_number(one, held[-1])
    if by_number is not None:
        return by_number
    if one.continued:
        return False, threshold("goes_on_said")
    if one.title is not None and one.title.score >= 0.6:
        return _by_title(one, one.title, held)
    return _by_layout(one, held)


def _by_layout(one: Seen, held: Sequence[Seen]) -> tuple[bool, float]:
    """No number and no clear title: a change of person or of paper, or what looks like a head."""
    if _another_person(one, held):
        return True, threshold("begins_person")
    if _red_head(one.page):
        return True, threshold("begins_red_head")
    if _is_cover(held) or _opens_with_section(one.page):
        return False, threshold("goes_on_section")
    ended = _ended(held[-1])
    if one.title is not None and (ended or not held[-1].page.layer.cells):
        return True, threshold("begins_layout")
    if ended and (_salutes(one.page) or not _same_paper(one, held[-1]) or _statement(held)):
        return True, threshold("begins_layout")
    return False, threshold("goes_on_signed" if ended else "goes_on_unsigned")


def _is_cover(held: Sequence[Seen]) -> bool:
    """Only a title in the middle of an empty page, and whose it is: no sentence, no form."""
    first = held[0]
    text = first.page.text
    bare = len(held) == 1 and len(text) < COVER and not first.page.layer.cells and "。" not in text
    return bare and first.title is not None and first.title.box[1] > LOW


def _opens_with_section(page: Page) -> bool:
    """The page begins with a part of a form: 支部大会决议, 家庭主要成员."""
    return bool(page.rows) and fold(page.rows[0].text) in words("section")


def _statement(held: Sequence[Seen]) -> bool:
    """What was signed is free writing without a title: a letter, a proof, an opinion."""
    return held[0].title is None and not any(seen.page.layer.cells for seen in held)


def _red_head(page: Page) -> bool:
    """An official document begins here: its number stands near the top of the page."""
    return any(NUMBERED.search(row.text) and row.box[1] < 0.4 for row in page.rows[:6])


def _salutes(page: Page) -> bool:
    """A letter begins here: its first line names whom it is for, and a colon."""
    first = page.rows[0].text if page.rows else ""
    return first.endswith(":") and 3 <= len(first) <= 16


def _by_number(one: Seen, before: Seen) -> tuple[bool, float] | None:
    number, last = one.counter, before.counter
    if number is None:
        return None
    if number.page == 1:
        return (True, threshold("begins_numbered")) if number.total or last else None
    if last and number.page == last.page + 1 and number.total == last.total:
        return False, threshold("goes_on_numbered")
    if number.total and not (one.title and one.title.score > 0.85):
        return False, threshold("goes_on_by_total")
    return None


def _by_title(one: Seen, title: PageTitle, held: Sequence[Seen]) -> tuple[bool, float]:
    opening = held[0].title
    weight = threshold("begins_title")
    sure = min(threshold("begins_most"), 1 - weight + weight * title.score)
    if opening is None or fold(opening.text) != fold(title.text):
        return True, sure
    if _another_person(one, held):
        return True, threshold("begins_title_person")
    if len(held) == 1 and len(held[0].page.text) < COVER:
        return False, threshold("goes_on_cover")  # the cover bore the title already
    again = one.named is not None and held[0].named is not None
    if again or title.layout > 0.75:
        return True, threshold("begins_title_again")
    return False, threshold("goes_on_title_again")


def _another_person(one: Seen, held: Sequence[Seen]) -> bool:
    known = [seen.named for seen in held if seen.named]
    if one.named is None or not known or one.named.confidence < 0.7:
        return False
    return all(_differ(one.named.name, named.name) for named in known)


def _differ(first: str, second: str) -> bool:
    return len(first) != len(second) or sum(a != b for a, b in zip(first, second, strict=True)) > 1


def _ended(seen: Seen) -> bool:
    """The page's last words are a signature or a date, with room left below."""
    signs = [one.box[3] for one in seen.signed if one.kind != "running"]
    signs += [one.box[3] for one in seen.headless]
    if not signs:
        return False
    last = max(row.box[3] for row in seen.page.rows)
    return max(signs) > last - 0.06 and last < ENDED


def _same_paper(one: Seen, before: Seen) -> bool:
    """Both are forms, or both are running text, in writing of about the same size."""
    alike = bool(one.page.layer.cells) == bool(before.page.layer.cells)
    size = one.page.size / max(before.page.size, 1e-6)
    return alike and 0.8 < size < 1.25
