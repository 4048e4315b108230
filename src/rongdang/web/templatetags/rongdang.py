"""Words for values: confidence in three levels, dates as precise as they are, numerals, sizes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Hashable, Sequence
from functools import lru_cache
from html import escape
from secrets import token_hex
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from rongdang.base.vocab import categories, fields, masks, purposes
from rongdang.capture.reading.thresholds import SHOWN, threshold
from rongdang.web import words
from rongdang.web.crops import crop_view
from rongdang.web.event_words import EVENTS

register = template.Library()

NUMERALS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
WEEKDAYS = "一二三四五六日"
NOBODY = uuid.UUID(int=0)
UNITS = ("B", "KB", "MB", "GB", "TB")
# Stand in what is rendered once for what changes with every page; nobody can write one into a page.
MARKS = {name: f"{name}-{token_hex(16)}" for name in ("query", "csrf_token", "next")}


def _english() -> bool:
    return (get_language() or "").startswith("en")


@register.filter
def level(confidence: float | None) -> str:
    """可信 "sure", 请核对 "check" or 拿不准 "unsure", by the rules of trust."""
    value = confidence or 0.0
    if value >= threshold(SHOWN):
        return "sure"
    return "check" if value >= threshold("shown_check") else "unsure"


@register.inclusion_tag("_confidence.html")
def confidence(value: float | None) -> dict[str, object]:
    """One icon, one word, one number for how far the machine is to be believed."""
    return {"level": level(value), "percent": round((value or 0.0) * 100)}


@register.simple_tag
@lru_cache
def icon(name: str) -> SafeString:
    """A sign of `_icons.html`; drawn so often on a page that no template is rendered for it."""
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.filter
def partial_date(value: str | None) -> str:
    """Words for a partial ISO date: 1953年7月, July 1953; other text stays as it is."""
    return date_in_words(value or "", english=_english())


@lru_cache(maxsize=1024)
def date_in_words(value: str, *, english: bool) -> str:
    parts = value.split("-")
    if not all(part.isdecimal() for part in parts) or len(parts) > 3:
        return value
    year, month, day = (*map(int, parts), 0, 0)[:3]
    if month > 12:
        return value
    if english:
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
def category_name(code: str | None, version: str = "2018") -> str:
    """Category code → its name in the reader's language; "" for none and for what is no class."""
    for entry in categories.scheme(version).entries:
        if entry.code == code:
            return entry.english if _english() else entry.name
    return ""


@register.filter
def depth(path: str) -> int:
    """How far below the top a unit stands, 3 at most."""
    return min(3, path.count("."))


@register.filter
def unit_name(unit: Any) -> str:
    """A unit's name; its English name for readers of English, where it has one."""
    english = getattr(unit, "name_en", "") if _english() else ""
    return str(english or getattr(unit, "name", ""))


@register.inclusion_tag("_field_name.html")
def field_name(name: str) -> dict[str, str]:
    """A field of the data standard; for readers of English its English name stands before it."""
    entry = fields.dictionary().get(name)
    return {"name": name, "english": entry.english if entry and _english() else ""}


@register.simple_tag
def field_options() -> SafeString:
    """Every field of the data standard as an option to choose, by group."""
    return _field_options(english=_english())


@lru_cache
def _field_options(*, english: bool) -> SafeString:
    groups = (
        (
            group.english if english else group.name,
            format_html_join(
                "\n",
                '<option value="{}">{}</option>',
                ((one.name, f"{one.english} {one.name}" if english else one.name) for one in held),
            ),
        )
        for group, held in fields.groups().items()
    )
    return format_html_join("\n", '<optgroup label="{}">{}</optgroup>', groups)


@register.filter
def spoken(thing: object, part: str = "") -> str:
    """A text kept in both languages: `reason` → reason_en or reason_zh; "" → en or zh."""
    name = f"{part}_{'en' if _english() else 'zh'}".removeprefix("_")
    told = thing.get(name) if isinstance(thing, dict) else getattr(thing, name, "")
    return str(told or "")


@register.filter
def long_day(day: dt.date) -> str:
    """2026年11月24日 星期二; Tuesday 24 November 2026."""
    if _english():
        return f"{day:%A} {day.day} {day:%B} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"


@register.simple_tag
def still(name: str, **values: Hashable) -> SafeString:
    """A part that depends on the language and these values alone: rendered once for each of them.

    For what many people see alike, as the menu of a role; nothing of a file or a person.
    """
    return _still(name, get_language(), **values)


