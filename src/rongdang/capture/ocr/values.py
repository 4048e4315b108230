"""The values of reading, where the engines look for them; they live in `base.textlayer`."""

from rongdang.base.textlayer import Box, Cell, Char, Line, Mark, TextLayer

__all__ = ["Box", "Cell", "Char", "Line", "Mark", "TextLayer"]
