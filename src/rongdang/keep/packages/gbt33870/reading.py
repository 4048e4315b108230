"""Reading a delivery: find the person's folder, his catalogue, his images; name all that is wrong."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from rongdang.base.cipher.suites import AES
from rongdang.base.vocab.ids import parse_id
from rongdang.keep.packages import jpeg
from rongdang.keep.packages.gbt33870.catalogue import place_of, read_catalogue
from rongdang.keep.packages.gbt33870.images import match_images
from rongdang.keep.packages.gbt33870.sources import Source, open_source
from rongdang.keep.packages.gbt33870.values import (
    OPTIMISED,
    ORIGINAL,
    Catalogue,
    DeliveryError,
    Problem,
)
from rongdang.keep.packages.gbt33870.writing import SUPPLEMENT

_LITTER = re.compile(
    r"(?:^|/)(?:Thumbs\.db|\.DS_Store|desktop\.ini|__MACOSX/.*|\._[^/]*)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One person's file as delivered; for each entry the paths of its images, page by page."""

    catalogue: Catalogue
    images: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # (originals, optimised)
    source: Source
    digest: str  # SHA-256 of the catalogue as it came: the same delivery again has the same
    supplement: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()

    def read(self, path: str) -> bytes:
        return self.source.read(path)


@contextmanager
def open_delivery(path: Path, password: str = "", *, suite: int = AES.number) -> Iterator[Delivery]:
    """The one delivery at `path`; raises DeliveryError with every reason when it is not sound.

    `suite` is the cipher of what waits on the disk meanwhile.
    """
    with open_source(path, password, suite=suite) as source:
        yield read_delivery(source)


def read_delivery(source: Source) -> Delivery:
    """Catalogue and images compared with each other; nothing missing, nothing left over."""
    names = [name for name in source.names() if not _LITTER.search(name)]
    xml = _catalogue_file(names)
    home = PurePosixPath(xml).parent
    raw = source.read(xml)
    catalogue, problems = read_catalogue(raw)
    folders, others = _folders(names, home, xml)
    rows, unfit = match_images(catalogue, folders)
    images = tuple((tuple(originals), tuple(optimised)) for originals, optimised in rows)
    problems += unfit
    problems += _stranger(catalogue, home)
    problems += _damaged(source, catalogue, images)
    if problems:
        raise DeliveryError(problems)
    supplement, extra = _supplement(source, others)
    warnings = tuple(_warnings(catalogue, home, extra))
    digest = hashlib.sha256(raw).hexdigest()
    return Delivery(catalogue, images, source, digest, supplement, warnings)


def _catalogue_file(names: list[str]) -> str:
    """The one XML beside the image folders, however many folders stand above it."""
    found = [name for name in names if name.lower().endswith(".xml")]
    if len(found) == 1:
        return found[0]
    if not found:
        raise DeliveryError(
            [Problem("no-catalogue", "文件夹", "里面没有目录 XML", "it holds no catalogue (XML)")]
        )
    shown = "、".join(PurePosixPath(name).stem for name in found[:5])
    raise DeliveryError(
        [
            Problem(
                "several",
                "文件夹",
                f"里面有 {len(found)} 份目录（{shown}……），一次只收一个人的",
                f"it holds {len(found)} catalogues ({shown} …); one person at a time",
            )
        ]
    )


def _folders(
    names: list[str], home: PurePosixPath, xml: str
) -> tuple[dict[str, list[str]], list[str]]:
    """Image files by folder (directly beside the XML, or nested under 图像数据/), and the rest."""
    folders: dict[str, list[str]] = defaultdict(list)
    folders[ORIGINAL], folders[OPTIMISED] = [], []
    others = []
    for name in names:
        path = PurePosixPath(name)
        kind = path.parent.name
        if kind in (ORIGINAL, OPTIMISED) and path.is_relative_to(home):
            folders[kind].append(name)
        elif name != xml:
            others.append(name)
    return folders, others


def _damaged(
    source: Source,
    catalogue: Catalogue,
    images: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...],
) -> list[Problem]:
    """Images that are empty, cut off, or no JPEG."""
    problems = []
    for number, (entry, pair) in enumerate(zip(catalogue.entries, images, strict=True), 1):
        bad = [path for paths in pair for path in paths if not jpeg.is_whole(source.read(path))]
        if bad:
            names = [str(PurePosixPath(*PurePosixPath(path).parts[-2:])) for path in bad]
            problems.append(
                Problem(
                    "damaged",
                    place_of(number, entry),
                    f"图像不完整或不是 JPEG：{'、'.join(names)}",
                    f"images cut off or no JPEG: {', '.join(names)}",
                )
            )
    return problems


def _supplement(source: Source, others: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Our own addition (text and facts), when there is one; and files that nobody knows."""
    supplement: dict[str, Any] = {}
    extra = []
    for name in others:
        if PurePosixPath(name).name == SUPPLEMENT and not supplement:
            try:
                body = json.loads(source.read(name))
                supplement = body if isinstance(body, dict) else {}
            except ValueError:
                extra.append(name)
        else:
            extra.append(name)
    return supplement, extra


def _stranger(catalogue: Catalogue, home: PurePosixPath) -> list[Problem]:
    """A folder named after one person with the catalogue of another: nobody may guess whose it is."""
    told = re.search(r"(?<![0-9])([0-9]{17}[0-9Xx]|[0-9]{15})$", home.name)
    number = parse_id(catalogue.person.id_number)
    named = parse_id(told[1]) if told else None
    if named is None or number is None or named.value == number.value:
        return []
    return [
        Problem(
            "identity",
            home.name,
            "文件夹名里的身份号码与目录里的不同，不知道是谁的",
            "the ID number in the folder's name is not that of the catalogue: whose file is it?",
        )
    ]


def _warnings(catalogue: Catalogue, home: PurePosixPath, extra: list[str]) -> Iterator[Problem]:
    person = catalogue.person
    number = parse_id(person.id_number) if person.id_number else None
    if not person.id_number:
        yield Problem("id", "人员基本信息", "没有写公民身份号码", "no ID number")
    elif number is None or not number.valid:
        yield Problem("id", "人员基本信息", "公民身份号码校验不对", "the ID number fails its check")
    elif person.birth and number.birth and not number.birth.startswith(person.birth):
        yield Problem(
            "birth", "人员基本信息", "出生日期与身份号码不一致", "birth differs from the ID number"
        )
    if home.name and person.name and person.name not in home.name:
        yield Problem(
            "folder",
            home.name,
            "文件夹名不是这个人的姓名",
            "the folder is not named after the person",
        )
    for name in extra:
        yield Problem("extra", name, "不认识的文件，没有收", "an unknown file, not taken in")
