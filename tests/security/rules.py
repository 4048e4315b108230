"""Own rules over the source: what must not stand in it, and the few places looked at one by one."""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent / "src" / "rongdang"
RULES = {
    "text as markup": r"mark_safe\(|\|\s*safe\b|autoescape off",
    "a shell": r"shell\s*=\s*True|os\.system\(",
    "objects out of bytes": r"\bpickle\b|\bmarshal\.load|yaml\.load\(",
    "code out of text": r"(?<![\w.])(eval|exec)\(",
    "archives unpacked whole": r"\.extractall\(",
    "a POST without token": r"csrf_exempt\b",
    "certificates not looked at": r"verify\s*=\s*False|CERT_NONE",
    "queries by text": r"\.objects\.raw\(|\.extra\(|RawSQL\(",
}
# Place → why it may stand: constants of our own, drawings of our own, a door without a session.
LOOKED_AT = {
    ("web/templatetags/rows.py", "text as markup"),  # three constants
    ("web/templates/batches/separators.html", "text as markup"),  # codes we draw ourselves
    ("web/public_heads.py", "a POST without token"),  # no session: the head's signature counts
}


def found_in(folder):
    """{(place, rule)} of everything under `folder` that a rule names, tests and migrations left out."""
    found = set()
    for path in [*folder.rglob("*.py"), *folder.rglob("*.html")]:
        if {"tests", "migrations"} & set(path.parts):
            continue
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(folder).as_posix()
        found |= {(place, rule) for rule, words in RULES.items() if re.search(words, text)}
    return found
