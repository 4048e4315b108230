"""Words for levels of content."""

from __future__ import annotations

from django import template

from rongdang.web import words

register = template.Library()


@register.filter
def level_word(level: str) -> str:
    """A level of content in the reader's language."""
    return str(words.LEVELS.get(level, level))
