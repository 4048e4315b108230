"""How birth, enlistment, native place, sex, kin and unit are compared."""

from __future__ import annotations

from rongdang.describe.linkage.levels import Comparison, Level, other
from rongdang.describe.linkage.records import Features


def _same_month(a: Features, b: Features) -> bool:
    return (
        a.birth_year == b.birth_year
        and a.birth_month is not None
        and a.birth_month == b.birth_month
    )


def _years(a: Features, b: Features) -> int:
    return abs((a.birth_year or 0) - (b.birth_year or 0))


def _shifted(a: Features, b: Features) -> bool:
    if a.birth_at is not None and b.birth_at is not None:
        return 17 <= abs(a.birth_at - b.birth_at) <= 51
    if a.birth_month is None or b.birth_month is None:
        return False
    first = (a.birth_year or 0) * 12 + a.birth_month
    return 1 <= abs(first - (b.birth_year or 0) * 12 - b.birth_month) <= 2


_BOTH_DAYS = "birth_at_l is not null and birth_at_r is not null"
_MONTHS = "abs(birth_year_l * 12 + birth_month_l - birth_year_r * 12 - birth_month_r)"
BIRTH = Comparison(
    "birth",
    "birth_year_l is null or birth_year_r is null",
    lambda a, b: a.birth_year is None or b.birth_year is None,
    (
        Level(
            "day",
            "birth_at_l = birth_at_r",
            lambda a, b: a.birth_at is not None and a.birth_at == b.birth_at,
            "出生年月日一致",
            "same day of birth",
        ),
        Level(
            "month",
            "birth_year_l = birth_year_r and birth_month_l = birth_month_r"
            " and (birth_at_l is null or birth_at_r is null)",
            lambda a, b: _same_month(a, b) and (a.birth_at is None or b.birth_at is None),
            "出生年月一致",
            "same month of birth",
        ),
        Level(
            "month_other_day",
            "birth_year_l = birth_year_r and birth_month_l = birth_month_r",
            _same_month,
            "出生年月一致，日不同",
            "same month of birth, other day",
        ),
        Level(
            "shifted",
            f"({_BOTH_DAYS} and abs(birth_at_l - birth_at_r) between 17 and 51)"
            f" or ((birth_at_l is null or birth_at_r is null) and {_MONTHS} between 1 and 2)",
            _shifted,
            "出生相差一个月上下（可能一为农历一为公历）",
            "births a month apart (one may be lunar, the other solar)",
        ),
        Level(
            "year_only",
            "birth_year_l = birth_year_r and (birth_month_l is null or birth_month_r is null)",
            lambda a, b: (
                a.birth_year == b.birth_year and (a.birth_month is None or b.birth_month is None)
            ),
            "出生年一致，一方没有月",
            "same year of birth, one says no month",
        ),
        Level(
            "other_year",
            "abs(birth_year_l - birth_year_r) <= 2 and birth_month_l = birth_month_r"
            " and birth_day_l = birth_day_r",
            lambda a, b: (
                _years(a, b) <= 2
                and a.birth_month is not None
                and a.birth_day is not None
                and (a.birth_month, a.birth_day) == (b.birth_month, b.birth_day)
            ),
            "出生月日一致，年差一两年",
            "same day and month of birth, a year or two apart",
        ),
        Level(
            "year",
            "birth_year_l = birth_year_r",
            lambda a, b: a.birth_year == b.birth_year,
            "出生年一致，月不同",
            "same year of birth, other month",
        ),
        Level(
            "near",
            "abs(birth_year_l - birth_year_r) <= 2",
            lambda a, b: _years(a, b) <= 2,
            "出生年差一两年",
            "births a year or two apart",
        ),
        other("differs", "出生时间不同", "births differ"),
    ),
)

