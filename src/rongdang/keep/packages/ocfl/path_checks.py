"""Digests and paths as an inventory may write them (OCFL 1.1, 3.5.2 and 3.5.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rongdang.keep.packages.ocfl.findings import Findings

_SIZES = {
    "md5": 32,
    "sha1": 40,
    "sha256": 64,
    "sha512": 128,
    "sha512/256": 64,
    "blake2b-512": 128,
    "blake2b-160": 40,
    "blake2b-256": 64,
    "blake2b-384": 96,
}


def check_digests(
    block: Mapping[str, Any], algorithm: str, code: str, where: str, found: Findings
) -> None:
    folded = [digest.lower() for digest in block]
    if len(set(folded)) != len(folded):
        found.add(code, where)
    size = _SIZES.get(algorithm)
    for digest in folded:
        if size and not re.fullmatch(rf"[0-9a-f]{{{size}}}", digest):
            found.add("E026" if code == "E096" else "E057", f"{where} {digest[:16]}…")


def check_path(path: str, codes: tuple[str, str], where: str, found: Findings) -> None:
    """`codes`: for an element that is empty, . or ..; for a slash at an end."""
    if path.startswith("/") or path.endswith("/"):
        found.add(codes[1], f"{where}: {path}")
    if {"", ".", ".."} & set(path.strip("/").split("/")):
        found.add(codes[0], f"{where}: {path}")


def check_conflicts(paths: list[str], code: str, where: str, found: Findings) -> None:
    known = set(paths)
    if len(known) != len(paths):
        repeated = sorted(path for path in known if paths.count(path) > 1)
        found.add(code, f"{where}: {repeated[0]}")
    folders = {
        "/".join(parts[:depth])
        for parts in (path.split("/") for path in known)
        for depth in range(1, len(parts))
    }
    for path in sorted(known & folders):
        found.add(code, f"{where}: {path}")
