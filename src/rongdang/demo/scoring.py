"""What was read against what is true: counts that add up over stacks, and what they say."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rongdang.base.textlayer import Mark
from rongdang.base.vocab.titles import fold
from rongdang.capture.ocr.measure import normalise
from rongdang.capture.reading.thresholds import SHOWN, threshold
from rongdang.capture.reading.values import Material
from rongdang.demo.paper.materials import TrueMaterial
from rongdang.demo.paper.sheet import TrueMark

# Lower edges of the bins of the reliability table.
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
PARTS = ("title", "category", "date")


@dataclass
class Counts:
    """right and total by what was asked: ("field", "姓名", "typed") and the like."""

    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    total: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, *names: str, right: float, total: int = 1) -> None:
        key = "/".join(names)
        self.right[key] += int(right)
        self.total[key] += total

    def merge(self, other: Mapping[str, Mapping[str, int]]) -> None:
        """Add what `to_dict` of another gave."""
        for name, count in other["right"].items():
            self.right[name] += count
        for name, count in other["total"].items():
            self.total[name] += count

    def to_dict(self) -> dict[str, dict[str, int]]:
        return {"right": dict(self.right), "total": dict(self.total)}

    def share(self, *names: str) -> float | None:
        """Right of total; None where nothing was asked."""
        key = "/".join(names)
        return self.right[key] / self.total[key] if self.total.get(key) else None


def same(read: str | None, truth: str) -> bool:
    """Equal but for blanks, width and punctuation."""
    return read is not None and _bare(read) == _bare(truth)


def _bare(text: str) -> str:
    return re.sub(r"[^\w·]+", "", normalise(text))


def bin_of(confidence: float) -> str:
    """The lower edge of the confidence's bin."""
    return f"{max(edge for edge in BINS if edge <= max(confidence, 0.0)):.2f}"


def score_boundaries(counts: Counts, read: Iterable[int], truth: Iterable[int]) -> None:
    """First pages of materials: found, missed and invented (the first of all is given, not found)."""
    found, true = set(read) - {0}, set(truth) - {0}
    counts.add("boundary", "precision", right=len(found & true), total=len(found))
    counts.add("boundary", "recall", right=len(found & true), total=len(true))


def f1(counts: Counts) -> float | None:
    """Harmonic mean of precision and recall of the boundaries."""
    precision, recall = counts.share("boundary", "precision"), counts.share("boundary", "recall")
    if not precision or not recall:
        return None if precision is None and recall is None else 0.0
    return 2 * precision * recall / (precision + recall)


Values = Mapping[str, tuple[str, float]]  # field → value and confidence


def score_material(
    counts: Counts, read: Material | None, truth: TrueMaterial, values: Values
) -> None:
    """One true material; `read` is the one that begins on its first page, None when none does.

    `values` are the fields read on its pages, in whatever material they ended up: a missed
    beginning is counted once, as that.
    """
    kind = "known" if truth.known_title else "unseen" if truth.title else "untitled"
    right = {
        "title": read is not None and fold(read.title) == fold(truth.title),
        "category": read is not None and read.category == truth.category,
        "date": read is not None and read.date == truth.date,
    }
    if truth.title:
        counts.add("title", kind, right=right["title"])
    counts.add("category", kind, right=right["category"])
    counts.add("date", right=right["date"])
    counts.add("person", right=read is not None and same(read.person, truth.person))
    _fields(counts, values, truth)
    for part in PARTS if read else ():
        if part != "title" or truth.title:
            _trust(counts, part, read.confidence.get(part, 0.0) if read else 0.0, right=right[part])


def _fields(counts: Counts, read: Values, truth: TrueMaterial) -> None:
    """Fields of forms; running text has values a reader may or may not call fields."""
    if not truth.form:
        return
    for name, value in truth.fields.items():
        hand = truth.hands[name]
        right = same(read[name][0], value) if name in read else False
        counts.add("field", hand, right=right)
        counts.add("field", hand, name, right=right)
        counts.add("field-found", hand, right=name in read)
    for name, (value, confidence) in read.items():
        right = name in truth.fields and same(value, truth.fields[name])
        _trust(counts, "field", confidence, right=right)
        counts.add("field-invented", right=name not in truth.fields)


def _trust(counts: Counts, part: str, confidence: float, *, right: bool) -> None:
    counts.add("trust", part, bin_of(confidence), right=right)
    counts.add("trust", "all", bin_of(confidence), right=right)
    if confidence >= threshold(SHOWN):
        counts.add("trusted", part, right=right)
        counts.add("trusted", "all", right=right)


def score_marks(counts: Counts, read: Sequence[Mark], truth: Sequence[TrueMark]) -> None:
    """Boxes by their label and state; a circle counts where it is, its absence cannot be read."""
    for mark in truth:
        if mark.kind == "circle" and not mark.checked:
            continue
        hits = [one for one in read if same(one.label, mark.label)]
        right = any(one.checked == mark.checked for one in hits)
        counts.add("mark", mark.kind, "checked" if mark.checked else "open", right=right)


def interval(right: int, total: int) -> tuple[float, float]:
    """Between which shares the true one lies, 19 times of 20 (Wilson); (0, 1) for nothing."""
    if not total:
        return 0.0, 1.0
    share, z = right / total, 1.96
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * ((share * (1 - share) + z * z / (4 * total)) / total) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def shown_sure(counts: Counts, part: str) -> dict[str, Any]:
    """What is shown as sure: how many values of all right ones, how many right, and how firm that is."""
    key = f"trusted/{part}"
    right, total = counts.right.get(key, 0), counts.total.get(key, 0)
    all_right = sum(counts.right[f"trust/{part}/{edge:.2f}"] for edge in BINS)
    return {
        "values": total,
        "right": right,
        "interval": interval(right, total),
        "of_right_values": right / all_right if all_right else None,
    }


def reliability(counts: Counts, part: str) -> list[dict[str, Any]]:
    """Rows of the reliability table: from which confidence on, how many, how many right."""
    rows = []
    for edge in BINS:
        key = f"trust/{part}/{edge:.2f}"
        total = counts.total.get(key, 0)
        if total:
            rows.append({"from": edge, "values": total, "right": counts.right[key] / total})
    return rows
