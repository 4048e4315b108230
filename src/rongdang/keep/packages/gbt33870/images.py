"""Names of page images: 类号-序号-页序.jpg, in any width and either kind of numeral."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from rongdang.base.errors import DomainError
from rongdang.base.vocab.categories import parse_code
from rongdang.keep.packages.gbt33870.catalogue import place_of
from rongdang.keep.packages.gbt33870.values import OPTIMISED, ORIGINAL, Catalogue, Problem

_NAME = re.compile(r"(.+?)\s*[-—–－]\s*0*(\d+)\s*[-—–－]\s*0*(\d+)\.jpe?g", re.IGNORECASE)
Key = tuple[str, int, int]


def image_name(category: str, sequence: int, page: int, *, width: int = 4) -> str:
    """The one form in which we write: Arabic class, page padded to `width`."""
    return f"{category}-{sequence}-{page:0{width}d}.jpg"


def key_of(name: str) -> Key | None:
    """(class, number, page) that an image name says; None when it is no such name."""
    match = _NAME.fullmatch(name.strip())
    if match is None:
        return None
    try:
        return parse_code(match[1]), int(match[2]), int(match[3])
    except DomainError:
        return None


def match_images(
    catalogue: Catalogue, present: Mapping[str, Sequence[str]]
) -> tuple[list[tuple[list[str], list[str]]], list[Problem]]:
    """For each entry the files that are its pages (originals, optimised); and what does not fit.

    `present`: paths of files in each of the two folders. Names that differ only in width, numeral
    or case are the same image. Missing, left over, named twice: all is told, an entry a reason.
    """
    left = {folder: _by_image(paths) for folder, paths in present.items()}
    known = {folder: set(found) for folder, found in left.items()}
    rows: list[tuple[list[str], list[str]]] = []
    wrong: dict[int, _Wrong] = defaultdict(_Wrong)
    for number, entry in enumerate(catalogue.entries):
        pair: tuple[list[str], list[str]] = ([], [])
        for found, folder, told in zip(
            pair, (ORIGINAL, OPTIMISED), (entry.originals, entry.optimised), strict=True
        ):
            for name in told:
                image = _fold(name)
                paths = left[folder].get(image)
                if paths:
                    found.append(paths.pop(0))
                elif image in known[folder]:
                    wrong[number].twice.append(f"{folder}/{name}")
                else:
                    wrong[number].gone.append(f"{folder}/{name}")
        rows.append(pair)
    owners = {(entry.category, entry.sequence): n for n, entry in enumerate(catalogue.entries)}
    for folder, images in left.items():
        for path in (path for paths in images.values() for path in paths):
            name = PurePosixPath(path).name
            key = key_of(name)
            wrong[owners.get(key[:2], -1) if key else -1].more.append(f"{folder}/{name}")
    return rows, _problems(catalogue, wrong)


@dataclass(slots=True)
class _Wrong:
    """What does not fit of one entry (or, under -1, of none)."""

    gone: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)

    def problem(self, place: str) -> Problem:
        zh, en = [], []
        for names, said_zh, said_en in (
            (self.gone, "目录写了而文件夹里没有", "listed but not there"),
            (self.twice, "目录里写了不止一次", "listed more than once"),
            (self.more, "文件夹里有而目录没有写", "there but not listed"),
        ):
            if names:
                zh.append(f"{said_zh}：{'、'.join(names)}")
                en.append(f"{said_en}: {', '.join(names)}")
        return Problem("images", place, "；".join(zh), "; ".join(en))


def _by_image(paths: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(_fold(path), []).append(path)
    return found


def _fold(path: str) -> str:
    """The image a name stands for; folders before it do not count."""
    name = PurePosixPath(path.replace("\\", "/")).name.strip()
    key = key_of(name)
    return f"{key[0]}|{key[1]}|{key[2]}" if key else name.lower()


def _problems(catalogue: Catalogue, wrong: Mapping[int, _Wrong]) -> list[Problem]:
    problems = [
        wrong[number].problem(place_of(number + 1, entry))
        for number, entry in enumerate(catalogue.entries)
        if number in wrong
    ]
    return problems + ([wrong[-1].problem("图像文件夹")] if -1 in wrong else [])
