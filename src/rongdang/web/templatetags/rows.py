"""Rows that stand ten or thirty times on a page, drawn by functions: a template for each would cost
more than all the rest of the page. Whatever is not a number or an identifier goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from rongdang.web.crops import band_view
from rongdang.web.templatetags.rongdang import (
    category_name,
    class_word,
    date_in_words,
    numeral,
    partial_date,
    person_address,
    picture,
    reason_word,
    state_sign,
    unit_name,
)

register = template.Library()

BAND = 900  # pixels of the page's image behind a hit
CHOSEN_OPTION, CHOSEN_LINK = " selected", ' aria-current="true"'


@register.simple_tag
def file_rows(files: Sequence[dict[str, Any]]) -> SafeString:
    """Files: values of CaseFile, its person and custodian."""
    language = get_language() or ""
    english = language.startswith("en")
    held = gettext("%(items)s 份 %(pages)s 页")
    return SafeString("".join(_file_row(file, held, language, english=english) for file in files))


def _file_row(file: dict[str, Any], held: str, language: str, *, english: bool) -> str:
    unit = (english and file["custodian__name_en"]) or file["custodian__name"]
    birth = date_in_words(file["person__birth"], english=english)
    counted = file["item_count"] is not None
    counts = held % {"items": file["item_count"], "pages": file["page_count"]} if counted else ""
    return (
        f'<tr><th scope="row"><a data-row href="{person_address(file["person_id"])}">'
        f'{escape(file["person__name"])}</a></th> <td class="num nb">{escape(file["number"])}</td> '
        f'<td>{escape(unit)}</td> <td class="num nb">{escape(birth)}</td> '
        f'<td class="num nb">{escape(counts)}</td> <td>{state_sign(file["state"], language)}</td></tr>\n'
    )


@register.simple_tag
def person_rows(people: Sequence[Any]) -> SafeString:
    """People found: `provide.search.matching.FoundPerson`."""
    return SafeString("".join(map(_person_row, people)))


def _person_row(person: Any) -> str:
    return (
        f'<tr><th scope="row"><a data-row href="{person_address(person.pk)}">'
        f'{escape(person.name)}</a></th> <td class="num nb">{escape(person.number or "")}</td> '
        f"<td>{escape(unit_name(person.unit))}</td> "
        f'<td class="num nb">{escape(partial_date(person.birth))}</td></tr>\n'
    )


@register.simple_tag
def hit_rows(hits: Sequence[Any], query: str) -> SafeString:
    """Found pages and titles, with the place drawn: `provide.search.queries.Hit`."""
    quoted, place = escape(quote(query)), escape(gettext("原件上的这一处"))
    return SafeString("".join(_hit_row(hit, quoted, place) for hit in hits))


def _hit_row(hit: Any, quoted: str, place: str) -> str:
    found = hit.found
    told = [class_word(found.category), partial_date(found.formed)]
    page = ""
    if found.page_id:
        told.append(gettext("第 %(number)s 页") % {"number": found.sequence})
        page = f"&amp;page={found.page_id}"
    if hit.purpose.kind != "keep":
        by = gettext("按授权：%(reason)s") if hit.purpose.by_grant else gettext("事由：%(reason)s")
        told.append(by % {"reason": reason_word(hit.purpose.code)})
    words = "".join(f"· {words} " for words in told if words)
    return (
        f'<li><div><a data-row href="{person_address(found.person_id)}?item={found.item_id}{page}'
        f'&amp;q={quoted}"><b>{escape(found.person)} · {escape(found.title)}</b></a> '
        f'<p class="hint"><span class="num nb">{escape(found.number)}</span> {escape(words)}</p></div> '
        f'<div class="seen"><p>{escape(hit.before)}<mark>{escape(hit.match)}</mark>{escape(hit.after)}</p>'
        f"{_window(hit, place) if hit.boxes else ''}</div></li>\n"
    )


def _window(hit: Any, place: str) -> str:
    """The band of the page where the hit stands, marked; `place` is what it is called."""
    found = hit.found
    band = band_view(hit.boxes, found.width, found.height)
    rects = "".join(
        f'<rect class="hit" x="{rect["x"]}" y="{rect["y"]}" width="{rect["width"]}" '
        f'height="{rect["height"]}" rx="6"/>'
        for rect in band["rects"]
    )
    return (
        f'<svg class="crop" width="{band["width"]}" height="{band["height"]}" '
        f'viewBox="{band["view"]}" role="img" aria-label="{place}">'
        f'<image href="{picture("page", found.page_id, BAND)}" width="{band["page_width"]}" '
        f'height="{band["page_height"]}"/>{rects}</svg>'
    )


@register.simple_tag(takes_context=True)
def facets(context: dict[str, Any], values: dict[str, Any], filters: Any) -> SafeString:
    """The facets of a result (name → (value, label, count)); those that are set stand in `filters`.

    A link asks the same question from the first hit on, with one value of one facet set.
    """
    titles = {"unit": gettext("机构"), "category": gettext("类别"), "year": gettext("年份")}
    asked = {name: told for name, told in context["request"].GET.lists() if name != "before"}
    return SafeString(
        "".join(
            _facet(name, title, values[name], getattr(filters, name), asked)
            for name, title in titles.items()
            if values.get(name)
        )
    )


def _facet(
    name: str,
    title: str,
    values: Sequence[tuple[str, str, int]],
    chosen: str,
    asked: dict[str, Any],
) -> str:
    others = {other: told for other, told in asked.items() if other != name}
    start = escape(f"?{urlencode(others, doseq=True)}&{name}=")
    rows = "".join(
        f'<li><a href="{start}{escape(value)}"{CHOSEN_LINK if value == chosen else ""}>'
        f'<span>{escape(_facet_word(name, label))}</span> <span class="n">{count}</span></a></li>\n'
        for value, label, count in values
    )
    return f'<section class="facet"><h3>{escape(title)}</h3><ul>{rows}</ul></section>\n'


def _facet_word(name: str, label: str) -> str:
    return f"{numeral(label)} {category_name(label)}" if name == "category" else label


@register.simple_tag
def unit_options(units: Sequence[Any], chosen: str) -> SafeString:
    """Units to choose from; `chosen` is the path of the one that is."""
    return SafeString(
        "".join(
            f'<option value="{escape(unit.path)}"{CHOSEN_OPTION if unit.path == chosen else ""}>'
            f"{escape(unit_name(unit))}</option>"
            for unit in units
        )
    )
