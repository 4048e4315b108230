"""Papers without a form: autobiographies by hand, orders under a red head, testimonies."""

from __future__ import annotations

from rongdang.demo.paper.lives import Life
from rongdang.demo.paper.people import invent_name
from rongdang.demo.paper.sections import SEALS, own_half, prose
from rongdang.demo.paper.sheet import Pen, Sheet, width_of
from rongdang.demo.paper.stamps import round_seal, signature, square_seal
from rongdang.demo.paper.work import Work
from rongdang.demo.paper.writing import Clerk, date_in_words, number_in_words


def facts(clerk: Clerk) -> dict[str, str]:
    """What the sentences are filled with."""
    life, style = clerk.life, clerk.date_style
    penalty = life.penalty
    return {
        "name": life.name,
        "sex": life.sex,
        "birth": date_in_words(life.birth, style),
        "native": life.native_place,
        "enlistment": date_in_words(life.enlistment[:7], style),
        "unit": clerk.standing.post.unit,
        "post": clerk.standing.post.name,
        "fault": penalty.fault if penalty else "",
        "penalty": penalty.kind if penalty else "",
    }


def draw_essay(work: Work, title: str, clerk: Clerk, *, least: int) -> None:
    """Pages by hand on ruled paper, at least `least` of them, signed and dated at the end."""
    pen = work.style.hand.sized(work.chance.choice((5.6, 6.0, 6.4)))
    if title:
        work.centred(title, work.style.hand.sized(8.0))
    sentences = own_half(prose()["essay"], work.style.split)
    parts = [one.format(**facts(clerk)) for one in sentences]
    turn = 0
    while len(work.sheets) < least or turn < len(parts):
        work.paragraph(parts[turn % len(parts)], pen, leading=1.62)
        turn += 1
    work.room(34)
    work.y += 8
    signature(work.sheet, work.right - 46, work.y, clerk.life.name, work.style.hand.face)
    work.sheet.lines.insert(-1, "")
    work.y += 12
    _pen_date(work, clerk.day)
    for sheet in work.sheets:
        _rules_of_paper(work, sheet, pen)


def _pen_date(work: Work, day: str) -> None:
    words = date_in_words(day, work.style.date_style)
    pen = work.style.hand
    work.sheet.write(work.right - 6 - width_of(words, pen), work.y, words, pen)


def _rules_of_paper(work: Work, sheet: Sheet, pen: Pen) -> None:
    """Faint red or blue lines under every row."""
    layer = work.style.condition.hand_ink if work.style.dpi == 0 else "red"
    y = 34.0
    while y < work.bottom:
        sheet.draw(layer).line(
            (sheet.px(work.left - 2), sheet.px(y), sheet.px(work.right + 2), sheet.px(y)),
            fill=70,
            width=1,
        )
        y += pen.size * 1.62


def draw_order(work: Work, kind: str, title: str, clerk: Clerk) -> None:
    """A decision, an order or an answer under the red head of its issuer, with seal."""
    year = int(clerk.day[:4])
    issuer = "某部" + work.chance.choice(SEALS[:3])
    if year >= 1956 and work.chance.random() < 0.75:
        _red_head(work, issuer, f"〔{year}〕政干字第{work.chance.randrange(1, 90)}号")
    _head_of(work, kind, title, clerk.life)
    pen = work.style.label.sized(4.8)
    for sentence in prose()["orders"][_key(kind, "orders")]:
        work.paragraph(sentence.format(**facts(clerk)), pen, leading=1.9)
    _closed(work, issuer, clerk.day, pen)


def _red_head(work: Work, issuer: str, number: str) -> None:
    red = Pen(work.style.title.face, "red", 10.5)
    name = f"中国人民解放军{issuer}文件" if work.chance.random() < 0.5 else f"{issuer}文件"
    work.centred(name, red, spread=False)
    small = work.style.label.sized(4.4)
    work.centred(number, small, spread=False)
    work.sheet.rule(work.left, work.y, work.right, work.y, layer="red", thick=0.7)
    work.y += 10


def _head_of(work: Work, kind: str, title: str, life: Life) -> None:
    if title:
        work.centred(title, work.style.title.sized(6.4))
        if kind in ("处分", "结论") and work.chance.random() < 0.4:
            work.centred(f"（{life.name}）", work.style.label, spread=False)
    work.y += 5


def draw_letter(work: Work, kind: str, title: str, clerk: Clerk) -> None:
    """A testimony, an introduction or the story of a life, typed or by hand."""
    pen = work.style.hand.sized(5.8) if not work.style.typed else work.style.label.sized(4.8)
    if title:
        work.centred(title, work.style.title if work.style.typed else work.style.hand.sized(8.0))
    work.y += 4
    for sentence in prose()["letters"][_key(kind, "letters")]:
        work.paragraph(sentence.format(**facts(clerk)), pen, leading=1.8)
    if _key(kind, "letters") == "证明":
        _witness(work, clerk.day, pen)
    else:
        _closed(work, "某部" + work.chance.choice(SEALS), clerk.day, pen)


def _witness(work: Work, day: str, pen: Pen) -> None:
    name = invent_name(work.chance, sex="男", birth_year=1925)[0]
    work.y += 10
    work.room(30)
    work.sheet.write(work.right - 66, work.y, f"证明人：{name}", pen)
    if len(name) <= 4:
        square_seal(work.sheet, work.right - 12, work.y + 2, name)
    work.y += 10
    words = date_in_words(day, work.style.date_style)
    work.sheet.write(work.right - 6 - width_of(words, pen), work.y, words, pen)


def _closed(work: Work, issuer: str, day: str, pen: Pen) -> None:
    """Issuer and date at the lower right, the seal over both."""
    work.y += 12
    work.room(44)
    middle = work.right - 34
    work.sheet.write(middle - width_of(issuer, pen) / 2, work.y, issuer, pen)
    words = date_in_words(day, work.style.date_style)
    work.sheet.write(middle - width_of(words, pen) / 2, work.y + 10, words, pen)
    round_seal(work.sheet, middle + 2, work.y + 8, issuer, across=40.0)
    work.y += 30


def _key(kind: str, group: str) -> str:
    return kind if kind in prose()[group] else next(iter(prose()[group]))


def draw_vertical(work: Work, title: str, clerk: Clerk, sentences: list[str]) -> None:
    """A page in columns from right to left, set in traditional characters."""
    sheet, pen = work.sheet, work.style.label.sized(5.0)
    x = work.right - 8
    if title:
        sheet.write_down(x - 2, work.y + 10, title, work.style.title.sized(7.5))
        x -= 16
    deep = int((work.bottom - work.y - 12) / (pen.size * pen.pitch * 1.08))
    for sentence in sentences:
        text = "　　" + sentence.format(**facts(clerk))
        for start in range(0, len(text), deep):
            sheet.write_down(x, work.y + 8, text[start : start + deep], pen)
            x -= pen.size * 1.9
    day = _vertical_date(clerk.day)
    sheet.write_down(x - 4, work.y + 60, day, pen)
    name = invent_name(work.chance, sex="男", birth_year=1925)[0]
    closing = f"证明人{name}" if "证明" in "".join(sentences) else f"某部{SEALS[0]}"
    sheet.write_down(x - 16, work.y + 90, closing, pen)


def _vertical_date(iso: str) -> str:
    parts = [int(part) for part in iso.split("-")]
    year = "".join("〇一二三四五六七八九"[int(d)] for d in str(parts[0]))
    rest = zip(parts[1:], "月日", strict=False)
    return f"{year}年" + "".join(number_in_words(part) + unit for part, unit in rest)
