"""How well the line from image to meaning reads: on pages drawn for this alone, and on real scans.

Nothing here is used for tuning: the stacks are of the test split (own seeds, faces, layouts, titles).
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import rongdang
from rongdang.base.errors import DomainError
from rongdang.base.textlayer import TextLayer
from rongdang.capture.ocr.measure import mistakes
from rongdang.capture.reading.stacks import Side, natural, read_sides
from rongdang.capture.reading.understand import understand
from rongdang.demo.cleaning import measure_cleaning
from rongdang.demo.paper.stack import DrawnPage, draw_stack
from rongdang.demo.reporting import Report
from rongdang.demo.scoring import Counts, score_boundaries, score_marks, score_material

PICTURES = {".jpg", ".jpeg", ".png", ".tif", ".tiff"}
# What decides how a page is drawn and read: when any of it changes, all pages are read again.
READ_BY = (
    "base/textlayer.py",
    "base/typefaces.py",
    "capture/imaging",
    "capture/ocr",
    "capture/batches/page_reading.py",
    "capture/reading/secrets.py",
    "capture/reading/stacks.py",
    "demo/paper",
)


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work for a process: a stack to draw and read, or to clean only, or a real scan."""

    name: str
    seed: int = 0
    pages: int | None = None
    scan: Path | None = None
    engine: str = "rapid"
    notes: Path = Path()
    cleaning: bool = False


def evaluate_all(
    *,
    scans: Path | None,
    stacks: int,
    seed: int,
    progress: Callable[[str], None] = lambda _text: None,
    jobs: int = 2,
    pages: int | None = None,
    engine: str = "rapid",
) -> Report:
    """Read `stacks` stacks from `seed` on and every scan with a transcription, in `jobs` processes;
    of every second seed some more pages are drawn and only cleaned.

    Every page read is noted at once under RONGDANG_VAR/evaluation: a run that was stopped goes on
    from there, and when only rules of meaning changed no page is read again. DomainError when
    `scans` holds nothing to measure.
    """
    notes = _notes(engine)
    tasks = [
        Task(f"stack-{number}-{pages or 0}", number, pages, None, engine, notes)
        for number in range(seed, seed + stacks)
    ]
    tasks += [
        Task(f"cleaning-{number}-{pages or 0}", number, pages, cleaning=True)
        for number in range(seed, seed + stacks, 2)
    ]
    tasks += [Task(f"scan-{p.name}", 0, None, p, engine, notes) for p in _transcribed(scans)]
    counts, per_scan, identities, angles = Counts(), {}, set(), list[float]()
    for done, (task, result) in enumerate(_measured(tasks, jobs), start=1):
        progress(f"{done}/{len(tasks)} {task.name}")
        counts.merge(result["counts"])
        identities |= set(result["engines"])
        angles += result["angles"]
        if task.scan:
            per_scan[task.scan.name] = result["error"]
    engines = ", ".join(sorted(identities))
    each = dict(sorted(per_scan.items()))
    return Report(counts, each, seed, stacks, engines, version("rongdang"), tuple(angles))


def _transcribed(scans: Path | None) -> list[Path]:
    if scans is None:
        return []
    listed = sorted(scans.iterdir(), key=lambda path: natural(path.name)) if scans.is_dir() else []
    found = [p for p in listed if p.suffix.lower() in PICTURES and p.with_suffix(".txt").exists()]
    if not found:
        raise DomainError(
            f"“{scans.name}”里没有带同名 .txt 的图像，没有可测的。",
            f"“{scans.name}” holds no image with a .txt of the same name; nothing to measure.",
            hint_zh="每张图像旁放一个同名的 .txt，内容是图上的文字。",
            hint_en="Beside each image put a .txt of the same name with the words on it.",
            code="no-transcriptions",
        )
    return found


