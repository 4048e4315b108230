"""Checks of an inventory by itself: keys, versions, paths, digests (OCFL 1.1, 3.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rongdang.keep.packages.ocfl.findings import Findings
from rongdang.keep.packages.ocfl.inventory import CONTENT, TYPE
from rongdang.keep.packages.ocfl.path_checks import check_conflicts, check_digests, check_path

VERSION = re.compile(r"v(0*)([1-9][0-9]*)")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


class _RepeatedError(ValueError):
    """A key stands twice in one JSON object."""


def parse(raw: bytes, where: str, found: Findings) -> dict[str, Any] | None:
    """The JSON object of an inventory; None, with the finding, when it is none."""
    try:
        body = json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        found.add("E033", where)
        return None
    if not isinstance(body, dict):
        found.add("E034", where)
        return None
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        raise _RepeatedError
    return whole


def content_directory(body: Mapping[str, Any]) -> str:
    """Name of the folder with content; the usual one where the inventory names none that is one."""
    name = body.get("contentDirectory", CONTENT)
    return name if isinstance(name, str) else CONTENT


def check_inventory(body: Mapping[str, Any], where: str, found: Findings) -> bool:
    """All that can be said without the files; True when the rest can be read from it."""
    _check_head_keys(body, where, found)
    manifest, versions = body.get("manifest"), body.get("versions")
    if not isinstance(manifest, dict):
        found.add("E041", f"{where}: manifest")
    if not isinstance(versions, dict):
        found.add("E044" if "versions" in body else "E041", f"{where}: versions")
    if not isinstance(manifest, dict) or not isinstance(versions, dict):
        return False
    sound = _check_paths(manifest, body, where, found)
    if not check_versions(list(versions), where, found):
        return False
    if "head" in body and body["head"] != newest(versions):
        found.add("E040", f"{where}: head")
    used: set[str] = set()
    for name, version in versions.items():
        sound &= _check_version(version, manifest, f"{where}: {name}", found)
        if isinstance(version, dict) and isinstance(version.get("state"), dict):
            used.update(version["state"])
    for digest in manifest:
        if digest not in used:
            found.add("E107", f"{where}: {digest[:16]}…")
    _check_fixity(body, where, found)
    return sound


def _check_head_keys(body: Mapping[str, Any], where: str, found: Findings) -> None:
    for key in ("id", "type", "digestAlgorithm", "head"):
        if key not in body:
            found.add("E036", f"{where}: {key}")
    identity = body.get("id", "urn:none")
    if not isinstance(identity, str) or not identity:
        found.add("E037", f"{where}: id")
    elif not _URI.fullmatch(identity):
        found.add("W005", f"{where}: id")
    if "type" in body and body["type"] not in (TYPE.format("1.0"), TYPE.format("1.1")):
        found.add("E038", f"{where}: type")
    algorithm = body.get("digestAlgorithm", "sha512")
    if algorithm == "sha256":
        found.add("W004", where)
    elif algorithm != "sha512":
        found.add("E025", f"{where}: digestAlgorithm")
    name = body.get("contentDirectory", CONTENT)
    if not isinstance(name, str) or "/" in name:
        found.add("E017", f"{where}: contentDirectory")
    elif name in (".", "..", ""):
        found.add("E018", f"{where}: contentDirectory")


def check_versions(names: list[str], where: str, found: Findings) -> bool:
    """Names v1, v2 … without a gap, padded all alike or not at all."""
    if not names:
        found.add("E008", where)
        return False
    matches = [VERSION.fullmatch(name) for name in names]
    good = [match for match in matches if match]
    if len(good) != len(names):
        found.add("E046", f"{where}: versions")
        return False
    padded = any(match[1] for match in good)
    if padded:
        found.add("W001", where)
        if any(not match[1] for match in good):
            found.add("E011", where)
        if len({len(match[0]) for match in good}) > 1 or any(not match[1] for match in good):
            found.add("E013", where)
    numbers = sorted(int(match[2]) for match in good)
    if numbers[0] != 1:
        found.add("E009", where)
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        found.add("E010", where)
    return True


def newest(names: Iterable[str]) -> str:
    """The name with the highest number."""
    numbered = {int(match[2]): name for name in names if (match := VERSION.fullmatch(name))}
    return numbered[max(numbered)] if numbered else ""


def _check_paths(
    manifest: Mapping[str, Any], body: Mapping[str, Any], where: str, found: Findings
) -> bool:
    """The manifest: digests once, content paths well formed, once, in their version's folder."""
    algorithm, folder = body.get("digestAlgorithm", "sha512"), content_directory(body)
    check_digests(manifest, str(algorithm), "E096", f"{where}: manifest", found)
    paths: list[str] = []
    for digest, listed in manifest.items():
        if not isinstance(listed, list) or not all(isinstance(path, str) for path in listed):
            found.add("E092", f"{where}: manifest {digest[:16]}…")
            return False
        paths += listed
    for path in paths:
        check_path(path, ("E099", "E100"), where, found)
        parts = path.split("/")
        if len(parts) < 3 or not VERSION.fullmatch(parts[0]) or parts[1] != folder:
            found.add("E042", f"{where}: {path}")
    check_conflicts(paths, "E101", where, found)
    return True


