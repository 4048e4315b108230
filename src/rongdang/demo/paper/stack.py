"""A stack as it comes from the scanner, with the exact truth of every page and material."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random

import numpy as np

from rongdang.demo.paper.ageing import Condition, scan
from rongdang.demo.paper.catalogue import Kind, day_for, kinds
from rongdang.demo.paper.lives import Life, invent
from rongdang.demo.paper.materials import DrawnMaterial, TrueMaterial, draw_material
from rongdang.demo.paper.sheet import Sheet
from rongdang.demo.paper.styles import Split

# Lives of the two splits come from ranges that do not meet; the loader uses seeds below both.
FIRST_LIFE: dict[Split, int] = {"train": 1_000_000, "test": 2_000_000}
STRANGERS = 3_000_000


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One image. `text`: its lines as a reader sees them; `rotation`: clockwise turn that sets it upright."""

    jpeg: bytes
    text: list[str]
    rotation: int
    blank: bool
    person: str


@dataclass(frozen=True, slots=True)
class DrawnStack:
    """All pages in order and the materials they make up."""

    seed: int
    split: Split
    life: Life
    pages: list[DrawnPage]
    materials: list[TrueMaterial]

    def truth(self) -> dict[str, object]:
        """The truth in the shape `rongdang read --json` has."""
        return {
            "seed": self.seed,
            "split": self.split,
            "person": self.life.name,
            "pages": [
                {
                    "file": name,
                    "text": "\n".join(page.text),
                    "rotation": page.rotation,
                    "blank": page.blank,
                    "person": page.person,
                }
                for name, page in zip(self.names(), self.pages, strict=True)
            ],
            "materials": [asdict(material) for material in self.materials],
        }

    def names(self) -> list[str]:
        return [f"{number:03d}.jpg" for number in range(1, len(self.pages) + 1)]

    def write(self, folder: Path) -> None:
        """Images and `truth.json` into a folder that is made when it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, page in zip(self.names(), self.pages, strict=True):
            (folder / name).write_bytes(page.jpeg)
        body = json.dumps(self.truth(), ensure_ascii=False, indent=1)
        (folder / "truth.json").write_text(body, "utf-8")


def draw_stack(
    seed: int, *, split: Split, life: Life | None = None, pages: int | None = None
) -> DrawnStack:
    """The stack of that seed: always the same. Without `pages`, ten to twenty of them."""
    chance = Random(f"stack:{split}:{seed}")  # noqa: S311  # the same seed, the same stack
    owner = life or invent(FIRST_LIFE[split] + seed)
    drawn = draw_materials(owner, split, pages or chance.randrange(10, 21), chance)
    dice = np.random.default_rng(chance.randrange(2**63))
    scanned, materials = _scan_all(drawn, chance, dice)
    return DrawnStack(seed, split, owner, scanned, materials)


def draw_materials(owner: Life, split: Split, pages: int, chance: Random) -> list[DrawnMaterial]:
    """Papers of this life, until they have so many sheets; nothing is scanned yet."""
    drawn: list[DrawnMaterial] = []
    for kind, person, day in _plan(owner, chance):
        drawn.append(draw_material(kind, person, day, split, chance))
        if sum(len(material.sheets) for material in drawn) >= pages:
            break
    return drawn


def _plan(owner: Life, chance: Random) -> Iterator[tuple[Kind, Life, str]]:
    """Papers of the owner, each kind once and then again, now and then one of somebody else."""
    while True:
        order = list(kinds())
        chance.shuffle(order)
        for kind in order:
            person = (
                invent(STRANGERS + chance.randrange(10_000)) if chance.random() < 0.04 else owner
            )
            day = day_for(kind, person, chance)
            if day:
                yield kind, person, day


def _scan_all(
    drawn: list[DrawnMaterial], chance: Random, dice: np.random.Generator
) -> tuple[list[DrawnPage], list[TrueMaterial]]:
    pages: list[DrawnPage] = []
    materials: list[TrueMaterial] = []
    for material in drawn:
        numbers = []
        for at, sheet in enumerate(material.sheets):
            following = material.sheets[(at + 1) % len(material.sheets)]
            numbers.append(len(pages))
            pages.append(_page(sheet, following, material, chance, dice))
            if chance.random() < 0.08:
                numbers.append(len(pages))
                pages.append(_blank_back(sheet, material, chance, dice))
        materials.append(replace(material.truth, pages=numbers))
    return pages, materials


def _page(
    sheet: Sheet, behind: Sheet, material: DrawnMaterial, chance: Random, dice: np.random.Generator
) -> DrawnPage:
    condition = laid(material, chance)
    jpeg = scan(sheet, behind, condition, dice)
    text = [line for line in sheet.lines if line]
    return DrawnPage(jpeg, text, condition.upright, blank=False, person=material.truth.person)


def laid(material: DrawnMaterial, chance: Random) -> Condition:
    """How one sheet of the material lies on the glass: each a little otherwise."""
    return replace(
        material.style.condition,
        skew=max(-3.0, min(3.0, chance.gauss(0, 0.8))),
        turned=chance.choices((0, 1, 2, 3), (94, 2, 2, 2))[0],
    )


def _blank_back(
    sheet: Sheet, material: DrawnMaterial, chance: Random, dice: np.random.Generator
) -> DrawnPage:
    """The back of a sheet: nothing but what shines through."""
    empty = Sheet(sheet.width, sheet.height, sheet.dpi, chance)
    condition = replace(material.style.condition, show_through=chance.uniform(0.0, 0.12), turned=0)
    jpeg = scan(empty, sheet, condition, dice)
    return DrawnPage(jpeg, [], 0, blank=True, person=material.truth.person)
