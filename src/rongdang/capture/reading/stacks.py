"""A folder of stacks → JSON: imaging to meaning without database or server (`rongdang read`)."""

from __future__ import annotations

import multiprocessing
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rongdang.base.errors import DomainError
from rongdang.base.textlayer import TextLayer
from rongdang.capture.batches.page_reading import PageReading, read_page
from rongdang.capture.ocr.ports import shared_engine
from rongdang.capture.opening.reader import read_pages
from rongdang.capture.opening.values import PageFound, Trouble
from rongdang.capture.reading.secrets import secret_marks
from rongdang.capture.reading.understand import understand
from rongdang.capture.reading.values import FieldReading, Material

LEFT_OUT = re.compile(r"\.(txt|json|md|xml|csv|log|ini|db)$", re.IGNORECASE)
AHEAD = 3  # pages in flight a worker: enough to keep it busy, few enough for memory


@dataclass(frozen=True, slots=True)
class Side:
    """One page as handed to understanding: what was read, or why nothing was."""

    file: str
    layer: TextLayer | None
    rotation: int = 0
    blank: bool = False
    error: str = ""
    secret: str = ""


def read_folder(
    folder: Path,
    *,
    jobs: int = 1,
    progress: Callable[[str], None] = lambda _text: None,
    engine: str = "rapid",
    scheme: str = "2018",
) -> dict[str, Any]:
    """{"stacks": {name: {"pages": [...], "materials": [...]}}} of all stacks in a folder.

    Each sub-folder is a stack, loose files are one together. A file that cannot be read is a page
    with "error", never left out. Raises DomainError when the folder is not there or holds nothing.
    """
    stacks = find_stacks(folder)
    read: dict[str, list[Side]] = {name: [] for name in stacks}
    done, files = 0, sum(len(listed) for listed in stacks.values())
    with _pool(jobs) as pool:
        for name, sides, last in _in_order(pool, stacks, engine, jobs * AHEAD):
            read[name].extend(sides)
            done += last
            progress(f"{name}: {len(read[name])} 页 / pages; {done}/{files} 文件 / files")
    return {"stacks": {name: describe(sides, scheme=scheme) for name, sides in read.items()}}


def find_stacks(folder: Path) -> dict[str, list[Path]]:
    """Name → files in natural order (2 before 10)."""
    if not folder.is_dir():
        raise DomainError(
            f"没有“{folder.name}”这个文件夹，什么也没读。",
            f"There is no folder “{folder.name}”; nothing was read.",
            hint_zh="给一个装有扫描件的文件夹。",
            hint_en="Name a folder that holds scans.",
            code="no-folder",
        )
    found = {
        path.name: files
        for path in sorted(folder.iterdir(), key=lambda one: natural(one.name))
        if path.is_dir() and (files := _files(path.rglob("*"), path))
    }
    loose = _files(folder.iterdir(), folder)
    if loose:
        found[folder.resolve().name] = loose
    if not found:
        raise DomainError(
            "文件夹里没有可读的文件，什么也没读。",
            "The folder holds no file to read; nothing was read.",
            hint_zh="放入 JPEG、PNG、TIFF、PDF 或 zip，每份一个子文件夹。",
            hint_en="Put in JPEG, PNG, TIFF, PDF or zip, a sub-folder for each stack.",
            code="no-files",
        )
    return found


def _files(paths: Iterator[Path], base: Path) -> list[Path]:
    kept = [
        path
        for path in paths
        if path.is_file() and not path.name.startswith(".") and not LEFT_OUT.search(path.name)
    ]
    return sorted(kept, key=lambda path: natural(path.relative_to(base).as_posix()))


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts page2 before page10."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part.lower())
        for part in re.split(r"(\d+)", name)
        if part
    ]


