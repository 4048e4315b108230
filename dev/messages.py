"""Collects every text into locale/en/django.po, compiles it, and (--check) fails on a missing English text."""

import io
import re
import sys
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parent.parent / "src" / "rongdang"
PO = SOURCE / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = {name: None for name in ("_", "gettext", "gettext_lazy", "gettext_noop")} | {
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}
CHINESE = re.compile(r"[\u3400-\u9fff]")


def found():
    """(message, plural or None, file) of every translatable text."""
    for path in sorted(SOURCE.rglob("*")):
        if "tests" in path.parts or path.suffix not in (".py", ".html", ".txt"):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # Indentation means nothing here, and Python's tokenizer must not trip over it.
            text = "\n".join(map(str.lstrip, templatize(text, origin=str(path)).splitlines()))
        elif "gettext" not in text:
            continue
        for _line, message, _comments, _context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
            parts = message if isinstance(message, tuple) else (message,)
            parts = [part for part in parts if part]
            if parts:
                yield parts[0], parts[1] if len(parts) > 1 else None, path.relative_to(SOURCE).as_posix()


def untranslated_templates():
    """Templates that show Chinese outside a translate tag."""
    for path in sorted(SOURCE.rglob("templates/**/*.html")):
        if path.name == "styleguide.html":  # real words as material to look at
            continue
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"{%\s*blocktrans.*?{%\s*endblocktrans\w*\s*%}", "", text, flags=re.S)
        text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", text, flags=re.S)
        text = re.sub(r"{#.*?#}", "", text, flags=re.S)
        text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.S)
        hits = [line.strip() for line in text.splitlines() if CHINESE.search(line) and "lang=" not in line]
        if hits:
            yield path.relative_to(SOURCE).as_posix(), hits[0][:80]


def main():
    settings.configure(USE_I18N=True)
    check = "--check" in sys.argv
    PO.parent.mkdir(parents=True, exist_ok=True)
    known = polib.pofile(str(PO)) if PO.exists() else polib.POFile()
    held = {entry.msgid: entry for entry in known}
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = {"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit",
                      "Language": "en", "Plural-Forms": "nplurals=2; plural=(n != 1);"}
    places = {}
    for message, plural, place in found():
        places.setdefault((message, plural), set()).add(place)
    for (message, plural), files in sorted(places.items()):
        old = held.get(message)
        entry = polib.POEntry(msgid=message, occurrences=[(file, "") for file in sorted(files)])
        if plural:
            entry.msgid_plural = plural
            entry.msgstr_plural = dict(old.msgstr_plural) if old and old.msgstr_plural else {0: "", 1: ""}
        else:
            entry.msgstr = old.msgstr if old else ""
        if "%(" in message:
            entry.flags.append("python-format")
        fresh.append(entry)
    missing = [e.msgid for e in fresh if not (all(e.msgstr_plural.values()) if e.msgid_plural else e.msgstr)]
    shown = list(untranslated_templates())
    if not check:
        fresh.save(str(PO))
        fresh.save_as_mofile(str(PO.with_suffix(".mo")))
    for message in missing:
        print(f"no English: {message}")
    for path, line in shown:
        print(f"Chinese outside a translate tag: {path}: {line}")
    unknown = {e.msgid for e in fresh} ^ set(held)
    # The compiled catalogue is kept beside its source, so that no site needs a compiler.
    mo = PO.with_suffix(".mo")
    stale = check and (not mo.exists() or mo.read_bytes() != polib.pofile(str(PO)).to_binary())
    if stale:
        print("django.mo is older than django.po: run make messages")
    print(f"{len(fresh)} texts, {len(missing)} without English, {len(shown)} templates with bare Chinese")
    return 1 if check and (missing or shown or unknown or stale) else 0


if __name__ == "__main__":
    sys.exit(main())
