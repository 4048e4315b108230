"""Posts, grades and ranks out of one cell: 原正团职参谋、上校, 技术九级, 退役大校, 享受副师职待遇."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rongdang.base.vocab import codes
from rongdang.base.vocab.numerals import number
from rongdang.base.vocab.partial import Certainty
from rongdang.base.vocab.tables import table

Kind = Literal["grade", "technical", "civilian", "administrative", "rank", "post", "title"]
LONGEST = 120  # characters; what is longer is running text
_N = "[0-9一二三四五六七八九十]"
_BRANCH = r"(?:海军|空军|陆军|武警|火箭军|二炮|预备役)?(?:专业技术|技术)?"
_GRADE = re.compile(
    r"(?P<deputy>正|副|准)?(?P<level>大军区|兵团|军|师|旅|团|营|连|排)(?P<kind>职级|职|级)(?:干部|军官|待遇)?"
)
_BARE_GRADE = re.compile(
    r"(?P<deputy>正|副|准)(?P<level>大军区|兵团|军|师|旅|团|营|连|排)(?![长职级部队])(?:待遇)?"
)
_TECHNICAL = re.compile(rf"(?:专业技术|技术|专技|技)(?P<n>{_N}{{1,3}})级?(?:军官|干部)?")
_CIVILIAN = re.compile(rf"文职(?:干部)?(?P<n>特|{_N}{{1,3}})级(?:干部|待遇)?")
_ADMINISTRATIVE = re.compile(rf"(?:行政)?(?P<n>{_N}{{1,3}})级(?:干部|待遇)?")
_RANK = re.compile(
    _BRANCH
    + r"(?P<rank>[上中少大][将校尉]|准尉|元帅|[一二三四]级军士长|[一二]级上士|[一二三四五六]级士官|上等兵|列兵|[上中下]士)(?:军衔)?"
)
_GAP = re.compile(r"[\s,，、;；/()（）。.·和兼及]+")


@dataclass(frozen=True, slots=True)
class Post:
    """One thing said of somebody's place: `name` as the table has it, `code` of that table.

    `marks`: former, acting, proposed, retired, present, treatment. `grade`: the code of the post
    grade a named post is equal to on the establishment; the person's own may be another.
    """

    kind: Kind
    name: str
    code: str
    grade: str
    marks: tuple[str, ...]
    certainty: Certainty
    original: str


@dataclass(frozen=True, slots=True)
class Posts:
    """Everything a cell says, in its order; `rest` is what was not understood, as it stood."""

    posts: tuple[Post, ...]
    rest: str
    original: str


def parse_posts(text: str) -> Posts:
    """Grades, ranks and posts of a cell. It always answers."""
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    folded = f"{folded}职" if folded == "排" else folded  # the one grade whose name is a word alone
    if len(folded) > LONGEST:
        return Posts((), folded, text)
    found: list[Post] = []
    rest: list[str] = []
    marks: tuple[str, ...] = ()
    at = 0
    while at < len(folded):
        said = _prefix(folded, at)
        gap = _GAP.match(folded, at)
        if gap:
            at = gap.end()
            continue
        one = _one(folded, at + len(said[0]), (*marks, *said[1]))
        if one is None and said[0]:
            marks, at = (*marks, *said[1]), at + len(said[0])
        elif one is None:
            rest.append(folded[at])
            marks, at = (), at + 1
        else:
            post, size = one
            found.append(post)
            at += len(said[0]) + size
            marks = ()
    tail = marks if marks in (("retired",), ("treatment",)) else ()
    return Posts(tuple(_ended(found, tail)), "".join(rest), text)


def _ended(found: list[Post], tail: tuple[str, ...]) -> Iterator[Post]:
    """正团职退休: what stands behind the last one belongs to it."""
    for place, post in enumerate(found):
        last = place == len(found) - 1
        extra = tuple(mark for mark in tail if last and mark not in post.marks)
        if extra:
            yield Post(
                *(post.kind, post.name, post.code, post.grade),
                (*post.marks, *extra),
                post.certainty,
                post.original,
            )
        else:
            yield post


@cache
def _prefixes() -> tuple[tuple[str, str], ...]:
    rows = [row for row in table("post_words").rows if row["kind"] == "prefix"]
    pairs = [(word, row["name"]) for row in rows for word in row["words"]]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _named() -> tuple[tuple[str, str], ...]:
    rows = [row for row in table("post_words").rows if row["kind"] == "post"]
    pairs = [(row["name"], row.get("grade", "")) for row in rows]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _prefix(text: str, at: int) -> tuple[str, tuple[str, ...]]:
    for word, name in _prefixes():
        if text.startswith(word, at):
            return word, (name,)
    return "", ()


def _one(text: str, at: int, marks: tuple[str, ...]) -> tuple[Post, int] | None:
    """What begins at this place, and how long it is."""
    for pattern, reader in (
        (_GRADE, _grade),
        (_BARE_GRADE, _grade),
        (_TECHNICAL, _technical),
        (_CIVILIAN, _civilian),
        (_RANK, _rank),
        (_ADMINISTRATIVE, _administrative),
    ):
        match = pattern.match(text, at)
        made = reader(match) if match else None
        if match and made:
            kind, name, code, certainty = made
            paid = ("treatment",) if match[0].endswith("待遇") and "treatment" not in marks else ()
            grade = code if kind == "grade" else ""
            post = Post(kind, name, code, grade, (*marks, *paid), certainty, match[0])
            return post, match.end() - at
    return _post(text, at, marks)


_Made = tuple[Kind, str, str, Certainty]


def _grade(match: re.Match[str]) -> _Made:
    word = f"{match['deputy'] or '正'}{match['level']}"
    word = "排" if match["level"] == "排" else word
    entry = codes.find("post_grade", word)
    code = entry.code if entry and entry.certainty == "sure" else None
    bare: Certainty = "sure" if match["deputy"] or match["level"] == "排" else "approximate"
    if code is None:
        return "grade", word, "", "doubtful"  # 准师, 兵团: of other years, in no table
    return "grade", code.name, code.code, bare


def _technical(match: re.Match[str]) -> _Made | None:
    return _of_table("technical", "technical_grade", f"MT-{number(match['n']) or 0:02d}")


def _civilian(match: re.Match[str]) -> _Made | None:
    grade = 0 if match["n"] == "特" else number(match["n"]) or 99
    return _of_table("civilian", "civilian_grade", f"MC-{grade:02d}")


def _administrative(match: re.Match[str]) -> _Made | None:
    made = _of_table("administrative", "admin_grade", f"MA-{number(match['n']) or 0:02d}")
    if made and not match[0].startswith("行政"):
        return *made[:3], "doubtful"  # 九级 alone may be technical, civilian or administrative
    return made


def _of_table(kind: Kind, name: str, code: str) -> _Made | None:
    entry = codes.by_code(name).get(code)
    return (kind, entry.name, entry.code, "sure") if entry else None


def _rank(match: re.Match[str]) -> _Made | None:
    found = codes.find("rank", match["rank"])
    return ("rank", found.code.name, found.code.code, "sure") if found else None


def _post(text: str, at: int, marks: tuple[str, ...]) -> tuple[Post, int] | None:
    title = _title(text, at)
    for name, grade in _named():
        if text.startswith(name, at) and len(name) >= len(title):
            certainty: Certainty = "approximate" if grade else "sure"
            return Post("post", name, "", grade, marks, certainty, name), len(name)
    if title:
        entry = codes.lookup("title", title) or codes.find("title", title)
        code = entry.code if isinstance(entry, codes.Found) else entry
        if code:
            return Post("title", code.name, code.code, "", marks, "sure", title), len(title)
    return None


@cache
def _titles() -> tuple[str, ...]:
    words = {word for entry in codes.entries("title") for word in entry.words if len(word) > 1}
    return tuple(sorted(words, key=len, reverse=True))


def _title(text: str, at: int) -> str:
    return next((word for word in _titles() if text.startswith(word, at)), "")