def _check_version(version: Any, manifest: Mapping[str, Any], where: str, found: Findings) -> bool:
    if not isinstance(version, dict):
        found.add("E048", where)
        return False
    if "created" not in version:
        found.add("E048", f"{where}: created")
    elif not is_time(version["created"]):
        found.add("E049", f"{where}: created")
    if "message" not in version:
        found.add("W007", f"{where}: message")
    elif not isinstance(version["message"], str):
        found.add("E094", f"{where}: message")
    _check_user(version, where, found)
    if "state" not in version:
        found.add("E048", f"{where}: state")
        return False
    return _check_state(version["state"], manifest, where, found)


def is_time(value: Any) -> bool:
    """RFC 3339 to the second, with its zone?"""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value[:19])
    except ValueError:
        return False
    return True


def _check_user(version: Mapping[str, Any], where: str, found: Findings) -> None:
    if "user" not in version:
        found.add("W007", f"{where}: user")
        return
    user = version["user"]
    if not isinstance(user, dict) or not isinstance(user.get("name"), str) or not user["name"]:
        found.add("E054", f"{where}: user")
    elif "address" not in user:
        found.add("W008", f"{where}: user")
    elif not isinstance(user["address"], str):
        found.add("E054", f"{where}: user")
    elif not _URI.fullmatch(user["address"]):
        found.add("W009", f"{where}: user")


def _check_state(state: Any, manifest: Mapping[str, Any], where: str, found: Findings) -> bool:
    if not isinstance(state, dict):
        found.add("E050", f"{where}: state")
        return False
    logical: list[str] = []
    for digest, paths in state.items():
        if digest not in manifest:
            found.add("E050", f"{where}: {digest[:16]}…")
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            found.add("E051", f"{where}: {digest[:16]}…")
            return False
        logical += paths
    for path in logical:
        check_path(path, ("E052", "E053"), where, found)
    check_conflicts(logical, "E095", where, found)
    return True


def _check_fixity(body: Mapping[str, Any], where: str, found: Findings) -> None:
    fixity = body.get("fixity", {})
    if not isinstance(fixity, dict):
        found.add("E111", f"{where}: fixity")
        return
    known = {
        path for paths in body["manifest"].values() if isinstance(paths, list) for path in paths
    }
    for algorithm, block in fixity.items():
        if not isinstance(block, dict):
            found.add("E057", f"{where}: fixity {algorithm}")
            continue
        check_digests(block, algorithm, "E097", f"{where}: fixity {algorithm}", found)
        for digest, paths in block.items():
            if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
                found.add("E057", f"{where}: fixity {digest[:16]}…")
                continue
            for path in paths:
                check_path(path, ("E099", "E100"), f"{where}: fixity", found)
                if path not in known:
                    found.add("E057", f"{where}: fixity {path}")