def _pool(jobs: int) -> ProcessPoolExecutor:
    """Workers of one thread each, started clean."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return ProcessPoolExecutor(
        max(1, jobs), mp_context=multiprocessing.get_context("spawn"), initializer=_one_thread
    )


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)


def _in_order(
    pool: ProcessPoolExecutor, stacks: Mapping[str, list[Path]], engine: str, ahead: int
) -> Iterator[tuple[str, list[Side], int]]:
    """(stack, sides of one page, 1 with the last page of a file), in the order of the files."""
    waiting: deque[tuple[str, Future[list[Side]], int]] = deque()
    for name, files in stacks.items():
        for path in files:
            for future, last in _submit(pool, path, engine):
                waiting.append((name, future, last))
                while len(waiting) > ahead:
                    yield _next(waiting)
    while waiting:
        yield _next(waiting)


def _next(waiting: deque[tuple[str, Future[list[Side]], int]]) -> tuple[str, list[Side], int]:
    name, future, last = waiting.popleft()
    return name, future.result(), last


def _submit(
    pool: ProcessPoolExecutor, path: Path, engine: str
) -> Iterator[tuple[Future[list[Side]], int]]:
    """One future a page of the file; what cannot be read is a finished future with its error."""
    with path.open("rb") as file:
        for message in read_pages(file, path.name):
            if isinstance(message, PageFound):
                page = path.read_bytes() if message.whole else message.data
                yield pool.submit(read_sides, path.name, page, message.dpi, engine), 0
            elif isinstance(message, Trouble) and message.lost:
                yield _settled(Side(path.name, None, error=f"{message.zh} / {message.en}")), 0
    yield _settled(None), 1


def _settled(side: Side | None) -> Future[list[Side]]:
    future: Future[list[Side]] = Future()
    future.set_result([side] if side else [])
    return future


def read_sides(file: str, data: bytes, dpi: int, engine: str) -> list[Side]:
    """In a worker: one page image, its one or two sides."""
    try:
        return [
            side_of(file, reading) for reading in read_page(data, shared_engine(engine), dpi=dpi)
        ]
    except DomainError as error:
        return [Side(file, None, error=f"{error.message()} / {error.message('en')}")]


def side_of(file: str, reading: PageReading) -> Side:
    """What is handed on of one side: nothing of a page that bears a mark of secrets."""
    hit = None if reading.blank else secret_marks(reading.layer)
    if hit:
        return Side(file, None, reading.rotation, secret=f"{hit.zh} / {hit.en}")
    return Side(file, None if reading.blank else reading.layer, reading.rotation, reading.blank)


def describe(sides: list[Side], *, scheme: str = "2018") -> dict[str, Any]:
    """One stack as JSON: its pages, and what was understood of them."""
    stack = understand([side.layer for side in sides], scheme=scheme)
    whose = list(stack.persons)
    for material in stack.materials:
        for page in material.pages:
            whose[page] = whose[page] or material.person
    return {
        "pages": [_page(side, person) for side, person in zip(sides, whose, strict=True)],
        "materials": [_material(material) for material in stack.materials],
    }


def _page(side: Side, person: str | None) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "file": side.file,
        "text": side.layer.text if side.layer else "",
        "rotation": side.rotation,
        "blank": side.blank,
        "person": person,
    }
    if side.error:
        shown["error"] = side.error
    if side.secret:
        shown["secret"] = side.secret
    return shown


def _material(material: Material) -> dict[str, Any]:
    return {
        "pages": list(material.pages),
        "title": material.title,
        "category": material.category,
        "date": material.date,
        "person": material.person,
        "copy": material.copy,
        "fields": {name: _field(reading) for name, reading in material.fields.items()},
        "confidence": dict(material.confidence),
        "reasons": {part: {"zh": zh, "en": en} for part, (zh, en) in material.reasons.items()},
    }


def _field(reading: FieldReading) -> dict[str, Any]:
    return {
        "value": reading.value,
        "confidence": reading.confidence,
        "page": reading.page,
        "box": [round(side, 4) for side in reading.box] if reading.box else None,
        "original": reading.original,
        "reason": {"zh": reading.reason_zh, "en": reading.reason_en} if reading.reason_zh else None,
    }
