"""The piles of paper of the demonstration: whose they are, where they come in, what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass

from rongdang.demo.paper.lives import Life, invent


@dataclass(frozen=True, slots=True)
class Pile:
    """One person's paper. `known`: the home's register names him; `decided`: filed without waiting."""

    home: str
    seed: int
    known: bool = True
    decided: bool = True
    pages: int = 12  # at least; the last material is drawn to its end

    @property
    def life(self) -> Life:
        return invent(self.seed)


# The first waits at Zhou Min's desk, so that the desk is never empty; then by turns.
PILES = (
    Pile("990101", 9001, decided=False),
    Pile("990101", 9006),
    Pile("990101", 9003, known=False),
    Pile("990102", 9004),
    Pile("990101", 9005, known=False, decided=False),
    Pile("990201", 9002),
    Pile("990103", 9007),
    Pile("990301", 9008),
    Pile("990102", 9009, decided=False),
    Pile("990202", 9010),
    Pile("990101", 9012),
)
