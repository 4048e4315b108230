"""The storage root itself: declaration, layout, and nothing beside objects (OCFL 1.1, 4)."""

from __future__ import annotations

import json
import re
from pathlib import Path

from rongdang.keep.packages.ocfl.findings import Finding, Findings

ROOT_FILES = re.compile(
    r"0=ocfl_1\.[01]|ocfl_layout\.json|ocfl_1\.[01]\.(?:txt|html|md)|ocfl_extensions_1\.[01]\.md"
)


def validate_root(folder: Path) -> list[Finding]:
    """The storage root itself: declaration, layout, and nothing beside objects. Not the objects."""
    found = Findings()
    declaration = folder / "0=ocfl_1.1"
    if not declaration.is_file() or declaration.read_bytes() != b"ocfl_1.1\n":
        found.add("E069", declaration.name)
    try:
        layout = json.loads((folder / "ocfl_layout.json").read_bytes())
        told = [layout[key] for key in ("extension", "description")]
    except FileNotFoundError:
        told = [""]
    except (ValueError, KeyError, TypeError):
        told = [None]
    if not all(isinstance(one, str) for one in told):
        found.add("E070", "ocfl_layout.json")
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != "extensions":
            _hierarchy(path, folder, found)
        elif path.is_file() and not ROOT_FILES.fullmatch(path.name):
            found.add("E072", path.name)
    return found.all()


def _hierarchy(folder: Path, root: Path, found: Findings) -> None:
    entries = sorted(folder.iterdir())
    if any(path.name.startswith("0=ocfl_object") for path in entries):
        return
    if not entries:
        found.add("E073", folder.relative_to(root).as_posix())
    for path in entries:
        if path.is_dir():
            _hierarchy(path, root, found)
        else:
            found.add("E072", path.relative_to(root).as_posix())
