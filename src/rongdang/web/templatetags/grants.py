"""Words for levels of content."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.translation import gettext

from rongdang.web import words

register = template.Library()


@register.filter
def level_word(level: str) -> str:
    """A level of content in the reader's language."""
    return str(words.LEVELS.get(level, level))


@register.filter
def level_words(levels: Iterable[str]) -> str:
    """Levels of content in the reader's language, one after the other."""
    return gettext("、").join(level_word(level) for level in levels)
