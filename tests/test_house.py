"""The house rules that a machine can hold."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from .stand_ins import stand_ins

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(p for p in (ROOT / "src").rglob("*.py") if "migrations" not in p.parts)
TESTS = sorted(
    {*(p for p in SOURCES if "tests" in p.parts or p.name == "conftest.py")}
    | {*(ROOT / "tests").rglob("*.py")} - {Path(__file__)}
)
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


@pytest.mark.parametrize("path", TESTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_nothing_stands_in_for_our_own_code(path):
    assert stand_ins(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "from rongdang.a import b\ndef test(monkeypatch): monkeypatch.setattr(b, 'c', 1)",
        "from rongdang.a import b\ndef test(monkeypatch): monkeypatch.setattr(b.timezone, 'now', 1)",
        "def test(monkeypatch): monkeypatch.setattr('rongdang.a.b', 1)",
        "import rongdang.a as a\nfor m in (a,):\n    context.setattr(m, 'C', 1)",
        "from rongdang.a import TABLE\nmonkeypatch.setitem(TABLE, 'C', 1)",
        "from rongdang.a import b\nb.C = 1",
        "from rongdang.a import b\nb.C, b.D = 1, 2",
        "from rongdang.a.b import Thing\nThing.act = something",
        "from rongdang.a import b\nb.TABLE['C'] = 1",
        "from rongdang.a import b\nsetattr(b, 'C', 1)",
        "from .steps import NAMES\ndel NAMES[0]",
        "def test(user): user.may = lambda *_: True",
        "from unittest import mock",
        "import unittest.mock",
        "from unittest.mock import patch",
        "def test(mocker): mocker.patch('rongdang.a')",
        "CODE = '\\nfrom rongdang.a import b\\nb.C = 1\\n'",
    ],
)
def test_what_stands_in_is_seen(planted):
    assert stand_ins(planted)


@pytest.mark.parametrize(
    "allowed",
    [
        "import os\ndef test(monkeypatch): monkeypatch.setattr(os, 'fsync', refuse)",
        "from django.utils import timezone\nmonkeypatch.setattr(timezone, 'now', lambda: later)",
        "import builtins, io\nio.open = builtins.open = watched",
        "from a_test import world\ndef test(world): world.page = 1",
        "def test(settings): settings.LIMIT = 1",
        "def test(monkeypatch): monkeypatch.setenv('PATH', '')",
        "from rongdang.capture.ocr import ports\nports.ENGINES['scripted'] = lambda: engine",
        "from rongdang.a import Thing\nrow = Thing()\nrow.state = 'open'",
    ],
)
def test_settings_time_and_the_system_are_free(allowed):
    assert stand_ins(allowed) == []


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
