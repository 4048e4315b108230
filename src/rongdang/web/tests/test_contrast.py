"""Colours of every theme are far enough apart (WCAG 2.2: 4.5 for text, 3 for edges of controls)."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parents[1] / "static" / "ui" / "tokens.css").read_text("utf-8")
UI = Path(__file__).resolve().parents[1] / "static" / "ui"
TEXT = [
    ("ink", "page"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("ink2", "surface"),
    ("ink2", "sunken"),
    ("ink3", "surface"),
    ("ink3", "page"),
    ("ink3", "sunken"),
    ("on-pine", "pine"),
    ("on-pine-deep", "pine-deep"),
    ("link", "surface"),
    ("link", "pine-soft"),
    ("ink", "pine-soft"),
    ("ink3", "pine-soft"),
    ("cinnabar", "surface"),
    ("cinnabar", "cinnabar-soft"),
    ("ochre", "ochre-soft"),
    ("indigo", "indigo-soft"),
    ("on-bar", "bar"),
    ("on-bar", "bar-field"),
    ("on-hit", "hit"),
    ("on-seal", "seal"),
]
EDGES = [
    ("edge", "surface"),
    ("edge", "page"),
    ("pine", "surface"),
    ("focus", "surface"),
    ("bar-edge", "bar-field"),
]


def themes():
    root = dict(
        re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", TOKENS.split('[data-theme="dark"]')[0])
    )
    found = {"light": root}
    for name in ("dark", "contrast"):
        block = re.search(rf'\n  \[data-theme="{name}"\] \{{(.*?)\n  \}}', TOKENS, re.DOTALL)[1]
        found[name] = root | dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", block))
    return found


def light(colour):
    code = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_text_and_edges_can_be_seen(theme):
    colours = themes()[theme]
    poor = [
        (a, b, round(contrast(colours[a], colours[b]), 2))
        for a, b in TEXT
        if contrast(colours[a], colours[b]) < 4.5
    ]
    poor += [
        (a, b, round(contrast(colours[a], colours[b]), 2))
        for a, b in EDGES
        if contrast(colours[a], colours[b]) < 3
    ]
    assert not poor


def test_the_dark_theme_is_the_same_by_choice_and_by_system():
    chosen = re.search(r'\n  \[data-theme="dark"\] \{(.*?)\n  \}', TOKENS, re.DOTALL)[1]
    system = re.search(r'\[data-theme="auto"\] \{(.*?)\n    \}', TOKENS, re.DOTALL)[1]
    assert chosen.split() == system.split()


@pytest.mark.parametrize("name", ["base.css", "parts.css", "layout.css", "print.css"])
def test_only_tokens_hold_a_colour(name):
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb|\bhsl", (UI / name).read_text("utf-8"))
