"""How names and ID numbers are compared."""

from __future__ import annotations

from rongdang.describe.linkage.edits import distance
from rongdang.describe.linkage.levels import Comparison, Level, other
from rongdang.describe.linkage.records import Features


def _one_off(a: Features, b: Features) -> bool:
    first, second = a.name or "", b.name or ""
    return a.surname == b.surname and _one_edit(first, second)


def _one_edit(a: str, b: str) -> bool:
    return abs(len(a) - len(b)) <= 1 and distance(a, b) == 1


NAME = Comparison(
    "name",
    "name_l is null or name_r is null",
    lambda a, b: a.name is None or b.name is None,
    (
        Level(
            "same",
            "name_l = name_r",
            lambda a, b: a.name == b.name,
            "姓名相同",
            "same name",
            "name",
        ),
        Level(
            "former",
            "(many_l or many_r) and ({contains}(names_l, name_r) or {contains}(names_r, name_l))",
            lambda a, b: a.name in b.names or b.name in a.names,
            "一方的姓名是另一方的曾用名",
            "the name of one is a former name of the other",
        ),
        Level(
            "sound",
            "sound_l = sound_r",
            lambda a, b: a.sound == b.sound,
            "姓名同音不同字",
            "names sound alike but are written with other characters",
            "sound",
        ),
        Level(
            "shape",
            "shape_l = shape_r",
            lambda a, b: a.shape == b.shape,
            "姓名有形近字",
            "names differ in characters that look alike",
        ),
        Level(
            "near_sound",
            "loose_l = loose_r",
            lambda a, b: a.loose == b.loose,
            "姓名读音相近",
            "names sound nearly alike",
        ),
        Level(
            "dropped",
            "surname_l = surname_r and abs(length(name_l) - length(name_r)) = 1"
            " and length(name_l) + length(name_r) > 4 and levenshtein(name_l, name_r) = 1",
            lambda a, b: (
                len(a.name or "") != len(b.name or "")
                and len(a.name or "") + len(b.name or "") > 4
                and _one_off(a, b)
            ),
            "姓名多一字或少一字",
            "one name has a character more",
        ),
        Level(
            "one_off",
            "surname_l = surname_r and length(name_l) > 2 and length(name_r) > 2"
            " and levenshtein(name_l, name_r) = 1",
            lambda a, b: len(a.name or "") > 2 and len(b.name or "") > 2 and _one_off(a, b),
            "姓名有一字不同",
            "names differ in one character",
        ),
        Level(
            "other_surname",
            "length(name_l) > 2 and length(name_r) > 2 and levenshtein(name_l, name_r) = 1",
            lambda a, b: (
                len(a.name or "") > 2
                and len(b.name or "") > 2
                and _one_edit(a.name or "", b.name or "")
            ),
            "名相同而姓不同",
            "same given name, other surname",
        ),
        Level(
            "surname",
            "surname_l = surname_r",
            lambda a, b: a.surname == b.surname,
            "只有姓相同",
            "only the surname is the same",
        ),
        other("differs", "姓名不同", "names differ"),
    ),
)

NUMBER = Comparison(
    "number",
    "number_l is null or number_r is null",
    lambda a, b: a.number is None or b.number is None,
    (
        Level(
            "same",
            "number_l = number_r",
            lambda a, b: a.number == b.number,
            "身份证号相同",
            "same ID number",
        ),
        Level(
            "order",
            "not (verified_l and verified_r or refuted_l or refuted_r)"
            " and substr(number_l, 1, 12) = substr(number_r, 1, 12)",
            lambda a, b: (
                not ((a.verified and b.verified) or a.refuted or b.refuted)
                and (a.number or "")[:12] == (b.number or "")[:12]
            ),
            "身份证号（十五位）同地区同生日而顺序码不同（可能是双胞胎）",
            "15-digit ID numbers of one area and birthday with other order numbers (twins have such)",
        ),
        Level(
            "one_typo",
            "not (verified_l and verified_r) and levenshtein(number_l, number_r) = 1",
            lambda a, b: not (a.verified and b.verified) and _number_edits(a, b) == 1,
            "身份证号差一位，且至少一个未能由校验码证实",
            "ID numbers differ in one digit, and a check digit does not vouch for both",
        ),
        Level(
            "typo",
            "not (verified_l and verified_r) and levenshtein(number_l, number_r) = 2",
            lambda a, b: not (a.verified and b.verified) and _number_edits(a, b) == 2,
            "身份证号差两位或相邻两位颠倒，且至少一个未能由校验码证实",
            "ID numbers differ in two digits or a swapped pair, and a check digit does not vouch"
            " for both",
        ),
        Level(
            "place_and_order",
            "not (verified_l and verified_r) and length(number_l) = 15 and length(number_r) = 15"
            " and substr(number_l, 1, 6) = substr(number_r, 1, 6)"
            " and substr(number_l, 13, 3) = substr(number_r, 13, 3)",
            lambda a, b: (
                not (a.verified and b.verified)
                and len(a.number or "") == 15 == len(b.number or "")
                and (a.number or "")[:6] == (b.number or "")[:6]
                and (a.number or "")[12:] == (b.number or "")[12:]
            ),
            "身份证号地区与顺序码相同，出生部分不同",
            "ID numbers agree in area and order, not in the birth part",
        ),
        Level(
            "not_verified",
            "not (verified_l and verified_r)",
            lambda a, b: not (a.verified and b.verified),
            "身份证号不同，但未都由校验码证实",
            "ID numbers differ, but check digits do not vouch for both",
        ),
        Level(
            "neighbours",
            "substr(number_l, 1, 12) = substr(number_r, 1, 12)",
            lambda a, b: (a.number or "")[:12] == (b.number or "")[:12],
            "两个有效身份证号同地区同生日而顺序码不同（如双胞胎）",
            "two valid ID numbers of one area and birthday, with other order numbers (as twins have)",
        ),
        other("differs", "两个有效身份证号不同", "two valid ID numbers differ"),
    ),
)


def _number_edits(a: Features, b: Features) -> int:
    return distance(a.number or "", b.number or "", most=2)
