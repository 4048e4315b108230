"""Words printed on a form to choose from (因战 因公 因病), and where a text lists several of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rongdang.base.vocab.tables import table

BETWEEN = " 　、,，.。;；|/／·•()（）□○◯〇√✓_-—"
LONE = 1  # characters of a word that stands for too much else to be found in running text


@dataclass(frozen=True, slots=True)
class Choice:
    """One printed word at `start`..`end` of a text; `sure` unless a character of it was misread."""

    word: str
    start: int
    end: int
    sure: bool = True


@cache
def choice_lists() -> tuple[tuple[str, ...], ...]:
    """The words of each list, longest first."""
    return tuple(
        tuple(sorted(row["words"], key=len, reverse=True)) for row in table("choices").rows
    )


def is_choice(text: str) -> bool:
    """Whether some form prints this word to choose from."""
    return any(text in words for words in choice_lists())


def listed_choices(text: str) -> list[list[Choice]]:
    """Runs of two or more different words of one list with nothing but signs between them."""
    found: list[list[Choice]] = []
    for words in choice_lists():
        if not any(word in text for word in words):  # none would be sure
            continue
        letters, at = frozenset("".join(words)), 0
        while at < len(text):
            # A word has its first or, misread, its second character right.
            near = text[at] in letters or text[at + 1 : at + 2] in letters
            run = _run_at(text, at, words) if near else []
            if len({choice.word for choice in run}) > 1 and any(one.sure for one in run):
                found.append(run)
            at = run[-1].end if run else at + 1
    return _without_parts(found)


def _run_at(text: str, at: int, words: tuple[str, ...]) -> list[Choice]:
    run: list[Choice] = []
    while at < len(text):
        choice = _word_at(text, at, words) or (_rest_at(text, at, words) if run else None)
        if choice is None:
            break
        run.append(choice)
        at = choice.end
        while at < len(text) and text[at] in BETWEEN:
            at += 1
    return run


def _word_at(text: str, at: int, words: tuple[str, ...]) -> Choice | None:
    for word in words:
        if text.startswith(word, at):
            return Choice(word, at, at + len(word))
    for word in words:
        part = text[at : at + len(word)]
        wrong = sum(a != b for a, b in zip(part, word, strict=False))
        misread = len(part) == len(word) > LONE and wrong == 1 and word not in text
        if misread and all("\u4e00" <= letter <= "\u9fff" for letter in part):
            return Choice(word, at, at + len(word), sure=False)
    return None


def _rest_at(text: str, at: int, words: tuple[str, ...]) -> Choice | None:
    """What a ring left of one of the words: a character that no other of them has."""
    owners = [word for word in words if text[at] in word]
    if len(owners) != 1 or len(owners[0]) <= LONE or owners[0] in text:
        return None
    return Choice(owners[0], at, at + 1, sure=False)


def _without_parts(runs: list[list[Choice]]) -> list[list[Choice]]:
    """Of runs that share characters the one that explains most of them."""
    kept: list[list[Choice]] = []
    for run in sorted(runs, key=lambda one: one[0].start - one[-1].end):
        if not any(run[0].start < o[-1].end and o[0].start < run[-1].end for o in kept):
            kept.append(run)
    return kept
