"""Below the fields of a form: career, family, longer answers, and what the offices wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

from rongdang.demo.paper.lives import Life
from rongdang.demo.paper.people import DATA, invent_name
from rongdang.demo.paper.sheet import Pen, wrap
from rongdang.demo.paper.stamps import round_seal, signature, square_seal
from rongdang.demo.paper.styles import Split
from rongdang.demo.paper.work import Work
from rongdang.demo.paper.writing import Clerk, date_in_words

SEALS = ("政治部", "干部处", "组织科", "军休服务管理所", "党支部", "后勤部", "司令部")
HEADS = {
    "self": ("个人总结", "本人主要表现", "自我鉴定", "本人述职"),
    "merit": ("主要事迹", "立功事迹", "先进事迹"),
    "fault": ("错误事实", "主要错误事实"),
    "exam": ("既往病史", "内科检查"),
    "wound": ("致残经过及部位", "伤残情况"),
}
TABLES = {
    "简历": ("简历", "本人简历", "工作简历", "主要经历"),
    "家庭成员": ("家庭主要成员", "家庭成员", "家庭主要成员及社会关系"),
}
EXAM = "身高{height}厘米，体重{weight}公斤，血压{high}/{low}，心肺听诊无异常，腹部平软。"


@cache
def prose() -> dict[str, Any]:
    """The sentences papers are made of."""
    loaded: dict[str, Any] = json.loads((DATA / "prose.json").read_text("utf-8"))
    return loaded


def own_half(sentences: list[str], split: Split) -> list[str]:
    """Every other sentence, so that the two splits share none."""
    return sentences[0 if split == "train" else 1 :: 2]


def draw_section(work: Work, kind: str, clerk: Clerk) -> None:
    """One of the sections a form of the catalogue names."""
    if kind == "career":
        _career(work, clerk)
    elif kind == "family":
        _family(work, clerk)
    else:
        _answer(work, work.chance.choice(HEADS[kind]), _words(work, kind, clerk))


def _words(work: Work, kind: str, clerk: Clerk) -> str:
    life = clerk.life
    if kind == "merit":
        return next(
            (one.merit for one in life.awards if one.date == clerk.day), life.awards[0].merit
        )
    if kind == "fault" and life.penalty:
        return life.penalty.fault
    if kind == "wound" and life.disability:
        year = date_in_words(life.disability.date[:4], clerk.date_style)
        return f"{year}在执行任务中{life.disability.part}受伤，经治疗后仍有功能障碍。"
    if kind == "exam":
        pick = work.chance.randrange
        return EXAM.format(
            height=pick(160, 181), weight=pick(50, 80), high=pick(110, 145), low=pick(65, 92)
        )
    return str(work.chance.choice(own_half(prose()["self"], work.style.split)))


def _career(work: Work, clerk: Clerk) -> None:
    posts = [post for post in clerk.life.posts if post.since <= clerk.day]
    ends = [post.since for post in posts[1:]] + [""]
    rows = []
    for post, until in zip(posts, ends, strict=True):
        span = f"{_short(post.since)}—{_short(until) if until else ''}"
        witness = invent_name(work.chance, sex="男", birth_year=1935)[0]
        rows.append((span, f"{post.unit}{post.name}", witness))
    heads = ("起止年月", "在何地何单位任何职务", "证明人")
    _table(work, "简历", heads, (0.26, 0.54, 0.20), rows)


def _short(iso: str) -> str:
    return f"{int(iso[:4])}.{int(iso[5:7])}"


def _family(work: Work, clerk: Clerk) -> None:
    year = int(clerk.day[:4])
    rows = [
        (one.kinship, one.name, str(year - one.birth_year), one.occupation)
        for one in clerk.life.family
        if one.birth_year < year - (18 if one.kinship in ("妻", "夫") else 0)
    ]
    heads = ("称谓", "姓名", "年龄", "职业及单位")
    _table(work, "家庭成员", heads, (0.2, 0.28, 0.16, 0.36), rows)


def _table(
    work: Work,
    field: str,
    heads: tuple[str, ...],
    shares: tuple[float, ...],
    rows: Sequence[tuple[str, ...]],
) -> None:
    """A list with its own heading; its value is the rows, cells run together, as reading keeps it."""
    height = 9.0
    work.room(height * 3)
    work.y += 3
    place = (work.left, work.y, work.right, work.y + height)
    work.sheet.box(*place)
    work.fitted(place, work.chance.choice(TABLES[field]), work.style.label)
    work.y += height
    _cells(work, heads, shares, height, work.style.label)
    for row in [*rows, *[("",) * len(heads)] * work.chance.randrange(0, 3)]:
        work.room(height)
        _cells(work, row, shares, height, work.style.value)
    if rows:
        work.fields[field] = "；".join("".join(row) for row in rows)
        work.hands[field] = "typed" if work.style.typed else "hand"


def _cells(
    work: Work, texts: tuple[str, ...], shares: tuple[float, ...], height: float, pen: Pen
) -> None:
    x, wide = work.left, work.right - work.left
    for text, share in zip(texts, shares, strict=True):
        work.sheet.box(x, work.y, x + wide * share, work.y + height)
        if text:
            work.fitted((x, work.y, x + wide * share, work.y + height), text, pen)
        x += wide * share
    work.y += height


def _answer(work: Work, head: str, text: str) -> None:
    """A long answer in a box of its own, its head standing upright at the left."""
    pen = work.style.value
    lines = wrap("　　" + text, work.right - work.left - 18, pen)
    height = max(len(lines) * pen.size * 1.6 + 8, len(head) * work.style.label.size * 1.15 + 6)
    work.room(height)
    _frame(work, head, height)
    for number, line in enumerate(lines):
        work.sheet.write(work.left + 15, work.y + 4 + number * pen.size * 1.6, line, pen)
    work.y += height


def _frame(work: Work, head: str, height: float) -> None:
    work.sheet.box(work.left, work.y, work.right, work.y + height)
    work.sheet.rule(work.left + 12, work.y, work.left + 12, work.y + height)
    pen = work.style.label
    while len(head) * pen.size * pen.pitch * 1.08 > height - 4:
        pen = pen.sized(pen.size * 0.9)
    tall = len(head) * pen.size * pen.pitch * 1.08
    work.sheet.write_down(work.left + 6 - pen.size / 2, work.y + (height - tall) / 2, head, pen)


def draw_opinions(work: Work, heads: list[str], days: list[str], life: Life) -> None:
    """The offices one after another, each with words, signature or seal, and date.

    As on printed forms, their boxes share what is left of the page.
    """
    free = work.bottom - work.y
    fitting = max(1, min(len(heads), int(free // 40)))
    height = min(78.0, free / fitting) if free >= 40 else work.chance.uniform(48, 70)
    for head, day in zip(heads, days, strict=True):
        work.room(height)
        _frame(work, head, height)
        words = work.chance.choice(_opinions(head, work.style.split))
        pen = work.style.value
        for number, line in enumerate(wrap("　　" + words, work.right - work.left - 18, pen)):
            work.sheet.write(work.left + 15, work.y + 4 + number * pen.size * 1.6, line, pen)
        _signed(work, head, work.y + height, day, life)
        work.y += height


def _opinions(head: str, split: Split) -> list[str]:
    found: dict[str, list[str]] = prose()["opinions"]
    rules = (
        ("本人", "本人"),
        ("介绍", "介绍"),
        ("小组", "小组"),
        ("支部", "支部"),
        ("医院", "医院"),
        ("评审", "评审"),
        ("学校", "学校"),
        ("检查", "检查"),
        ("审查", "审查"),
        ("结论", "审查"),
        ("批", "审批"),
        ("上级", "审批"),
        ("接收", "其他"),
    )
    kind = next((kind for word, kind in rules if word in head), "单位")
    return own_half(found[kind], split)


def _signed(work: Work, head: str, bottom: float, day: str, life: Life) -> None:
    right, y = work.right - 6, bottom - 8
    work.dated(right, y - 0.5, day)
    if "本人" in head or "介绍" in head:
        name = (
            life.name if "本人" in head else invent_name(work.chance, sex="男", birth_year=1925)[0]
        )
        if len(name) <= 4 and work.chance.random() < 0.3:
            square_seal(work.sheet, right - 14, y - 8, name)
        signature(work.sheet, right - 34, y - 10, name, work.style.sign_face)
        return
    if work.chance.random() < 0.85:
        seal = "某部" + work.chance.choice(SEALS)
        round_seal(
            work.sheet, right - 18, y - 7, seal, across=work.chance.choice((34.0, 38.0, 40.0))
        )
    else:
        name = invent_name(work.chance, sex="男", birth_year=1925)[0]
        signature(work.sheet, right - 34, y - 10, name, work.style.sign_face)


def days_before(chance: Random, day: str, count: int) -> list[str]:
    """`count` days up to and with `day`, in order, none after it, all of its month."""
    if len(day) < 10:
        return [day] * count
    last = int(day[8:])
    earlier = sorted(chance.randint(1, last) for _ in range(count - 1))
    return [f"{day[:8]}{one:02d}" for one in earlier] + [day]
