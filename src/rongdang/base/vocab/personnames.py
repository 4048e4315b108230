"""What stands in a name's place: the name itself, former names, remarks, titles, or no name at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from rongdang.base.vocab.names import COMPOUND, normalise_name, simplified
from rongdang.base.vocab.partial import Certainty, worst
from rongdang.base.vocab.tables import table

LONGEST = 60  # characters; what is longer is no name
_HAN = r"㐀-鿿豈-﫿𠀀-𳑿〇"
_PLAIN = re.compile(r"[㐀-鿿]{2,3}")
_FOREIGN = re.compile(r"[A-Za-z]")
_UNREAD = re.compile(r"[?？□■�*＊×✕〓_]")
_ORDINAL = re.compile(r"^(?:\(?\d{1,3}[.、)\s]+|[①-⑳]\s*|[一二三四五六七八九十]{1,2}、)")
_BRACKET = re.compile(r"\(([^()]*)\)?|\[([^\[\]]*)\]?|【([^【】]*)】?")
_BETWEEN = re.compile(r"[,，、/;；\s]+")


@dataclass(frozen=True, slots=True)
class PersonName:
    """`name` as its bearer writes it, "" where the cell names nobody.

    `surname` is "" for names that have none (买买提·艾力) and where it cannot be told. `former` are
    former, childhood and other names; `remarks` what else stood there, as it stood.
    """

    name: str
    surname: str
    given: str
    former: tuple[str, ...]
    remarks: tuple[str, ...]
    certainty: Certainty
    original: str

    @property
    def key(self) -> str:
        """The form in which two writings of one name agree: simple, with variants made one."""
        return same_form(self.name)


def parse_name(text: str) -> PersonName:
    """What the cell says of somebody's name. It always answers; `name` is empty where none stands."""
    if _PLAIN.fullmatch(text) and not _needs_care(text):
        family = _family(text)
        return PersonName(text, family, text[len(family) :], (), (), "sure", text)
    if len(text) > LONGEST:
        return PersonName("", "", "", (), ("too long",), "doubtful", text)
    return _whole(text)


def same_form(name: str) -> str:
    """Simplified, true variants made one (峯 → 峰), the dot left out; 喆 and 哲 stay two characters."""
    joined = "".join(c for c in normalise_name(name) if c != "·")
    return "".join(_form(c) for c in normalise_name(joined))


@cache
def _form(character: str) -> str:
    if character in _set("own"):
        return character
    simple = simplified(character)
    return _pairs("variants").get(simple, simple)


def restored(text: str) -> tuple[str, bool]:
    """Private-use characters given the code they have today, where GB 18030 makes it certain.

    Besides, whether any is left of which nobody can know what it shows.
    """
    known = _private()
    mended = "".join(known.get(c, c) for c in text) if any(c >= "\ue000" for c in text) else text
    return mended, any(unicodedata.category(c) == "Co" for c in mended)


def is_surname(text: str) -> bool:
    """Whether it stands in the list of surnames; many more exist."""
    return text in _surnames() or simplified(text) in _surnames()


@cache
def _surnames() -> frozenset[str]:
    listed = {name for row in table("surnames").rows for name in row["names"]}
    return frozenset(listed | COMPOUND)


@cache
def _row(kind: str) -> dict[str, Any]:
    return next(row for row in table("name_words").rows if row["kind"] == kind)


@cache
def _set(kind: str) -> frozenset[str]:
    return frozenset(_row(kind)["words"])


@cache
def _longest_first(kind: str) -> tuple[str, ...]:
    return tuple(sorted(_row(kind)["words"], key=len, reverse=True))


@cache
def _spoken() -> tuple[str, ...]:
    """Words that lead to another name even without a colon: 字 and 号 alone are parts of names."""
    return tuple(word for word in _longest_first("former") if len(word) > 1)


@cache
def _pairs(kind: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in _row(kind)["pairs"].split()}


@cache
def _private() -> dict[str, str]:
    pairs = (pair.split(":") for pair in _row("private")["pairs"].split())
    return {chr(int(code, 16)): character for code, character in pairs}


def _needs_care(text: str) -> bool:
    """Whether a name of two or three characters may be a word, hold a title, or lack a surname."""
    if text in _set("nobody") or not (is_surname(text[0]) or is_surname(text[:2])):
        return True
    return text.endswith(_longest_first("titles"))


def _family(name: str) -> str:
    return name[:2] if len(name) > 2 and simplified(name[:2]) in COMPOUND else name[:1]


def _whole(text: str) -> PersonName:
    mended, unknown = restored(text)
    folded = unicodedata.normalize("NFKC", mended).strip(" \t\r\n\u3000'\"“”‘’:：.。,，;；")
    certainty: Certainty = "doubtful" if unknown else "sure"
    former, remarks, rest = _aside(folded)
    remarks = [*remarks, "private use"] if unknown else remarks
    rest, said = _bare(rest)
    remarks += said
    if rest in _set("nobody") or not re.search(rf"[{_HAN}A-Za-z]|[\ue000-\uf8ff]|[□■?*×]", rest):
        words = (*remarks, rest) if rest else tuple(remarks)
        return PersonName("", "", "", tuple(former), words, certainty, text)
    rest, other, doubt = _one_of(rest)
    remarks += other
    name = normalise_name(rest)
    family, given, trust = _divided(name)
    mark = worst(certainty, doubt, trust, "doubtful" if _guessed(former, folded) else "sure")
    return PersonName(name, family, given, tuple(former), tuple(remarks), mark, text)


