"""What a grant opens: files, levels, counts and an end; first as asked for, then as given within that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils import timezone

from rongdang.base.errors import DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Numbers of files, levels of content, and how often what is seen may leave the house."""

    numbers: tuple[str, ...]
    levels: tuple[str, ...]
    prints: int = 0
    exports: int = 0
    until: dt.datetime

    @property
    def size(self) -> tuple[int, int, int, int, dt.datetime]:
        """Equal of two of which one lies within the other only where nothing was taken away; a
        file may have another number by now.
        """
        return len(self.numbers), len(self.levels), self.prints, self.exports, self.until

    @property
    def told(self) -> dict[str, object]:
        """As an entry of the ledger says it."""
        return {
            "numbers": list(self.numbers),
            "levels": list(self.levels),
            "prints": self.prints,
            "exports": self.exports,
            "until": self.until.isoformat(),
        }


def narrowed(asked: Terms, given: Terms) -> Terms:
    """`given` in the order of what was asked; raises DomainError when it is no part of that."""
    beyond = list(_beyond(asked, given))
    if beyond:
        raise DomainError(
            f"批的不能比申请的多：{'；'.join(zh for zh, _en in beyond)}。没有批。",
            f"No more can be given than was asked for: {'; '.join(en for _zh, en in beyond)}. "
            "Nothing was given.",
            hint_zh="只能减档号、类别、次数，或把截止提前；要加的，请申请人写明理由另外申请。",
            hint_en="Take away files, levels or counts, or set an earlier end; for more the person "
            "asks again, with the reason.",
            code="grant-wider",
            status=422,
        )
    if not given.numbers or not given.levels:
        raise DomainError(
            "档号或类别一个也没有留，没有批。",
            "No file or no level is left; nothing was given.",
            hint_zh="至少各留一个；全都不批的，写明理由，选“不批”。",
            hint_en="Leave at least one of each; to give nothing, refuse it and say why.",
            code="grant-empty",
            status=422,
        )
    return replace(
        given,
        numbers=tuple(number for number in asked.numbers if number in given.numbers),
        levels=tuple(level for level in asked.levels if level in given.levels),
    )


def _beyond(asked: Terms, given: Terms) -> Iterator[tuple[str, str]]:
    """(Chinese, English) of everything that was not asked for."""
    for zh, en, wanted, told in (
        ("档号", "file", asked.numbers, given.numbers),
        ("类别", "level", asked.levels, given.levels),
    ):
        for one in dict.fromkeys(told):
            if one not in wanted:
                yield f"{zh} {one[:64]}", f"{en} {one[:64]}"
    for zh, en, most, count in (
        ("打印", "prints", asked.prints, given.prints),
        ("导出", "exports", asked.exports, given.exports),
    ):
        if not 0 <= count <= most:
            yield f"{zh} {count} 次（申请 {most} 次）", f"{count} {en} ({most} asked for)"
    if given.until > asked.until:
        end = f"{timezone.localtime(given.until):%Y-%m-%d %H:%M}"
        yield f"截止 {end}", f"the end {end}"
