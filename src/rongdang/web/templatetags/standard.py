"""Words for the parts of the data standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rongdang.base.vocab import codes
from rongdang.base.vocab.fields import FieldEntry

register = template.Library()
KINDS = {
    "text": _("文字"),
    "code": _("代码"),
    "date": _("日期"),
    "place": _("地点"),
    "id": _("身份号码"),
    "phone": _("电话"),
    "card": _("编号"),
    "number": _("数目"),
    "money": _("金额"),
    "account": _("账号"),
    "area": _("区划代码"),
}
SURE = {"H": _("可靠"), "M": _("一般"), "L": _("存疑")}
SORTS = {"by time": _("按时间"), "by matter": _("按问题"), "by importance": _("按主次")}
MORE = {
    "kin": _("远近"),
    "kind": _("种类"),
    "months": _("期间（月）"),
    "now": _("今属"),
    "percent": _("增发百分数"),
    "ranks": _("编制军衔"),
    "span": _("档次"),
}
KIN = {
    "self": _("本人"),
    "spouse": _("配偶"),
    "direct": _("直系"),
    "collateral": _("三代以内旁系"),
    "affine": _("姻亲"),
    "none": _("不在回避之列"),
    "officer": _("军官"),
    "soldier": _("士兵"),
    "medal": _("勋章"),
    "title": _("称号"),
    "merit": _("平时立功"),
    "commendation": _("表彰"),
    "war": _("战功"),
}


def _english() -> bool:
    return (get_language() or "").startswith("en")


@register.filter
def told(thing: Any) -> str:
    """The name of a group, a value, a table in the reader's language."""
    english, name = _part(thing, "english"), _part(thing, "name") or _part(thing, "title")
    return (english or name) if _english() else name


@register.filter
def told_title(head: Mapping[str, str]) -> str:
    """The title of a data file in the reader's language."""
    return str(head.get("english" if _english() else "title", ""))


@register.filter
def told_in(row: Mapping[str, Any], part: str) -> str:
    """`why` → why_en for readers of English."""
    return str(row.get(f"{part}_en" if _english() else part, ""))


def _part(thing: Any, name: str) -> str:
    return str(thing.get(name, "") if isinstance(thing, Mapping) else getattr(thing, name, ""))


@register.filter
def meaning(entry: FieldEntry) -> str:
    return entry.meaning_en if _english() else entry.meaning


@register.filter
def kind_word(entry: FieldEntry) -> str:
    """What a value of the field is."""
    return str(KINDS[entry.form or entry.type])


@register.filter
def sure_word(mark: str) -> str:
    return str(SURE.get(mark, mark))


@register.filter
def sort_word(sort: str) -> str:
    return str(SORTS.get(sort, sort))


@register.filter
def more_word(key: str) -> str:
    return str(MORE.get(key, key))


@register.filter
def more_of(entry: codes.Code, key: str) -> str:
    """What only this table says of the value, in words."""
    value = entry.more.get(key, "")
    if key == "ranks":
        ranks = codes.by_code("rank")
        return "、".join(told(ranks[one]) for one in value)
    return str(KIN.get(value, value))


@register.filter
def years(entry: codes.Code) -> str:
    """1955–1965、1988–."""
    return "、".join(f"{first}–{last}" for first, last in entry.valid)
