"""Strict readers of the environment: a wrong value stops the start and says which."""

from __future__ import annotations

import os
from pathlib import Path


class SettingError(ValueError):
    """A setting has a value that cannot be meant."""


def text(name: str, default: str, *, choices: tuple[str, ...] = ()) -> str:
    value = os.environ.get(name, default)
    if choices and value not in choices:
        raise SettingError(f"{name}={value!r}: 只能是 / must be one of {', '.join(choices)}")
    return value


def boolean(name: str, *, default: bool) -> bool:
    return text(name, "yes" if default else "no", choices=("yes", "no")) == "yes"


def integer(name: str, default: int, *, least: int = 0) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdecimal() or int(value) < least:
        raise SettingError(
            f"{name}={value!r}: 要一个不小于 {least} 的整数 / a whole number ≥ {least}"
        )
    return int(value)


def words(name: str, default: str) -> list[str]:
    return [word for word in os.environ.get(name, default).split(",") if word]


def folder(name: str, default: Path) -> Path:
    return Path(os.environ.get(name, default)).resolve()