def _notes(engine: str) -> Path:
    """The folder of what exactly this code and this engine read."""
    root = Path(rongdang.__file__).parent
    digest = hashlib.sha256(engine.encode())
    for part in READ_BY:
        place = root / part
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.suffix in {".py", ".json"} and "tests" not in path.parts:
                digest.update(path.read_bytes())
    var = Path(os.environ.get("RONGDANG_VAR", Path.cwd() / "var"))
    folder = var / "evaluation" / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _measured(tasks: list[Task], jobs: int) -> Iterator[tuple[Task, dict[str, Any]]]:
    """Each task with its result, in the order they are done."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, jobs), mp_context=context) as pool:
        running = {pool.submit(measure, task): task for task in tasks}
        try:
            for future in as_completed(running):
                yield running[future], future.result()
        finally:  # stopped half-way: what has not begun does not begin
            pool.shutdown(wait=False, cancel_futures=True)


def measure(task: Task) -> dict[str, Any]:
    """In a process of its own: the counts of one stack or one scan."""
    if task.cleaning:
        return {"engines": [], **measure_cleaning(task.seed, task.pages)}
    return {"angles": [], **(_measure_scan(task) if task.scan else _measure_stack(task))}


def _measure_stack(task: Task) -> dict[str, Any]:
    counts = Counts()
    drawn = draw_stack(task.seed, split="test", pages=task.pages)
    sides: list[Side] = []
    page_of: list[int] = []
    for number, page in enumerate(drawn.pages):
        found = _read(task, f"{number:03d}", page.jpeg)
        _score_page(counts, page, found)
        sides += found
        page_of += [number] * len(found)
    stack = understand([side.layer for side in sides])
    begins = {page_of[material.pages[0]]: material for material in stack.materials}
    score_boundaries(counts, begins, (material.pages[0] for material in drawn.materials))
    for truth in drawn.materials:
        values = {
            name: (one.value, one.confidence)
            for material in stack.materials
            for name, one in material.fields.items()
            if page_of[one.page] in truth.pages
        }
        score_material(counts, begins.get(truth.pages[0]), truth, values)
        read = [s.layer for s, page in zip(sides, page_of, strict=True) if page in truth.pages]
        score_marks(counts, [mark for layer in read if layer for mark in layer.marks], truth.marks)
    counts.add("pages", right=len(drawn.pages), total=len(drawn.pages))
    counts.add("materials", right=len(drawn.materials), total=len(drawn.materials))
    return {"counts": counts.to_dict(), "engines": _engines(sides)}


def _measure_scan(task: Task) -> dict[str, Any]:
    assert task.scan
    counts = Counts()
    sides = _read(task, "0", task.scan.read_bytes())
    wrong, length = mistakes(_text(sides), task.scan.with_suffix(".txt").read_text("utf-8"))
    counts.add("scan", "characters", right=length - min(wrong, length), total=length)
    error = round(wrong / length, 5) if length else 0.0
    return {"counts": counts.to_dict(), "error": error, "engines": _engines(sides)}


def _read(task: Task, name: str, data: bytes) -> list[Side]:
    """The sides of one page, from the notes or read now."""
    note = task.notes / f"{task.name}-{name}.json"
    if note.exists():
        rows = json.loads(note.read_text("utf-8"))
        return [_side(*row) for row in rows]
    sides = read_sides(name, data, 0, task.engine)
    rows = [
        [s.file, s.layer and s.layer.to_json(), s.rotation, s.blank, s.error, s.secret]
        for s in sides
    ]
    part = note.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    part.replace(note)
    return [_side(*row) for row in rows]  # as noted: the first run and the next see the same


def _side(file: str, layer: str | None, *rest: Any) -> Side:
    return Side(file, TextLayer.from_json(layer) if layer else None, *rest)


def _engines(sides: list[Side]) -> list[str]:
    return sorted({side.layer.engine for side in sides if side.layer})


def _text(sides: list[Side]) -> str:
    return "\n".join(side.layer.text for side in sides if side.layer)


def _score_page(counts: Counts, page: DrawnPage, found: list[Side]) -> None:
    """Text, direction and blankness of one page; a page cut in two by mistake is a wrong direction."""
    counts.add("blank", "yes" if page.blank else "no", right=found[0].blank == page.blank)
    if page.blank:
        return
    counts.add("rotation", right=len(found) == 1 and found[0].rotation == page.rotation)
    wrong, length = mistakes(_text(found), "\n".join(page.text))
    counts.add("ocr", "characters", right=length - min(wrong, length), total=length)
