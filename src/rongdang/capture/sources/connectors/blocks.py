"""How rows go from the caged child to the parent: a thousand at a time as one text, few marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rongdang.capture.sources.port import Oddity

CELL, ROW = "\x1f", "\x1e"  # unit and record separator of ASCII, made for this
PER_BLOCK = 1000
MOST_CHARACTERS = 1 << 22  # a block is ended early by rows that are long
_OURS = re.compile("[\x1c-\x1f]")

Found = tuple[int, Sequence[str], Oddity | None]  # number, cells, why the row is not to be taken


@dataclass(frozen=True, slots=True)
class Block:
    """Rows one after the other; `numbers` only where they are not `first`, `first` + 1 …"""

    first: int
    text: str
    numbers: Sequence[int] = ()
    oddities: Mapping[int, Oddity] = field(default_factory=dict)  # by place in the block


def clean(cell: str) -> str:
    """A cell without the marks that part cells and rows here."""
    return _OURS.sub(" ", cell) if _OURS.search(cell) else cell


def gathered(rows: Iterable[Found]) -> Iterator[Block]:
    """Blocks of rows that are found one by one."""
    numbers: list[int] = []
    texts: list[str] = []
    oddities: dict[int, Oddity] = {}
    size = 0
    for number, cells, oddity in rows:
        if oddity:
            oddities[len(texts)] = oddity
        numbers.append(number)
        texts.append(CELL.join(map(clean, cells)))
        size += len(texts[-1])
        if len(texts) >= PER_BLOCK or size > MOST_CHARACTERS:
            yield _block(numbers, texts, oddities)
            numbers, texts, oddities, size = [], [], {}, 0
    if texts:
        yield _block(numbers, texts, oddities)


def _block(numbers: list[int], texts: list[str], oddities: dict[int, Oddity]) -> Block:
    in_a_row = numbers[-1] - numbers[0] == len(numbers) - 1
    return Block(numbers[0], ROW.join(texts), () if in_a_row else numbers, oddities)
