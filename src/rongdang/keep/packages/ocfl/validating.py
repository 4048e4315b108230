"""A validator of OCFL objects; every finding bears the code of the specification."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rongdang.keep.packages.ocfl.findings import Finding, Findings
from rongdang.keep.packages.ocfl.inventory import ALGORITHMS, FILE, TYPE
from rongdang.keep.packages.ocfl.inventory_checks import (
    VERSION,
    check_inventory,
    check_versions,
    content_directory,
    newest,
    parse,
)

DECLARATION = re.compile(r"0=ocfl_object_(1\.[01])")
REGISTERED = re.compile(r"00(?:0[1-9]|1[01])-[a-z0-9-]+")


def validate_object(folder: Path, *, digests: bool = True) -> list[Finding]:
    """What is wrong with the object in `folder`; its content is re-read when `digests`."""
    return _Object(folder, digests=digests).findings()


class _Object:
    """One pass over an object: declaration, root inventory, versions, content."""

    def __init__(self, folder: Path, *, digests: bool) -> None:
        self.folder, self.digests = folder, digests
        self.found = Findings()
        self.body: dict[str, Any] = {}
        self.sound = False
        self._declared = ""  # version of the specification, as the declaration says
        self._sums: dict[tuple[str, str], str] = {}

    def findings(self) -> list[Finding]:
        self._declaration()
        body = self._inventory(self.folder, "")
        if body is None:
            return self.found.all()
        self.body = body
        if self._declared and str(body.get("type", "")) != TYPE.format(self._declared):
            self.found.add("E038", f"{FILE}: type")
        self.sound = check_inventory(body, FILE, self.found)
        names = self._root_entries()
        if isinstance(body.get("versions"), dict) and isinstance(body.get("manifest"), dict):
            self._versions(names)
            self._content(names)
        return self.found.all()

    def _declaration(self) -> None:
        names = sorted(path.name for path in self.folder.glob("0=*"))
        good = [name for name in names if DECLARATION.fullmatch(name)]
        if len(good) != 1:
            self.found.add("E003", names[0] if names else "0=ocfl_object_1.1")
        else:
            self._declared = good[0].removeprefix("0=ocfl_object_")
        for name in names:
            if name not in good:
                self.found.add("E004", name)
            elif (self.folder / name).read_bytes() != name[2:].encode() + b"\n":
                self.found.add("E007", name)

    def _inventory(self, folder: Path, where: str) -> dict[str, Any] | None:
        """Inventory and sidecar of a folder; None when it cannot be read."""
        path = folder / FILE
        if not path.is_file():
            self.found.add("W010" if where else "E063", f"{where}{FILE}")
            return None
        raw = path.read_bytes()
        body = parse(raw, f"{where}{FILE}", self.found)
        if body is None:
            return None
        algorithm = str(body.get("digestAlgorithm", "sha512"))
        sidecar = folder / f"{FILE}.{algorithm}"
        if not sidecar.is_file():
            self.found.add("E058", f"{where}{sidecar.name}")
            return body
        told = re.fullmatch(rb"([0-9a-fA-F]+)\s+inventory\.json\s*", sidecar.read_bytes())
        if told is None:
            self.found.add("E061", f"{where}{sidecar.name}")
        elif algorithm in ALGORITHMS:
            digest = ALGORITHMS[algorithm]()
            digest.update(raw)
            if digest.hexdigest() != told[1].decode().lower():
                self.found.add("E060", f"{where}{FILE}")
        return body

    def _root_entries(self) -> list[str]:
        """Version folders that are there; anything that does not belong is named."""
        versions = self.body.get("versions")
        listed = set(versions) if isinstance(versions, dict) else set()
        sidecar = f"{FILE}.{self.body.get('digestAlgorithm', 'sha512')}"
        present = []
        for path in sorted(self.folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                if VERSION.fullmatch(path.name):
                    present.append(path.name)
                    if path.name not in listed:
                        self.found.add("E046", path.name)
                elif path.name == "extensions":
                    self._extensions(path)
                elif path.name != "logs":
                    self.found.add("E001", path.name)
            elif path.name not in (FILE, sidecar) and not path.name.startswith("0="):
                self.found.add("E001", path.name)
        for name in sorted(listed - set(present)):
            self.found.add("E046", name)
        if present:
            check_versions(present, "/", self.found)
        return present

    def _extensions(self, folder: Path) -> None:
        for path in sorted(folder.iterdir()):
            if not path.is_dir():
                self.found.add("E067", f"extensions/{path.name}")
            elif not REGISTERED.fullmatch(path.name):
                self.found.add("W013", f"extensions/{path.name}")

    def _versions(self, names: list[str]) -> None:
        """Each version folder: its entries, its inventory against the root's."""
        specification = "1.0"
        folders: set[str] = {content_directory(self.body)}
        for name in sorted(names, key=lambda one: int(one[1:])):
            body = self._inventory(self.folder / name, f"{name}/")
            self._entries(name, body)
            if body is None:
                continue
            where = f"{name}/{FILE}"
            sound = check_inventory(body, where, self.found)
            folders.add(content_directory(body))
            specification = self._older(body, specification, where)
            if body.get("id") != self.body.get("id"):
                self.found.add("E037", f"{where}: id")
            if body.get("head") != name:
                self.found.add("E040", f"{where}: head")
            if name == newest(names) and _raw(self.folder) != _raw(self.folder / name):
                self.found.add("E064", where)
            if sound and self.sound:
                self._compare_states(body, where)
                self._own_digests(body, where)
            self._must_list(body, name, names, where)
        self._older(self.body, specification, FILE)
        if len(folders) > 1:
            self.found.add("E019", "contentDirectory")

    def _older(self, body: Mapping[str, Any], before: str, where: str) -> str:
        match = re.search(r"/(1\.\d)/", str(body.get("type")))
        now = match[1] if match else before
        if now < before:
            self.found.add("E103", where)
        return max(now, before)

    def _entries(self, name: str, body: Mapping[str, Any] | None) -> None:
        algorithm = (body or self.body).get("digestAlgorithm", "sha512")
        folder = content_directory(self.body if body is None else body)
        for path in sorted((self.folder / name).iterdir()):
            if path.is_file():
                if path.name not in (FILE, f"{FILE}.{algorithm}"):
                    self.found.add("E015", f"{name}/{path.name}")
            elif path.name != folder:
                self.found.add("W002", f"{name}/{path.name}")
            elif not any(path.iterdir()):
                self.found.add("W003", f"{name}/{path.name}")
            else:
                for inner in sorted(path.rglob("*")):
                    if inner.is_dir() and not any(inner.iterdir()):
                        self.found.add("E024", inner.relative_to(self.folder).as_posix())

    def _compare_states(self, body: Mapping[str, Any], where: str) -> None:
        """Earlier versions must be told alike; by content path where the algorithm changed."""
        for name, version in body["versions"].items():
            later = self.body["versions"].get(name)
            if later is None:
                self.found.add("E066", f"{where}: {name}")
                continue
            if _told(body, name) != _told(self.body, name) or (
                body.get("digestAlgorithm") == self.body.get("digestAlgorithm")
                and _by_digest(version) != _by_digest(later)
            ):
                self.found.add("E066", f"{where}: {name}")
            for key in ("created", "message", "user"):
                if version.get(key) != later.get(key):
                    self.found.add("W011", f"{where}: {name} {key}")

    def _must_list(self, body: Mapping[str, Any], name: str, names: list[str], where: str) -> None:
        """The manifest of a version lists every content file up to it."""
        manifest = body.get("manifest")
        if not isinstance(manifest, dict):
            return
        listed = {path for paths in manifest.values() if isinstance(paths, list) for path in paths}
        for other in names:
            if int(other[1:]) <= int(name[1:]):
                for path in self._files(other, content_directory(body)):
                    if path not in listed:
                        self.found.add("E023", f"{where}: {path}")

    def _files(self, version: str, folder: str) -> list[str]:
        content = self.folder / version / folder
        return [
            path.relative_to(self.folder).as_posix()
            for path in sorted(content.rglob("*"))
            if not path.is_dir()
        ]

    def _content(self, names: list[str]) -> None:
        """Every content file against the root manifest and fixity."""
        listed = {
            path
            for paths in self.body["manifest"].values()
            if isinstance(paths, list)
            for path in paths
        }
        for name in names:
            for path in self._files(name, content_directory(self.body)):
                if path not in listed:
                    self.found.add("E023", path)
        self._own_digests(self.body, FILE)

    def _own_digests(self, body: Mapping[str, Any], where: str) -> None:
        """Manifest and fixity of one inventory against the bytes."""
        blocks = [("E092", str(body.get("digestAlgorithm", "sha512")), body["manifest"])]
        fixity = body.get("fixity")
        if isinstance(fixity, dict):
            blocks += [
                ("E093", name, block) for name, block in fixity.items() if isinstance(block, dict)
            ]
        for code, algorithm, block in blocks:
            for digest, paths in block.items():
                for path in paths if isinstance(paths, list) else ():
                    if not self._holds(str(path), algorithm, digest):
                        self.found.add(code, path if where == FILE else f"{where}: {path}")

    def _holds(self, path: str, algorithm: str, digest: str) -> bool:
        full = self.folder / path.lstrip("/")
        if ".." in path.split("/") or not full.is_file():
            return False
        if not self.digests or algorithm not in ALGORITHMS:
            return True
        key = (path, algorithm)
        if key not in self._sums:
            running = ALGORITHMS[algorithm]()
            with full.open("rb") as file:
                while chunk := file.read(1 << 20):
                    running.update(chunk)
            self._sums[key] = running.hexdigest()
        return self._sums[key] == digest.lower()


def _raw(folder: Path) -> bytes:
    return (folder / FILE).read_bytes()


def _told(body: Mapping[str, Any], name: str) -> dict[str, frozenset[str]]:
    """Logical path → the content paths that hold its bytes, of version `name` and before."""
    number = int(name[1:])
    return {
        path: frozenset(
            content
            for content in body["manifest"].get(digest, ())
            if int(content.split("/")[0].lstrip("v") or 0) <= number
        )
        for digest, paths in body["versions"][name]["state"].items()
        for path in paths
    }


def _by_digest(version: Mapping[str, Any]) -> dict[str, str]:
    return {path: digest.lower() for digest, paths in version["state"].items() for path in paths}
