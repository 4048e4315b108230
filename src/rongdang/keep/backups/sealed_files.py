"""The files of the sealed store, and what their objects' own inventories say of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from rongdang.base.durable import write_durably
from rongdang.keep.backups.copying import ROOT_FILES
from rongdang.keep.backups.mending import put_aside

PATIENCE = 0.5  # seconds: a sealing replaces the root inventory a moment after it moved its version
INVENTORY, SIDECAR = ROOT_FILES


def expected() -> set[str]:
    """Names of all files that the inventories speak of: one that is gone is among them."""
    root: Path = settings.SEALED_ROOT
    names = set[str]()
    for folder in root.glob("*/*/*/*/"):
        newest = _newest(folder)
        if newest is None or folder.relative_to(root).parts[0] == "extensions":
            continue
        versions = [folder / f"v{n}" for n in range(1, int(newest.name[1:]) + 1)]
        files = [place / name for place in (folder, *versions) for name in ROOT_FILES]
        with contextlib.suppress(OSError, ValueError, IndexError, KeyError):  # told as damaged
            files += [folder / path for path in _manifest(folder)]
        names.update(f"sealed/{path.relative_to(root).as_posix()}" for path in files)
    return names


def is_root_file(name: str) -> bool:
    """Root inventory or its sidecar: the only files that are ever replaced."""
    parts = name.split("/")
    return parts[-1] in ROOT_FILES and not parts[-2].startswith("v")


def root_file_whole(path: Path) -> bool:
    """Byte for byte that of the newest version."""
    if _as_newest(path):
        return True
    time.sleep(PATIENCE)
    return _as_newest(path)


def _as_newest(path: Path) -> bool:
    newest = _newest(path.parent)
    try:
        return newest is not None and path.read_bytes() == (newest / path.name).read_bytes()
    except OSError:
        return False


def renew_root_file(path: Path) -> bool:
    """From the newest version, when that one's inventory and sidecar agree."""
    newest = _newest(path.parent)
    if newest is None or not said_whole(newest / INVENTORY, newest / INVENTORY):
        return False
    put_aside(path, f"sealed/{path.relative_to(settings.SEALED_ROOT).as_posix()}")
    write_durably(path, (newest / path.name).read_bytes())
    return True


def said_whole(path: Path, candidate: Path) -> bool | None:
    """Is `candidate` what the object's inventory wants at `path`? None: no inventory names it."""
    folder = _object(path)
    try:
        if folder is None or path.parent == folder:
            return path.name.startswith(("0=ocfl", "ocfl_layout", "config.json")) or None
        if path.parent.parent == folder and path.name in ROOT_FILES:
            side = candidate if path.name == SIDECAR else path.with_name(SIDECAR)
            raw = candidate if path.name == INVENTORY else path.with_name(INVENTORY)
            return side.read_text().split()[0] == _sha512(raw)
        wanted = _manifest(folder).get(path.relative_to(folder).as_posix())
        return None if wanted is None else _sha512(candidate) == wanted
    except (OSError, ValueError, IndexError, KeyError):
        return False


def _object(path: Path) -> Path | None:
    """The OCFL object a file belongs to; None for the files of the storage root itself."""
    root: Path = settings.SEALED_ROOT
    parts = path.relative_to(root).parts
    return root.joinpath(*parts[:4]) if len(parts) > 4 and parts[0] != "extensions" else None


def _manifest(folder: Path) -> dict[str, str]:
    """Content path → SHA-512, from the newest inventory that is whole."""
    newest = _newest(folder)
    for place in (folder, newest):
        if place is None or not (place / INVENTORY).exists():
            continue
        raw = (place / INVENTORY).read_bytes()
        if hashlib.sha512(raw).hexdigest() != (place / SIDECAR).read_text().split()[0]:
            continue
        body: dict[str, Any] = json.loads(raw)
        return {path: digest for digest, paths in body["manifest"].items() for path in paths}
    raise ValueError("no whole inventory")


def _newest(folder: Path) -> Path | None:
    numbers = [int(p.name[1:]) for p in folder.glob("v*") if p.name[1:].isdecimal()]
    return folder / f"v{max(numbers)}" if numbers else None


def _sha512(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()
