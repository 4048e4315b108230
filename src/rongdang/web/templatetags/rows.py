"""Rows that stand ten or thirty times on a page, drawn by functions: a template for each would cost
more than all the rest of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
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
    state_sign,
    unit_name,
)

register = template.Library()

BAND = 900  # pixels of the page's image behind a hit
NOTHING = mark_safe("")
FILE = (
    '<tr><th scope="row"><a data-row href="{}">{}</a></th> <td class="num nb">{}</td> '
    '<td>{}</td> <td class="num nb">{}</td> <td class="num nb">{}</td> <td>{}</td></tr>\n'
)
PERSON = (
    '<tr><th scope="row"><a data-row href="{}">{}</a></th> <td class="num nb">{}</td> '
    '<td>{}</td> <td class="num nb">{}</td></tr>\n'
)
HIT = (
    '<li><div><a data-row href="{}?item={}{}&amp;q={}"><b>{} · {}</b></a> '
    '<p class="hint"><span class="num nb">{}</span> {}</p></div> '
    '<div class="seen"><p>{}<mark>{}</mark>{}</p>{}</div></li>\n'
)
WINDOW = (
    '<svg class="crop" width="{}" height="{}" viewBox="{}" role="img" aria-label="{}">'
    '<image href="{}" width="{}" height="{}"/>{}</svg>'
)
RECT = '<rect class="hit" x="{}" y="{}" width="{}" height="{}" rx="6"/>'
FACET = '<li><a href="{}{}"{}><span>{}</span> <span class="n">{}</span></a></li>\n'
OPTION = '<option value="{}"{}>{}</option>'
CHOSEN_OPTION = mark_safe(" selected")
CHOSEN_LINK = mark_safe(' aria-current="true"')


@register.simple_tag
def file_rows(files: Sequence[dict[str, Any]]) -> SafeString:
    """Files: values of CaseFile, its person and custodian."""
    language = get_language() or ""
    english = language.startswith("en")
    held = gettext("%(items)s 份 %(pages)s 页")
    rows = (
        (
            person_address(file["person_id"]),
            file["person__name"],
            file["number"],
            (english and file["custodian__name_en"]) or file["custodian__name"],
            date_in_words(file["person__birth"], english=english),
            held % {"items": file["item_count"], "pages": file["page_count"]}
            if file["item_count"] is not None
            else "",
            state_sign(file["state"], language),
        )
        for file in files
    )
    return format_html_join("", FILE, rows)


@register.simple_tag
def person_row(person: Any) -> SafeString:
    """A person found: `provide.search.matching.FoundPerson`."""
    return format_html(
        PERSON,
        person_address(person.pk),
        person.name,
        person.number or "",
        unit_name(person.unit),
        partial_date(person.birth),
    )


@register.simple_tag
def hit_row(hit: Any, query: str) -> SafeString:
    """A found page or title, with the place drawn: `provide.search.queries.Hit`."""
    found = hit.found
    told = [class_word(found.category), partial_date(found.formed)]
    if found.page_id:
        told.append(gettext("第 %(number)s 页") % {"number": found.sequence})
    return format_html(
        HIT,
        person_address(found.person_id),
        found.item_id,
        format_html("&amp;page={}", found.page_id) if found.page_id else NOTHING,
        quote(query),
        found.person,
        found.title,
        found.number,
        "".join(f"· {words} " for words in told if words),
        hit.before,
        hit.match,
        hit.after,
        _window(hit) if hit.boxes else NOTHING,
    )


def _window(hit: Any) -> SafeString:
    """The band of the page where the hit stands, marked."""
    found = hit.found
    band = band_view(hit.boxes, found.width, found.height)
    sides = ("x", "y", "width", "height")
    return format_html(
        WINDOW,
        band["width"],
        band["height"],
        band["view"],
        gettext("原件上的这一处"),
        picture("page", found.page_id, BAND),
        band["page_width"],
        band["page_height"],
        format_html_join("", RECT, ([rect[side] for side in sides] for rect in band["rects"])),
    )


@register.simple_tag
def facet_rows(
    name: str, values: Sequence[tuple[str, str, int]], chosen: str, address: str
) -> SafeString:
    """The values of a facet with their counts; a value is added to `address`."""
    return format_html_join(
        "",
        FACET,
        (
            (
                address,
                value,
                CHOSEN_LINK if value == chosen else NOTHING,
                f"{numeral(label)} {category_name(label)}" if name == "category" else label,
                count,
            )
            for value, label, count in values
        ),
    )


@register.simple_tag
def unit_options(units: Sequence[Any], chosen: str) -> SafeString:
    """Units to choose from; `chosen` is the path of the one that is."""
    return format_html_join(
        "",
        OPTION,
        (
            (unit.path, CHOSEN_OPTION if unit.path == chosen else NOTHING, unit_name(unit))
            for unit in units
        ),
    )
