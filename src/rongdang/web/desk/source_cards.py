"""Columns of a table as cards of a form, and the choices a posted form makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rongdang.base.vocab import codes, fields
from rongdang.capture.sources.applying import REASON_COLUMNS
from rongdang.capture.sources.choices import KIN_USES, ColumnChoice
from rongdang.capture.sources.profiling import ColumnProfile
from rongdang.capture.sources.proposing import Guess
from rongdang.capture.sources.recipes import PARTS
from rongdang.capture.sources.values import folded
from rongdang.web.desk.access import SignedInRequest

MOST_CARDS = 200  # beyond it only columns that something is proposed for
MOST_WORDS = 60  # whose meaning a form asks for, of one column
NOT_MEANT = ("code", "part", "near")  # how a word was found that a person should look at


@dataclass(frozen=True, slots=True)
class Meaning:
    """A word of the source: how often it stands there, what it is taken for, and by itself."""

    at: int
    word: str
    count: int
    value: str
    nothing: bool
    itself: str


@dataclass(frozen=True, slots=True)
class Card:
    """One column: what stands in it, what is proposed, what is chosen."""

    at: int
    profile: ColumnProfile
    guess: Guess
    choice: ColumnChoice
    meanings: tuple[Meaning, ...]
    kind: str  # type of the chosen field, "" for none
    table: str  # its code table

    @property
    def is_kin(self) -> bool:
        return self.choice.use in KIN_USES

    @property
    def unclear(self) -> int:
        """Words nobody has given a meaning and the code table does not know."""
        return sum(not (one.value or one.itself or one.nothing) for one in self.meanings)

    @property
    def codes(self) -> tuple[codes.Code, ...]:
        return codes.entries(self.table) if self.table else ()


def cards_of(
    columns: Sequence[ColumnProfile],
    guesses: Sequence[Guess],
    choices: Sequence[ColumnChoice],
    nothing: Sequence[str],
) -> list[Card]:
    """A card for each column; of a very wide table only for those that something is known of."""
    empty = frozenset(folded(word) for word in nothing)
    cards = [
        _card(at, profile, guess, choice, empty)
        for at, (profile, guess, choice) in enumerate(zip(columns, guesses, choices, strict=True))
        if profile.name not in REASON_COLUMNS
    ]
    if len(cards) > MOST_CARDS:
        cards = [card for card in cards if card.choice.use or card.choice.key or card.guess.field]
    return cards[:MOST_CARDS]


def chosen(
    request: SignedInRequest, columns: Sequence[ColumnProfile], before: Sequence[ColumnChoice]
) -> list[ColumnChoice]:
    """What the form says of each column; of one that was not on the page, what was `before`."""
    return [
        _choice(request, at, column) if f"use-{at}" in request.POST else before[at]
        for at, column in enumerate(columns)
    ]


def _choice(request: SignedInRequest, at: int, column: ColumnProfile) -> ColumnChoice:
    def said(name: str, most: int = 40) -> str:
        return request.POST.get(f"{name}-{at}", "")[:most].strip()

    use, part = said("use"), said("part")
    if not use:
        return ColumnChoice(column.name, key=said("key") == "on")
    kin = use in KIN_USES
    return ColumnChoice(
        column.name,
        use=use,
        who=said("who") if kin else "",
        read="" if kin else said("read"),
        part=part if part in PARTS and not kin else "",
        at=request.POST.get(f"at-{at}", "")[:8] if part.isdigit() else "",
        inside=said("inside"),
        values=dict(_values(request, at)),
        unreadable=said("unreadable"),
        key=said("key") == "on",
    )


def _values(request: SignedInRequest, at: int) -> Iterator[tuple[str, str]]:
    for n in range(MOST_WORDS):
        word = request.POST.get(f"word-{n}-{at}", "")[:200]
        value = request.POST.get(f"value-{n}-{at}", "")[:200].strip()
        nothing = request.POST.get(f"none-{n}-{at}") == "on"
        if word and (value or nothing):
            yield word, "" if nothing else value


def _card(
    at: int, profile: ColumnProfile, guess: Guess, choice: ColumnChoice, empty: frozenset[str]
) -> Card:
    entry = fields.dictionary().get(choice.use)
    kind, table = (entry.type, entry.table) if entry else ("", "")
    table = table if kind == "code" else ""
    meanings = tuple(_meanings(profile, choice, table, empty))
    return Card(at, profile, guess, choice, meanings, kind, table)


def _meanings(
    profile: ColumnProfile, choice: ColumnChoice, table: str, empty: frozenset[str]
) -> Iterator[Meaning]:
    """Words of a code column, and any word the recipe gives a meaning."""
    counts = {folded(word): (word, count) for word, count in profile.words} if table else {}
    given = {folded(word): value for word, value in choice.values.items()}
    for word in choice.values:
        counts.setdefault(folded(word), (word, 0))
    shown = [(key, *one) for key, one in counts.items() if key not in empty or key in given]
    for at, (key, word, count) in enumerate(shown[:MOST_WORDS]):
        known = codes.find(table, word) if table else None
        itself = known.code.name if known and known.how not in NOT_MEANT else ""
        value = given.get(key, "")
        yield Meaning(at, word, count, value, key in given and not value, itself)
