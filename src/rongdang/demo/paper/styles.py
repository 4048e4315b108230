"""How one material looks: who printed it, who filled it in, on what, in which state it is today."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from rongdang.demo.paper.ageing import PAPERS, Condition
from rongdang.demo.paper.sheet import Pen
from rongdang.demo.paper.writing import DATE_STYLES

Split = Literal["train", "test"]
PRINT_FACES: dict[Split, tuple[str, ...]] = {"train": ("song", "hei"), "test": ("kai", "xiaowei")}
HAND_FACES: dict[Split, tuple[str, ...]] = {
    "train": ("mashan", "zhimang"),
    "test": ("longcang", "longcang", "kai"),
}
# Names at the foot are signed faster than forms are filled in.
SIGNING: dict[Split, str] = {"train": "zhimang", "test": "liujian"}
LAYOUTS: dict[Split, tuple[str, ...]] = {
    "train": ("thirds", "quarters", "dotted"),
    "test": ("halves", "ragged", "underlined"),
}
A4, K16 = (210.0, 297.0), (190.0, 266.0)


@dataclass(frozen=True, slots=True)
class Style:
    """Everything chosen once for a material."""

    split: Split
    label: Pen
    title: Pen
    value: Pen
    hand: Pen
    sign_face: str
    typed: bool  # values typed rather than written by hand
    layout: str
    date_style: str
    size: tuple[float, float]
    dpi: int
    vertical: bool
    condition: Condition


def invent_style(chance: Random, split: Split, year: int, *, vertical: bool = False) -> Style:
    """A look that was possible in that year."""
    printing = _printing(chance, year)
    body = chance.choice(PRINT_FACES[split])
    old = year < 1957 and chance.random() < 0.5
    hand_face = chance.choice(HAND_FACES[split])
    uneven = 0.5 if printing == "typewriter" else 0.15 if printing != "laser" else 0.0
    pitch = 1.12 if printing == "typewriter" else 1.0
    label = Pen(body, "print", 4.3, uneven=uneven, pitch=pitch, traditional=old)
    hand = Pen(hand_face, "hand", 5.4 if hand_face != "kai" else 4.6, unsteady=0.035, uneven=0.2)
    typed = chance.random() < (0.25 if year < 1990 else 0.6)
    return Style(
        split=split,
        label=label,
        title=Pen(PRINT_FACES[split][-1] if year > 1975 else body, "print", 7.2, traditional=old),
        value=label if typed else hand,
        hand=hand,
        sign_face=SIGNING[split],
        typed=typed,
        layout=chance.choice(LAYOUTS[split]),
        date_style=chance.choice(
            DATE_STYLES if year < 1990 else ("digits", "dots", "padded", "digits")
        ),
        size=A4 if year >= 1988 else chance.choice((A4, K16)),
        dpi=chance.choice((200, 200, 240, 300)),
        vertical=vertical,
        condition=invent_condition(chance, year, printing, typed=typed),
    )


def _printing(chance: Random, year: int) -> str:
    if year < 1966:
        return chance.choice(("letterpress", "letterpress", "mimeograph", "typewriter", "carbon"))
    if year < 1992:
        return chance.choice(("letterpress", "mimeograph", "typewriter", "carbon"))
    return chance.choice(("laser", "laser", "letterpress"))


def invent_condition(chance: Random, year: int, printing: str, *, typed: bool) -> Condition:
    """Paper and scan; the older the worse."""
    worn = max(0.0, min(1.0, (2010 - year) / 60))
    return Condition(
        paper=PAPERS[min(4, int(chance.random() * (1 + 4.2 * worn)))],
        print_ink=printing,
        hand_ink=chance.choice(
            ("blue-black", "blue", "blue-black", "pencil" if chance.random() < 0.15 else "black")
        ),
        stains=chance.randrange(0, 1 + int(4 * worn)),
        torn=chance.random() < 0.12 * worn,
        holes=chance.random() < 0.45,
        folded=chance.random() < 0.3 * worn,
        show_through=chance.uniform(0.04, 0.14) if chance.random() < 0.4 * worn else 0.0,
        skew=max(-3.0, min(3.0, chance.gauss(0, 0.8))),
        turned=chance.choices((0, 1, 2, 3), (94, 2, 2, 2))[0],
        bed=chance.choice((8, 20, 35)) if chance.random() < 0.5 else None,
        noise=chance.uniform(1.0, 4.5),
        colour=chance.random() < 0.85,
        quality=chance.choice((70, 80, 85, 90)),
    )
