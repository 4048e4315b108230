"""Own rules over the source: what must not stand in it, and the few places looked at one by one."""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent / "src" / "rongdang"
RULES = {
    "text as markup": r"mark_safe\(|SafeString\(|\|\s*safe\b|autoescape off",
    "a shell": r"shell\s*=\s*True|os\.system\(",
    "objects out of bytes": r"\bpickle\b|\bmarshal\.load|yaml\.load\(",
    "code out of text": r"(?<![\w.])(eval|exec)\(",
    "archives unpacked whole": r"\.extractall\(",
    "a POST without token": r"csrf_exempt\b",
    "certificates not looked at": r"verify\s*=\s*False|CERT_NONE",
    "queries by text": r"\.objects\.raw\(|\.extra\(|RawSQL\(",
}
KEPT = "Person|CaseFile|Item|Page|Fact|Batch|Scan|Upload|Material|EarlierText|Grant|Opening|Alarm"
# Of pages and of the API alone: what is shown to somebody is asked for in his name.
IN_WEB = {"a read past the predicate": rf"\b({KEPT})\.objects\.(?!visible_to\b|to_decide\b)\w"}
# Place → why it may stand: constants of our own, drawings of our own, a door without a session.
LOOKED_AT = {
    ("web/templatetags/rows.py", "text as markup"),  # every word through `escape`; N02 tries it
    ("web/templatetags/rongdang.py", "text as markup"),  # a drawn template, three values escaped
    ("web/templates/batches/separators.html", "text as markup"),  # codes we draw ourselves
    ("web/public_heads.py", "a POST without token"),  # no session: the head's signature counts
    ("web/desk/review_page.py", "a read past the predicate"),  # of a batch that is seen
    ("web/desk/worklist.py", "a read past the predicate"),  # of batches that are seen
    ("web/desk/batches.py", "a read past the predicate"),  # of batches that are seen
    ("web/desk/grants.py", "a read past the predicate"),  # columns first, then visible_to
    ("web/desk/audit.py", "a read past the predicate"),  # a number the audit officer names
    ("web/desk/recusals.py", "a read past the predicate"),  # a number the security officer names
}


def found_in(folder):
    """{(place, rule)} of everything under `folder` that a rule names, tests and migrations left out."""
    found = set()
    for path in [*folder.rglob("*.py"), *folder.rglob("*.html")]:
        if {"tests", "migrations"} & set(path.parts):
            continue
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(folder).as_posix()
        rules = RULES | IN_WEB if place.startswith("web/") else RULES
        found |= {(place, rule) for rule, words in rules.items() if re.search(words, text)}
    return found
