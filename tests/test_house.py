"""The house rules that a machine can hold."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(p for p in (ROOT / "src").rglob("*.py") if "migrations" not in p.parts)
TEMPLATES = sorted((ROOT / "src").rglob("templates/**/*.html"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_file_fits_on_a_few_screens_and_a_function_on_one(path):
    text = path.read_text(encoding="utf-8")
    assert "tests" in path.parts or len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 60, node.name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_template_holds_script_or_style_of_its_own(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    for opened in re.findall(r"<script[^>]*>", text):
        assert "src=" in opened or "application/json" in opened


def test_no_place_of_a_machine_and_no_registry_stands_in_a_file():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    ).stdout
    names = [
        name
        for name in listed.decode().split("\0")
        if name and not name.endswith((".png", ".woff2"))
    ]
    told = re.compile("index" + r"-url|\"resolved\": *\"http|^registry *=", re.M)
    for name in names:
        path = ROOT / name
        if path.is_file() and name != "tests/test_house.py":
            assert not told.search(path.read_text(encoding="utf-8", errors="ignore")), name
