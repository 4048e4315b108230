"""Names of page images: 类号-序号-页序.jpg, in any width and either kind of numeral."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rongdang.base.errors import DomainError
from rongdang.base.vocab.categories import parse_code
from rongdang.keep.packages.gbt33870.catalogue import place_of
from rongdang.keep.packages.gbt33870.values import (
    OPTIMISED,
    ORIGINAL,
    Catalogue,
    Entry,
    Problem,
)

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

    `present`: names of files in each of the two folders. Names that differ only in width, numeral
    or case are the same image. What is missing and what is left over is named, an entry a reason.
    """
    left = {folder: {_fold(name): name for name in names} for folder, names in present.items()}
    rows: list[tuple[list[str], list[str]]] = []
    missing: dict[int, list[str]] = {}
    for number, entry in enumerate(catalogue.entries):
        pair: list[list[str]] = []
        for folder, told in ((ORIGINAL, entry.originals), (OPTIMISED, entry.optimised)):
            found = []
            for name in told:
                actual = left.get(folder, {}).pop(_fold(name), None)
                if actual is None:
                    missing.setdefault(number, []).append(f"{folder}/{name}")
                else:
                    found.append(actual)
            pair.append(found)
        rows.append((pair[0], pair[1]))
    extra = _extra_by_entry(catalogue, left)
    return rows, _problems(catalogue, missing, extra)


def _fold(name: str) -> str:
    key = key_of(name)
    return f"{key[0]}|{key[1]}|{key[2]}" if key else name.strip().lower()


def _extra_by_entry(
    catalogue: Catalogue, left: dict[str, dict[str, str]]
) -> dict[int | None, list[str]]:
    """Files that no entry names, under the entry they would belong to."""
    owners = {(entry.category, entry.sequence): n for n, entry in enumerate(catalogue.entries)}
    extra: dict[int | None, list[str]] = {}
    for folder, names in left.items():
        for name in names.values():
            key = key_of(name)
            owner = owners.get(key[:2]) if key else None
            extra.setdefault(owner, []).append(f"{folder}/{name}")
    return extra


def _problems(
    catalogue: Catalogue, missing: dict[int, list[str]], extra: dict[int | None, list[str]]
) -> list[Problem]:
    problems = []
    for number, entry in enumerate(catalogue.entries):
        gone, more = missing.get(number, []), extra.get(number, [])
        if gone or more:
            problems.append(_problem(place_of(number + 1, entry), gone, more))
    if extra.get(None):
        problems.append(_problem("图像文件夹", [], extra[None]))
    return problems


def _problem(place: str, gone: list[str], more: list[str]) -> Problem:
    zh, en = [], []
    if gone:
        zh.append(f"目录写了而文件夹里没有：{'、'.join(gone)}")
        en.append(f"listed but not there: {', '.join(gone)}")
    if more:
        zh.append(f"文件夹里有而目录没有写：{'、'.join(more)}")
        en.append(f"there but not listed: {', '.join(more)}")
    return Problem("images", place, "；".join(zh), "; ".join(en))


def names_for(entry: Entry, *, width: int = 4) -> tuple[str, ...]:
    """Image names of an entry of ours."""
    return tuple(
        image_name(entry.category, entry.sequence, page, width=width)
        for page in range(1, entry.page_count + 1)
    )
