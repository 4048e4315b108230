"""Every line of docs/security/ that names a test names one that is there, and no number is left out."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = sorted((ROOT / "docs" / "security").glob("*.md"))
POINTER = re.compile(r"`((?:src|tests)/[\w/.-]+\.py)::(\w+)`")


@cache
def names_of_tests(path):
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def lost(text):
    """Pointers that lead nowhere."""
    return [
        f"{path}::{name}"
        for path, name in POINTER.findall(text)
        if name not in names_of_tests(ROOT / path)
    ]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_pointer_names_a_test_that_is_there(path):
    assert lost(path.read_text(encoding="utf-8")) == []


def test_a_pointer_that_leads_nowhere_is_seen():
    here = "tests/security/test_pointers.py"
    assert lost(
        f"`{here}::test_of_nothing` `{here}::test_a_pointer_that_leads_nowhere_is_seen`"
    ) == [f"{here}::test_of_nothing"]


def test_each_of_the_forty_attacks_has_its_tests_or_says_what_is_missing():
    text = (ROOT / "docs" / "security" / "negative-tests.md").read_text(encoding="utf-8")
    rows = {line[2:5]: line for line in text.splitlines() if line.startswith("| N")}
    assert list(rows) == [f"N{number:02}" for number in range(1, 41)]
    assert [
        no for no, row in rows.items() if not POINTER.search(row) and "missing: " not in row
    ] == []


@pytest.mark.parametrize("name", ["asvs.md", "djbh.md"])
def test_each_line_has_its_test_or_says_it_is_not_met(name):
    text = (ROOT / "docs" / "security" / name).read_text(encoding="utf-8")
    silent = [
        line
        for line in text.splitlines()
        if re.match(r"\| \d", line)
        and not POINTER.search(line)
        and not re.search(r"not met|not used|missing", line)
    ]
    assert silent == []
