"""One material of one person, drawn: its sheets and what is true of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from rongdang.demo.paper.catalogue import Kind, official_names, title_of
from rongdang.demo.paper.letters import draw_essay, draw_letter, draw_order, draw_vertical
from rongdang.demo.paper.lives import Life
from rongdang.demo.paper.sections import days_before, draw_opinions, draw_section, prose
from rongdang.demo.paper.sheet import Sheet, TrueMark, width_of
from rongdang.demo.paper.styles import Split, Style, invent_style
from rongdang.demo.paper.tables import draw_fields
from rongdang.demo.paper.work import Work
from rongdang.demo.paper.writing import Clerk, date_in_words


@dataclass(frozen=True, slots=True)
class TrueMaterial:
    """What a careful reader would catalogue. `pages` are numbers in the stack, blank backs included.

    `title` is "" where the paper has none; `known_title` says whether the shipped list of official
    names has it. Dates are partial ISO, values normalised as reading keeps them; `hands` tells
    which were typed and which written by hand.
    """

    pages: list[int]
    title: str
    category: str
    date: str
    person: str
    fields: dict[str, str]
    hands: dict[str, str]
    marks: list[TrueMark]
    known_title: bool
    form: bool


@dataclass(frozen=True, slots=True)
class DrawnMaterial:
    """The sheets in order, the look they share, and the truth (its pages not yet numbered)."""

    sheets: list[Sheet]
    style: Style
    truth: TrueMaterial


def draw_material(kind: Kind, life: Life, day: str, split: Split, chance: Random) -> DrawnMaterial:
    """This paper, as made on that day."""
    year = int(day[:4])
    vertical = kind.shape in ("letter", "order") and year < 1957 and chance.random() < 0.5
    style = invent_style(chance, split, year, vertical=vertical)
    if vertical:
        set_pen = replace(style.label, traditional=True)
        style = replace(style, label=set_pen, typed=True, date_style="chinese")
    titled = kind.shape == "form" or chance.random() > 0.07
    title = title_of(kind, split, chance) if titled else ""
    work = Work(style, chance)
    clerk = Clerk(life, day, style.date_style, chance)
    signed = day[:7] if kind.shape == "form" and chance.random() < 0.12 else day
    _draw(work, kind, title, clerk, signed)
    truth = TrueMaterial(
        pages=[],
        title=title,
        category=kind.category,
        date=signed,
        person=life.name,
        fields=work.fields,
        hands=work.hands,
        marks=[mark for sheet in work.sheets for mark in sheet.marks],
        known_title=title in official_names(),
        form=kind.shape == "form",
    )
    return DrawnMaterial(work.sheets, style, truth)


def _draw(work: Work, kind: Kind, title: str, clerk: Clerk, signed: str) -> None:
    if work.style.vertical:
        group = "orders" if kind.shape == "order" else "letters"
        sentences = prose()[group].get(kind.kind) or next(iter(prose()[group].values()))
        draw_vertical(work, title, clerk, sentences)
    elif kind.shape == "form":
        _draw_form(work, kind, title, clerk, signed)
    elif kind.shape == "essay":
        draw_essay(work, title, clerk, least=work.chance.randrange(1, 3))
    elif kind.shape == "order":
        draw_order(work, kind.kind, title, clerk)
    else:
        draw_letter(work, kind.kind, title, clerk)


def _draw_form(work: Work, kind: Kind, title: str, clerk: Clerk, signed: str) -> None:
    chance = work.chance
    days = days_before(chance, signed, len(kind.opinions))
    if chance.random() < 0.25:
        work.centred("中国人民解放军", work.style.label.sized(5.0), spread=True)
    work.centred(title, work.style.title)
    if chance.random() < 0.4:
        year = date_in_words(signed[:4], "chinese")
        work.centred(f"（{year}）", work.style.label, spread=False)
    if chance.random() < 0.4:
        unit = f"单位：{clerk.standing.post.unit}"
        work.sheet.write(work.left, work.y, unit, work.style.label)
        words = date_in_words(days[0], work.style.date_style)
        before = width_of(words, work.style.hand) + width_of("填表日期：", work.style.label) + 9
        work.sheet.write(work.right - before, work.y, "填表日期：", work.style.label, said=False)
        work.dated(work.right, work.y, days[0])
        work.sheet.lines[-1] = f"填表日期：{work.sheet.lines[-1]}"
        work.y += 8
    draw_fields(work, _asked(kind, clerk, chance), clerk, photo=kind.photo)
    for section in kind.sections:
        draw_section(work, section, clerk)
    draw_opinions(work, list(kind.opinions), days, clerk.life)


def _asked(kind: Kind, clerk: Clerk, chance: Random) -> list[str]:
    """The fields this print of the form asks for: the name always, most of the others."""
    never = {"公民身份号码"} if clerk.day < "1986" else set()
    if clerk.day < "1985":
        never |= {"联系电话", "专业技术职务"}
    if not clerk.standing.rank:
        never |= {"军衔", "授衔日期"}
    key = (
        {"奖励", "处分", "残疾等级", "军衔"} & set(kind.fields) if len(kind.fields) < 15 else set()
    )
    return [
        name
        for name in kind.fields
        if name == "姓名" or (name not in never and (name in key or chance.random() < 0.88))
    ]
