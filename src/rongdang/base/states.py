"""Moves as data: what may become what, by whose right. One machine for each kind of thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from rongdang.base.errors import IllegalMoveError, NotPermittedError


class Stateful(Protocol):
    """Anything with a state column whose choices have words."""

    state: str

    def get_state_display(self) -> str: ...


class Actor(Protocol):
    """Anybody who may be asked whether an act is theirs to do, in a unit."""

    def may(self, permission: str, scope: str = "") -> bool: ...


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: `action` leads from any state in `sources` to `target`."""

    action: str
    sources: tuple[str, ...]
    target: str
    permission: str
    zh: str
    en: str


class Machine:
    """The table of moves of one kind of thing; event names are `thing:action`."""

    def __init__(self, thing: str, *moves: Move) -> None:
        self.thing = thing
        self._moves = {move.action: move for move in moves}

    def __iter__(self) -> Iterator[Move]:
        return iter(self._moves.values())

    def apply(self, action: str, subject: Stateful, *, by: Actor | None, scope: str = "") -> str:
        """Set the new state and return the event name; `by=None` is the machine itself."""
        move = self._moves[action]
        if subject.state not in move.sources:
            raise IllegalMoveError(
                f"现在是“{subject.get_state_display()}”，不能“{move.zh}”。数据没有改动。",
                f"It is at another step now; “{move.en}” does not start there. Nothing changed.",
                hint_zh="请刷新页面，看看别人是否已经办过。",
                hint_en="Reload the page: somebody may have done it already.",
            )
        if by is not None and not by.may(move.permission, scope):
            raise NotPermittedError(
                f"您的岗位不能“{move.zh}”。数据没有改动。",
                f"Your role may not “{move.en}”. Nothing changed.",
                hint_zh="请本单位有这项权限的同事来办。",
                hint_en="Ask a colleague of your unit who holds this right.",
            )
        subject.state = move.target
        return f"{self.thing}:{action}"
