"""The result of an evaluation, for programs and for people."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from rongdang.demo.scoring import Counts, f1, reliability, shown_sure

KINDS = ("known", "unseen", "untitled")
CLEANED = {
    "rotation": "方向 / direction",
    "margin": "裁边留 2–3 毫米 / 2 to 3 mm left round the sheet",
    "spread": "A3 跨页在折缝处裁开 / A3 spreads cut at the fold",
    "seal": "印章保留 / seals kept",
    "red": "红头、红线保留 / red heads and rules kept",
    "hand": "手写与签名保留 / handwriting and signatures kept",
    "photo": "照片保留 / photographs kept",
}


@dataclass(frozen=True)
class Report:
    """Counts of all stacks, the error of each real scan, what was run, and the angles (degrees)
    at which straightened pages still lie.
    """

    counts: Counts
    scans: dict[str, float]
    seed: int
    stacks: int
    engine: str
    version: str
    angles: tuple[float, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Every figure, shares as 0..1, None where nothing was asked."""
        share = self.counts.share
        return {
            "version": self.version,
            "engine": self.engine,
            "seed": self.seed,
            "stacks": self.stacks,
            "pages": self.counts.total.get("pages", 0),
            "materials": self.counts.total.get("materials", 0),
            "ocr_error": _rest(share("ocr", "characters")),
            "rotation": share("rotation"),
            "blank": {
                "found": share("blank", "yes"),
                "backs": self.counts.total.get("blank/yes", 0),
                "kept": share("blank", "no"),
            },
            "boundaries": {
                "precision": share("boundary", "precision"),
                "recall": share("boundary", "recall"),
                "f1": f1(self.counts),
            },
            "titles": {kind: share("title", kind) for kind in KINDS[:2]},
            "categories": {kind: share("category", kind) for kind in KINDS},
            "dates": share("date"),
            "persons": share("person"),
            "fields": {hand: self._fields(hand) for hand in ("typed", "hand")},
            "fields_invented": share("field-invented"),
            "marks": self._marks(),
            "cleaning": self._cleaning(),
            "confidence": {
                "trusted_right": {
                    part: share("trusted", part)
                    for part in ("all", "field", "title", "category", "date")
                },
                "shown_sure": {
                    part: shown_sure(self.counts, part)
                    for part in ("all", "field", "title", "category", "date")
                },
                "reliability": {part: reliability(self.counts, part) for part in ("all", "field")},
            },
            "scans": {"error": _rest(share("scan", "characters")), "each": self.scans},
        }

    def _fields(self, hand: str) -> dict[str, Any]:
        names = sorted(
            key.rsplit("/", 1)[1] for key in self.counts.total if key.startswith(f"field/{hand}/")
        )
        return {
            "right": self.counts.share("field", hand),
            "found": self.counts.share("field-found", hand),
            "values": self.counts.total.get(f"field/{hand}", 0),
            "each": {
                name: {
                    "right": self.counts.share("field", hand, name),
                    "values": self.counts.total[f"field/{hand}/{name}"],
                }
                for name in names
            },
        }

    def _cleaning(self) -> dict[str, Any]:
        """Angles in degrees; of the other figures which share is right, and of how many."""
        listed = sorted(self.angles)
        median, late = (
            listed[ceil(share * len(listed)) - 1] if listed else None for share in (0.5, 0.95)
        )
        return {
            "angle": {"median": median, "p95": late, "pages": len(listed)},
            **{
                what: {
                    "right": self.counts.share("clean", what),
                    "n": self.counts.total.get(f"clean/{what}", 0),
                }
                for what in CLEANED
            },
        }

    def _marks(self) -> dict[str, Any]:
        return {
            f"{kind}-{state}": {
                "right": self.counts.share("mark", kind, state),
                "marks": self.counts.total.get(f"mark/{kind}/{state}", 0),
            }
            for kind, state in (("box", "checked"), ("box", "open"), ("circle", "checked"))
        }

    def to_text(self) -> str:
        """Tables in Markdown, Chinese and English, as `docs/accuracy.md` holds them."""
        body = self.to_dict()
        head = f"{body['stacks']} 叠 / stacks, {body['pages']} 页 / pages, {body['materials']} 份 / materials"
        lines = [
            f"{head}; seed {body['seed']}; {body['engine']}; rongdang {body['version']}",
            "",
            *_table(("项目 / what", "结果 / result"), self._overview(body)),
            "",
            *_table(("图像处理 / cleaning of the image", "结果 / result"), _cleaned(body)),
            "",
            *_table(
                ("字段 / field", "打印 / typed", "个数 / n", "手写 / handwriting", "个数 / n"),
                self._field_rows(body["fields"]),
            ),
            "",
            *_table(
                ("把握 / confidence from", "个数 / values", "正确 / right"),
                [
                    (f"{row['from']:.2f}", str(row["values"]), _percent(row["right"]))
                    for row in body["confidence"]["reliability"]["all"]
                ],
            ),
        ]
        if self.scans:
            rows = [(name, _percent(error)) for name, error in self.scans.items()]
            rows.append(("合计 / together", _percent(body["scans"]["error"])))
            lines += ["", *_table(("真实扫描件 / real scan", "字错率 / error"), rows)]
        return "\n".join(lines)

    def _overview(self, body: dict[str, Any]) -> list[tuple[str, str]]:
        trusted, sure = body["confidence"]["trusted_right"], body["confidence"]["shown_sure"]
        return [
            ("字错率（不计行序） / OCR error, order-free", _percent(body["ocr_error"])),
            ("方向 / direction", _percent(body["rotation"])),
            (
                "空白背面认出 / blank backs found",
                f"{_percent(body['blank']['found'])} (n={body['blank']['backs']})",
            ),
            ("有字页未误判 / written pages kept", _percent(body["blank"]["kept"])),
            ("材料起止 F1 / boundaries F1", _percent(body["boundaries"]["f1"])),
            ("题名，清单内 / titles, in the list", _percent(body["titles"]["known"])),
            ("题名，清单外 / titles, in no list", _percent(body["titles"]["unseen"])),
            ("类别，清单内 / category, known titles", _percent(body["categories"]["known"])),
            ("类别，清单外 / category, titles never seen", _percent(body["categories"]["unseen"])),
            ("类别，无题名 / category, no title", _percent(body["categories"]["untitled"])),
            ("形成日期 / date of formation", _percent(body["dates"])),
            ("属于何人 / whose", _percent(body["persons"])),
            ("字段，打印 / fields, typed", _percent(body["fields"]["typed"]["right"])),
            ("字段，手写 / fields, handwriting", _percent(body["fields"]["hand"]["right"])),
            ("多读出的字段 / fields read where none was", _percent(body["fields_invented"])),
            *(
                (f"标记 / mark {name}", f"{_percent(mark['right'])} (n={mark['marks']})")
                for name, mark in body["marks"].items()
            ),
            ("标“可信”的值正确 / values shown as sure, right", _firm(sure["all"])),
            ("　其中字段 / of these, fields", _firm(sure["field"])),
            ("　题名 / titles", _percent(trusted["title"])),
            ("　类别 / categories", _percent(trusted["category"])),
            ("　日期 / dates", _percent(trusted["date"])),
            (
                "读对的值里标“可信”的 / of values read right, shown as sure",
                _percent(sure["all"]["of_right_values"]),
            ),
        ]

    def _field_rows(self, fields: dict[str, Any]) -> list[tuple[str, ...]]:
        names = sorted({*fields["typed"]["each"], *fields["hand"]["each"]})
        rows = []
        for name in names:
            row = [name]
            for hand in ("typed", "hand"):
                one = fields[hand]["each"].get(name)
                row += [_percent(one["right"]), str(one["values"])] if one else ["—", "0"]
            rows.append(tuple(row))
        return rows


def _cleaned(body: dict[str, Any]) -> list[tuple[str, str]]:
    cleaning = body["cleaning"]
    angle = cleaning["angle"]
    left = (
        f"{angle['median']:.3f}° / {angle['p95']:.3f}° (n={angle['pages']})"
        if angle["pages"]
        else "—"
    )
    return [
        ("纠偏误差，中位 / 95 % 分位 / angle left, median / p95", left),
        *(
            (words, f"{_percent(cleaning[what]['right'])} (n={cleaning[what]['n']})")
            for what, words in CLEANED.items()
        ),
    ]


def _rest(share: float | None) -> float | None:
    return None if share is None else 1 - share


def _firm(sure: dict[str, Any]) -> str:
    """The share with its counts and how far it may be off: 99.5 % (995/1000; 98.8–99.8)."""
    if not sure["values"]:
        return "—"
    low, high = (round(100 * edge, 1) for edge in sure["interval"])
    share = 100 * sure["right"] / sure["values"]
    return f"{share:.2f} % ({sure['right']}/{sure['values']}; {low}–{high})"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.1f} %"


def _table(head: tuple[str, ...], rows: list[Any]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{' --- |' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
