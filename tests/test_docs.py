"""What the documents say is what the code does."""

import re
import tomllib
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

ROOT = Path(__file__).resolve().parent.parent
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def rows(text):
    """The cells of a Markdown table, head and rule left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_flow_in_the_documents_is_the_flow_that_runs():
    printed = ARCHITECTURE.split("<!-- flow -->")[1].split("<!-- /flow -->")[0]
    flow = import_string(settings.FLOW)
    told = {event.strip("`"): jobs.split(", ") for event, jobs in rows(printed)}
    assert told == {event: [job.func.__name__ for job in jobs] for event, jobs in flow.items()}


def test_every_room_in_the_documents_stands_in_the_tree():
    table = ARCHITECTURE.split("| room |")[1].split("\n\n")[0]
    for room, _what in rows("| room |" + table):
        for name in re.findall(r"`([^`]+)`", room):
            parent = re.findall(r"`([^`]+)/", room)
            places = [ROOT / "src" / "rongdang" / name]
            places += [ROOT / "src" / "rongdang" / top / name for top in parent]
            assert any(place.exists() or place.with_suffix(".py").exists() for place in places), (
                name
            )


def test_decisions_are_numbered_once_and_through():
    numbers = sorted(int(p.name[:4]) for p in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_version_is_the_newest_of_the_changelog():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", changes, re.M)[1] == version


def test_every_command_named_in_the_readme_exists():
    from rongdang.cli import parser

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.search(r"The command `rongdang` does[^:]*:(.*?);", text, re.S)[1]
    known = next(a for a in parser()._actions if a.choices and "serve" in a.choices).choices
    for name in re.findall(r"`([a-z]+)`", listed):
        assert name in known