def _aside(text: str) -> tuple[list[str], list[str], str]:
    """Former names and remarks out of brackets and behind 又名, and what is left."""
    former: list[str] = []
    remarks: list[str] = []
    for match in _BRACKET.finditer(text):
        inner = next((part for part in match.groups() if part is not None), "").strip()
        names = list(_former(inner))
        spoken = inner.startswith(_spoken())
        if names or spoken:
            former, remarks = former + names, remarks + ([] if names else [inner])
        elif inner in _set("remarks") or not re.fullmatch(rf"[{_HAN}·\s]{{2,4}}", inner):
            remarks += [inner] if inner else []
        else:
            former.append(normalise_name(inner))
    rest = _BRACKET.sub(" ", text)
    for word in _spoken():
        before, found, after = rest.partition(word)
        if found and re.search(rf"[{_HAN}]", before) and after.strip(" :、,，"):
            former += _former(word + after)
            rest = before
            break
    return former, remarks, rest.strip(" ,，、;；:/")


def _former(inner: str) -> Iterator[str]:
    for word in _longest_first("former"):
        if inner.startswith(word) and (len(word) > 1 or ":" in inner):
            for part in _BETWEEN.split(inner.removeprefix(word).strip(" :为叫")):
                if part and part not in _set("nobody"):
                    yield normalise_name(_strip_lead(part))
            return


def _strip_lead(part: str) -> str:
    for word in _longest_first("former"):
        if part.startswith(word) and len(word) > 1:
            return part.removeprefix(word).strip(" :")
    return part


def _guessed(former: list[str], folded: str) -> bool:
    """A second name stands in brackets without a word that says what it is."""
    return bool(former) and not any(
        word in folded for word in _set("former") if len(word) > 1 or f"{word}:" in folded
    )


def _bare(text: str) -> tuple[str, list[str]]:
    """Without ordinals and titles; what was taken off."""
    remarks: list[str] = []
    plain = _ORDINAL.sub("", text).strip()
    for lead in _longest_first("leads") if plain.startswith(_longest_first("leads")) else ():
        rest = plain.removeprefix(lead).strip(" :")
        if rest != plain and len(normalise_name(rest)) >= 2:
            plain, remarks = rest, [*remarks, lead]
    found = True
    while found and plain.endswith(_longest_first("titles")):
        found = False
        for title in _longest_first("titles"):
            rest = plain.removesuffix(title).strip(" ,，")
            kept = normalise_name(rest)
            if rest != plain and len(kept) >= (2 if len(title) > 1 else 3) and _nameable(kept):
                plain, remarks, found = rest, [*remarks, title], True
                break
    return plain, remarks


def _nameable(name: str) -> bool:
    """王主任 leaves 王: that is kept whole. 李先 of 李先生 is no less doubtful than the whole."""
    return "·" in name or is_surname(name[0]) or is_surname(name[:2]) or len(name) > 3


def _one_of(text: str) -> tuple[str, list[str], Certainty]:
    """One name where blanks or marks stand inside: 王 明, 买买提 艾力, or two people."""
    parts = [part for part in _BETWEEN.split(text) if part]
    if len(parts) < 2:
        return text, [], "sure"
    if not re.search(r"[,，、/;；]", text):
        if all(len(part) == 1 for part in parts) or len("".join(parts)) <= 3:
            return "".join(parts), [], "sure"
        if simplified(parts[0]) in COMPOUND or len(parts[0]) == 1:
            return "".join(parts), [], "sure" if len(parts) == 2 else "doubtful"
        if _FOREIGN.match(text):
            return " ".join(parts), [], "doubtful"
        said = all(set(part) & _set("transcribed") for part in parts)
        if said or not all(is_surname(part[0]) and len(part) <= 3 for part in parts):
            return "·".join(parts), [], "doubtful"
    return parts[0], ["several", *parts[1:]], "doubtful"


def _divided(name: str) -> tuple[str, str, Certainty]:
    """Surname and given name, and how sure that is from the name alone."""
    if "·" in name:
        odd = name.startswith("·") or name.endswith("·") or "··" in name
        return "", name, "doubtful" if odd or _UNREAD.search(name) else "sure"
    if _FOREIGN.search(name) or _UNREAD.search(name) or re.search(r"\d", name):
        return "", name, "doubtful"
    family = _family(name)
    given = name[len(family) :]
    known = is_surname(family)
    if len(name) < 2:
        return family if known else "", "" if known else name, "doubtful"
    if len(name) > 4 or (len(name) == 4 and not known):
        return "", name, "approximate" if len(name) <= 15 else "doubtful"
    # 王李丽华 has two surnames; 马木提江 begins with one by chance
    usual = known and (len(name) < 4 or len(family) == 2 or is_surname(name[1]))
    return family, given, "sure" if usual else "approximate"