@register.simple_tag(takes_context=True)
def bar(context: dict[str, Any]) -> SafeString:
    """The bar at the top: rendered once for a person, then only MARKS are filled in anew."""
    user = context.get("user")
    named = bool(user and user.is_authenticated)
    drawn: str = _still(
        "_bar.html",
        get_language(),
        who=str(user.display_name) if user and named else "",
        roles=tuple(map(str, user.role_names)) if user and named else (),
        may_search=context.get("may_search", False),
        size=context["size"],
        theme=context["theme"],
        **MARKS,
    )
    changing = {
        "query": context.get("query", ""),
        "csrf_token": context.get("csrf_token", ""),
        "next": context["request"].get_full_path(),
    }
    for name, value in changing.items():
        drawn = drawn.replace(MARKS[name], escape(str(value)))
    return SafeString(drawn)


@lru_cache(maxsize=512)
def _still(name: str, _language: str | None, **values: Hashable) -> SafeString:
    return render_to_string(name, values)


@register.simple_tag
def state_tag(state: str | None) -> SafeString:
    """A state as icon and word, in one tone on every page."""
    return state_sign(state or "", get_language() or "")


@lru_cache
def state_sign(state: str, _language: str) -> SafeString:
    kind = words.tone(state)
    return format_html(
        '<span class="tag {}">{}{}</span>', kind, icon(tone_icon(state)), state_word(state)
    )


@register.filter
def person_address(pk: object) -> str:
    """Address of a person's page; lists have one in every row, and `url` costs more than the row."""
    return _person_address().replace(str(NOBODY), str(pk))


@lru_cache
def _person_address() -> str:
    return reverse("people:detail", args=[NOBODY])


@register.filter
def named(entry: Any) -> str:
    """Name of an entry of the data standard, in the reader's language."""
    return str(entry.english if _english() else entry.name)


@register.filter
def or_english(entry: Any, part: str) -> str:
    """A text of the data standard, `why`, or `why_en` for readers of English."""
    return str(getattr(entry, f"{part}_en" if _english() else part))


@register.simple_tag
def picture(kind: str, pk: object, width: int) -> str:
    """Address of the image of a "scan" or a "page", `width` pixels wide."""
    return _picture(kind, width).replace(str(NOBODY), str(pk))


@lru_cache
def _picture(kind: str, width: int) -> str:
    return reverse(f"images:{kind}", args=[NOBODY, width])


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
        return gettext("今天 %(clock)s") % {"clock": clock}
    if _english():
        return f"{local.day} {local:%B}{f' {local.year}' if local.year != now.year else ''} {clock}"
    year = f"{local.year}年" if local.year != now.year else ""
    return f"{year}{local.month}月{local.day}日 {clock}"


@register.filter
def box_text(box: Sequence[float] | None) -> str:
    """Box as the viewer reads it from an attribute: "x0,y0,x1,y1"."""
    return ",".join(f"{part:.4f}" for part in box) if box else ""


register.simple_tag(crop_view)


@register.filter
def get(mapping: dict[str, Any] | None, key: str) -> Any:
    """Look a name up in a mapping."""
    return (mapping or {}).get(key, "")


@register.filter
def tone(state: str | None) -> str:
    """Class of the tag for a state; the word beside it says the same."""
    return words.tone(state)


@register.filter
def tone_icon(state: str | None) -> str:
    """Icon of the tag for a state."""
    return words.ICONS.get(words.tone(state), "dot")


@register.filter
def state_word(state: str | None) -> str:
    """The state in words of the reader's language."""
    return str(words.WORDS.get(state or "", state or ""))


@register.filter
def event_word(event: str) -> str:
    """What an entry of the ledger tells of, in words; the code itself where there are none."""
    return str(EVENTS.get(event, event))


@register.filter
def reason_word(reason: Any) -> str:
    """A reason for reading a file, by its entry or its code, in the reader's language."""
    entry = purposes.reasons().get(reason, reason) if isinstance(reason, str) else reason
    if isinstance(entry, str):
        return entry
    return str(entry.english if (get_language() or "").startswith("en") else entry.name)


@register.filter
def level_word(level: str) -> str:
    """A level of content in the reader's language."""
    return str(words.LEVELS.get(level, level))


@register.filter
def masked_name(name: str) -> str:
    """The surname alone, for those who need to know whom but not to read."""
    return masks.mask_name(name)


@register.filter
def ground_word(ground: str) -> str:
    """Why a file is shut to somebody."""
    return str(words.GROUNDS.get(ground, ground))


@register.filter
def permission_word(permission: str) -> str:
    """What a right allows, in words of the reader's language."""
    return str(words.PERMISSIONS.get(permission, permission))
