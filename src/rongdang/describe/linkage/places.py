"""A native place by levels, as far as a source says it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rongdang.base.vocab.addresses import parse_address
from rongdang.base.vocab.names import comparable

_PROVINCE = re.compile(r"^(.{2,6}?)(?:省|特别市|自治区|(?<=.)市(?=.{2,}[县区旗市]))")
_BETWEEN = re.compile(r"自治州|地区|专区|盟|市(?=.{2})|州(?=.{2})")
_COUNTY = re.compile(r"(.{1,7}?)(?:自治县|县|市|区|旗)")
_EMPTY = re.compile(r"[\s　·,，、()()/-]|人$")
_BELOW = re.compile(r"^(.{2,}?[县旗])(?!市).+$")  # a village below the county


class Place(NamedTuple):
    """`core` is province and county in one form: a code where the table of divisions knows them,
    else without the words for their kind (柳原省青溪县 is 柳原青溪).
    """

    province: str
    county: str
    core: str


def place_of(text: str) -> Place:
    """The levels of a place down to its county, as it is called today; a village is left out."""
    plain = _EMPTY.sub("", comparable(text))
    return _levels(_BELOW.sub(r"\1", plain))


@lru_cache(maxsize=50_000)
def _levels(plain: str) -> Place:
    known = parse_address(plain)
    code = known.today_code or known.code
    if code:
        county = "" if code.endswith("00") else code
        return Place(code[:2], county, code if county else code[:4].removesuffix("00"))
    found = _PROVINCE.match(plain)
    province = found.group(1) if found else ""
    rest = plain[found.end() :] if found else plain
    parts = [part for part in _BETWEEN.split(rest) if part]
    within = _COUNTY.match(parts[-1]) if parts else None
    lowest = within.group(1) if within else ""
    return Place(province, lowest, province + (lowest or rest))
