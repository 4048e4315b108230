"""What a source or a page says of somebody → the record that is compared."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rongdang.base.vocab.units import parse_unit
from rongdang.describe.access.kinship import KIN_FIELDS, relatives
from rongdang.describe.linkage.records import Record
from rongdang.describe.statements.said import Said, Sayings

SEVERAL = re.compile(r"[、，,;；/\s]+")
NOTHING = Said("")
UNIT = "接收机构"  # not 部职别: a unit he once served in tells nobody apart


def record_of(identifier: str, sayings: Sayings) -> Record:
    """The record of one row or one person, by the names of the field dictionary."""

    def said(field: str) -> str:
        return sayings.get(field, NOTHING).value

    return Record(
        identifier,
        said("姓名"),
        tuple(name for name in SEVERAL.split(said("曾用名")) if name),
        said("性别"),
        said("公民身份号码"),
        said("出生日期"),
        said("入伍日期"),
        said("籍贯"),
        tuple(dict.fromkeys(_kin(sayings))),
        parse_unit(said(UNIT)).key if said(UNIT) else "",
    )


def _kin(sayings: Sayings) -> Iterator[str]:
    """One name for each relative: the whole run of characters, not its beginnings."""
    for field in KIN_FIELDS:
        value = sayings.get(field, NOTHING).value
        for one in relatives(field, value) if value else []:
            yield max(one.names, key=lambda name: (len(name), name))
