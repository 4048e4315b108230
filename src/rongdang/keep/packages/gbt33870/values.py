"""What a delivery says, and what may be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from rongdang.base.errors import DomainError

ORIGINAL, OPTIMISED = "原始图像数据", "优化图像数据"


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """人员基本信息; dates are partial ISO dates."""

    name: str
    id_number: str = ""
    sex: str = ""
    ethnic: str = ""
    birth: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """档案目录条目: one material and the names of its images, page by page."""

    category: str  # canonical code, e.g. "9-2"; empty when it was missing
    sequence: int
    title: str
    formed: str  # partial ISO date; empty when the note says it is not known
    page_count: int
    note: str = ""
    originals: tuple[str, ...] = ()
    optimised: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    person: PersonInfo
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason to refuse, or one thing to know; `place` is an entry, a file or a field."""

    code: str
    place: str
    zh: str
    en: str


class DeliveryError(DomainError):
    """The delivery cannot be taken in as it is; every reason is in `problems`."""

    status, code = 422, "delivery"

    def __init__(self, problems: list[Problem]) -> None:
        shown = problems[:12]
        more_zh = f"；另有 {len(problems) - 12} 处" if len(problems) > 12 else ""
        more_en = f"; {len(problems) - 12} more" if len(problems) > 12 else ""
        super().__init__(
            f"这份档案有 {len(problems)} 处不对，什么也没有收下："
            + "；".join(f"{one.place}：{one.zh}" for one in shown)
            + more_zh
            + "。",
            f"{len(problems)} things are wrong with this delivery; nothing was taken in: "
            + "; ".join(f"{one.place}: {one.en}" for one in shown)
            + more_en
            + ".",
            hint_zh="请移交单位改正后重新发来。",
            hint_en="Ask the sender to correct it and send it again.",
            code=problems[0].code if len(problems) == 1 else "delivery",
        )
        self.problems = tuple(problems)