ENLISTMENT = Comparison(
    "enlistment",
    "enlisted_year_l is null or enlisted_year_r is null",
    lambda a, b: a.enlisted_year is None or b.enlisted_year is None,
    (
        Level(
            "month",
            "enlisted_year_l = enlisted_year_r and enlisted_month_l = enlisted_month_r",
            lambda a, b: (
                a.enlisted_month is not None
                and (a.enlisted_year, a.enlisted_month) == (b.enlisted_year, b.enlisted_month)
            ),
            "入伍年月一致",
            "same month of enlistment",
        ),
        Level(
            "year_only",
            "enlisted_year_l = enlisted_year_r"
            " and (enlisted_month_l is null or enlisted_month_r is null)",
            lambda a, b: (
                a.enlisted_year == b.enlisted_year
                and (a.enlisted_month is None or b.enlisted_month is None)
            ),
            "入伍年一致，一方没有月",
            "same year of enlistment, one says no month",
        ),
        Level(
            "year",
            "enlisted_year_l = enlisted_year_r",
            lambda a, b: a.enlisted_year == b.enlisted_year,
            "入伍年一致，月不同",
            "same year of enlistment, other month",
        ),
        Level(
            "other_year",
            "abs(enlisted_year_l - enlisted_year_r) = 1 and enlisted_month_l = enlisted_month_r",
            lambda a, b: (
                abs((a.enlisted_year or 0) - (b.enlisted_year or 0)) == 1
                and a.enlisted_month is not None
                and a.enlisted_month == b.enlisted_month
            ),
            "入伍月一致，年差一年",
            "same month of enlistment, a year apart",
        ),
        Level(
            "near",
            "abs(enlisted_year_l - enlisted_year_r) = 1",
            lambda a, b: abs((a.enlisted_year or 0) - (b.enlisted_year or 0)) == 1,
            "入伍年差一年",
            "enlistments a year apart",
        ),
        other("differs", "入伍时间不同", "enlistments differ"),
    ),
)


def _same_county(a: Features, b: Features) -> bool:
    same = a.county is not None and a.county == b.county
    return same and (a.province is None or b.province is None or a.province == b.province)


NATIVE_PLACE = Comparison(
    "native_place",
    "place_l is null or place_r is null",
    lambda a, b: a.place is None or b.place is None,
    (
        Level(
            "same",
            "place_l = place_r",
            lambda a, b: a.place == b.place,
            "籍贯一致",
            "same native place",
            "place",
        ),
        Level(
            "county",
            "county_l = county_r and (province_l is null or province_r is null)"
            " or county_l = place_r or place_l = county_r",
            lambda a, b: (
                (_same_county(a, b) and (a.province is None or b.province is None))
                or (a.county is not None and a.county == b.place)
                or (b.county is not None and a.place == b.county)
            ),
            "籍贯县一致，一方未写省",
            "same county of origin, one names no province",
        ),
        Level(
            "province_only",
            "province_l = province_r and (county_l is null or county_r is null)",
            lambda a, b: (
                a.province is not None
                and a.province == b.province
                and (a.county is None or b.county is None)
            ),
            "籍贯省一致，一方未写县",
            "same province of origin, one names no county",
        ),
        Level(
            "province",
            "province_l = province_r",
            lambda a, b: a.province is not None and a.province == b.province,
            "籍贯省一致，县不同",
            "same province of origin, other county",
        ),
        other("differs", "籍贯不同", "native places differ"),
    ),
)

SEX = Comparison(
    "sex",
    "sex_l is null or sex_r is null",
    lambda a, b: a.sex is None or b.sex is None,
    (
        Level("same", "sex_l = sex_r", lambda a, b: a.sex == b.sex, "性别一致", "same sex"),
        other("differs", "性别不同", "sexes differ"),
    ),
)

KIN = Comparison(
    "kin",
    "kin_l is null or kin_r is null",
    lambda a, b: not a.kin or not b.kin,
    (
        Level(
            "same",
            "{overlap}(kin_l, kin_r)",
            lambda a, b: bool(set(a.kin) & set(b.kin)),
            "亲属姓名一致",
            "a relative of the same name",
        ),
        other("differs", "亲属姓名不同", "relatives of other names"),
    ),
)

UNIT = Comparison(
    "unit",
    "unit_l is null or unit_r is null",
    lambda a, b: a.unit is None or b.unit is None,
    (
        Level("same", "unit_l = unit_r", lambda a, b: a.unit == b.unit, "单位一致", "same unit"),
        other("differs", "单位不同", "other unit"),
    ),
)
