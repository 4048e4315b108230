"""Masks: as much of a name, number, address or account as a list, an export or a statistic needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial

from rongdang.base.vocab.ids import mask as mask_id
from rongdang.base.vocab.names import COMPOUND
from rongdang.base.vocab.tables import table

HIDDEN = "＊＊"
# Province, city, county; 小区, 社区 and 园区 are no districts.
DISTRICT = re.compile(
    r"^(?:.{2,8}?(?:省|自治区))?(?:.{1,8}?(?:市|州|盟|地区))?(?:.{1,5}?(?:自治县|县|旗|市|(?<![小社园])区))?"
)
# Runs of digits as a page prints them; the ID number first, for it holds what looks like a phone.
ID_NUMBER = re.compile(
    r"(?<![0-9０-９])(?:[0-9０-９]{17}[0-9０-９XxＸｘ]|[0-9０-９]{15})(?![0-9０-９])"
)
ACCOUNT = re.compile(r"(?<![0-9])[0-9]{16,19}(?![0-9])")
PHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])|(?<![0-9])0[0-9]{2,3}-?[0-9]{7,8}(?![0-9])")


def mask_name(name: str) -> str:
    """The surname alone: 张＊＊, 欧阳＊＊."""
    kept = 2 if name[:2] in COMPOUND else 1
    return f"{name[:kept]}{HIDDEN}" if name else ""


def mask_phone(text: str) -> str:
    """First three and last four of a mobile number, the last two of anything shorter."""
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if digits else ""


def mask_address(text: str) -> str:
    """Down to county or district; what lies below it is the door."""
    found = DISTRICT.match(text)
    return f"{found.group() if found else ''}{HIDDEN}"


def mask_number(text: str) -> str:
    """The last four characters of an account or the number of a card; nothing of a short one."""
    value = "".join(text.split())
    return f"{'*' * (len(value) - 4)}{value[-4:]}" if len(value) >= 8 else "*" * len(value)


KINDS: dict[str, Callable[[str], str]] = {
    "id": mask_id,
    "phone": mask_phone,
    "address": mask_address,
    "number": mask_number,
}


@cache
def masked_fields() -> dict[str, str]:
    """Field of a person → kind of mask; accounts stand in running text only."""
    return {row["field"]: row["kind"] for row in table("masks").rows}


def masked(field: str, value: str) -> str:
    """The value as it stands where the field is masked; other fields as they are."""
    kind = masked_fields().get(field)
    return KINDS[kind](value) if kind and value else value


def masked_text(text: str) -> str:
    """Running text with every ID number, account and telephone number in it masked.

    Each keeps its length here: the places of the characters on the page stay true.
    """
    for pattern, first in ((ID_NUMBER, 1), (ACCOUNT, 0), (PHONE, 3)):
        text = pattern.sub(partial(_starred, first=first), text)
    return text


def _starred(found: re.Match[str], *, first: int, last: int = 4) -> str:
    text = found.group()
    return f"{text[:first]}{'*' * (len(text) - first - last)}{text[-last:]}"
