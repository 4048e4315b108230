"""Words for values: confidence in three levels, dates as precise as they are, numerals, sizes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

register = template.Library()

SURE, CHECK = 0.9, 0.7
NUMERALS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
UNITS = ("B", "KB", "MB", "GB", "TB")
# Room round a box in the little picture beside a field, as parts of the page.
MARGIN_X, MARGIN_Y = 0.012, 0.006
BAND = 0.6  # how much of the page's width the picture of a hit shows


def _english() -> bool:
    return (get_language() or "").startswith("en")


@register.filter
def level(confidence: float | None) -> str:
    """可信 "sure" from 0.9, 请核对 "check" from 0.7, else 拿不准 "unsure"."""
    value = confidence or 0.0
    return "sure" if value >= SURE else "check" if value >= CHECK else "unsure"


@register.inclusion_tag("_confidence.html")
def confidence(value: float | None) -> dict[str, object]:
    """One icon, one word, one number for how far the machine is to be believed."""
    return {"level": level(value), "percent": round((value or 0.0) * 100)}


@register.inclusion_tag("_icon.html")
def icon(name: str) -> dict[str, str]:
    return {"name": name}


@register.filter
def partial_date(value: str | None) -> str:
    """Words for a partial ISO date: 1953年7月, July 1953; other text stays as it is."""
    parts = (value or "").split("-")
    if not all(part.isdecimal() for part in parts) or len(parts) > 3:
        return value or ""
    year, month, day = (*map(int, parts), 0, 0)[:3]
    if month > 12:
        return value or ""
    if _english():
        name = dt.date(2000, month, 1).strftime("%B") if month else ""
        return " ".join(filter(None, (str(day) if day else "", name, str(year))))
    return f"{year}年" + (f"{month}月" if month else "") + (f"{day}日" if day else "")


@register.filter
def numeral(code: str | None) -> str:
    """Category code → 四-1; in English the code itself."""
    head, _dash, rest = str(code or "").partition("-")
    if _english() or not head.isdecimal() or int(head) >= len(NUMERALS):
        return str(code or "")
    return NUMERALS[int(head)] + (f"-{rest}" if rest else "")


@register.filter
def class_word(code: str | None) -> str:
    """Category code → 四-1 类; "" stays ""."""
    return gettext("%(code)s 类") % {"code": numeral(code)} if code else ""


@register.filter
def file_size(size: int | None) -> str:
    """Bytes → 3.4 MB; whole bytes below one KB."""
    value = float(size or 0)
    for unit in UNITS:
        if value < 1024 or unit == UNITS[-1]:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError


@register.filter
def in_words(moment: dt.datetime | None) -> str:
    """今天 10:32, 11月26日 17:00; another year is named."""
    if moment is None:
        return ""
    local, now = timezone.localtime(moment), timezone.localtime()
    clock = f"{local:%H:%M}"
    if local.date() == now.date():
        return f"{gettext('今天')} {clock}"
    if _english():
        return f"{local.day} {local:%B}{f' {local.year}' if local.year != now.year else ''} {clock}"
    year = f"{local.year}年" if local.year != now.year else ""
    return f"{year}{local.month}月{local.day}日 {clock}"


@register.filter
def box_text(box: Sequence[float] | None) -> str:
    """Box as the viewer reads it from an attribute: "x0,y0,x1,y1"."""
    return ",".join(f"{part:.4f}" for part in box) if box else ""


@register.simple_tag
def crop_view(box: Sequence[float], width: int, height: int, tall: int = 34) -> dict[str, Any]:
    """Window (viewBox) and size of the piece of a page round `box`, `tall` CSS pixels high at most.

    A box is shown through an SVG window on the page image: no second image is made.
    """
    width, height = width or 1, height or 1
    left, top = max(0.0, box[0] - MARGIN_X) * width, max(0.0, box[1] - MARGIN_Y) * height
    wide = min(1.0, box[2] + MARGIN_X) * width - left
    high = min(1.0, box[3] + MARGIN_Y) * height - top
    scale = min(tall * 2 / high if high > wide else tall / high, 300 / wide)
    return {
        "view": f"{left:.0f} {top:.0f} {max(1, wide):.0f} {max(1, high):.0f}",
        "width": max(8, round(wide * scale)),
        "height": max(8, round(high * scale)),
        "page_width": width,
        "page_height": height,
    }


@register.simple_tag
def band_view(boxes: Sequence[Sequence[float]], width: int, height: int) -> dict[str, Any]:
    """A band of the page round the first hit, a line above and below, with the hits in it."""
    width, height = width or 1, height or 1
    first = boxes[0]
    wide = min(1.0, max(BAND, first[2] - first[0] + 0.1))
    left = min(1.0 - wide, max(0.0, (first[0] + first[2] - wide) / 2))
    top = max(0.0, first[1] - 0.02)
    end = min(1.0, max(first[3] + 0.02, top + 0.06))
    return {
        "view": f"{left * width:.0f} {top * height:.0f} {wide * width:.0f} {(end - top) * height:.0f}",
        "width": 640,
        "height": max(8, round(640 * (end - top) * height / (wide * width))),
        "page_width": width,
        "page_height": height,
        "rects": [
            {
                "x": f"{box[0] * width:.0f}",
                "y": f"{box[1] * height:.0f}",
                "width": f"{(box[2] - box[0]) * width:.0f}",
                "height": f"{(box[3] - box[1]) * height:.0f}",
            }
            for box in boxes
            if box[1] >= top and box[3] <= end
        ],
    }


@register.filter
def get(mapping: dict[str, Any] | None, key: str) -> Any:
    """Look a name up in a mapping."""
    return (mapping or {}).get(key, "")


STATES = {
    "ok": {"read", "filed", "done", "stored", "split", "sealed", "confirmed"},
    "warn": {"rescan", "partial", "postponed", "check", "duplicate", "waiting", "receiving"},
    "bad": {"failed", "secret", "refused", "dead"},
    "read": {"reading", "review", "proposed", "running"},
}


@register.filter
def tone(state: str | None) -> str:
    """Class of the tag for a state; the word beside it says the same."""
    return next((name for name, states in STATES.items() if state in states), "")


@register.filter
def tone_icon(state: str | None) -> str:
    """Icon of the tag for a state."""
    return {"ok": "ok", "warn": "clock", "bad": "warn", "read": "eye"}.get(tone(state), "dot")


@register.filter
def state_word(state: str | None) -> str:
    """The state in words of the reader's language."""
    return str(WORDS.get(state or "", state or ""))


WORDS = {
    "receiving": _("正在接收"),
    "reading": _("正在识读"),
    "review": _("等人核对"),
    "done": _("已办结"),
    "stored": _("已存好"),
    "split": _("已分页"),
    "partial": _("部分读出"),
    "refused": _("没有收下"),
    "duplicate": _("以前交过"),
    "waiting": _("等待识读"),
    "read": _("已识读"),
    "blank": _("空白页"),
    "separator": _("分隔页"),
    "rescan": _("请重扫"),
    "secret": _("疑似涉密"),
    "failed": _("没读出来"),
    "filed": _("已归卷"),
    "proposed": _("等人核对"),
    "postponed": _("先放一放"),
    "check": _("等第二人复核"),
    "empty": _("已并走"),
    "open": _("整理中"),
    "sealed": _("已入库"),
    "confirmed": _("已确认"),
    "ready": _("排队"),
    "running": _("正在做"),
    "dead": _("做不下去"),
}
