"""Invented tables as old systems and hands make them, with what each column truly is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from rongdang.capture.sources.port import SourceRow, TableInfo
from rongdang.capture.sources.tests.old_people import Person, people

Cell = Callable[[Person], str]


@dataclass(frozen=True)
class OldTable:
    """`truth`: heading → field of the dictionary; "" for a column nobody wants, 家庭成员 for kin."""

    name: str
    columns: tuple[tuple[str, str, Cell], ...]
    extra: tuple[tuple[str, ...], ...] = ()  # rows that are nobody's

    @property
    def info(self) -> TableInfo:
        return TableInfo(self.name, tuple(heading for heading, _, _ in self.columns), None)

    @property
    def truth(self) -> dict[str, str]:
        return {heading: field for heading, field, _ in self.columns}

    def rows(self, count: int = 200, seed: int = 5) -> Iterator[SourceRow]:
        for person in people(count, seed):
            yield SourceRow(person.number + 1, tuple(cell(person) for _, _, cell in self.columns))
        for at, cells in enumerate(self.extra):
            yield SourceRow(count + 2 + at, cells)


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月"


def _serial(day: date) -> str:
    return str((day - date(1899, 12, 30)).days)


def _coded(values: tuple[str, ...]) -> Callable[[str], str]:
    return lambda value: f"{values.index(value) + 1:02d}"


BY_HAND = OldTable(
    "花名册",
    (
        ("序号", "", lambda p: str(p.number)),
        ("姓 名", "姓名", lambda p: f"{p.name}（{p.former}）" if p.former else p.name),
        ("性别", "性别", lambda p: p.sex),
        ("民族", "民族", lambda p: p.people.removesuffix("族") if p.number % 2 else p.people),
        ("出生年月", "出生日期", lambda p: f"{p.birth.year}.{p.birth.month}"),
        ("籍贯", "籍贯", lambda p: p.place),
        ("入伍时间", "入伍日期", lambda p: _chinese(p.enlisted)),
        ("入党时间", "入党日期", lambda p: _chinese(p.joined) if p.party != "群众" else "无"),
        ("文化程度", "文化程度", lambda p: p.school),
        ("原部职别", "部职别", lambda p: f"第{p.number % 9}仓库{p.post}"),
        ("职级", "职务等级", lambda p: p.grade),
        ("离退休时间", "离退休日期", lambda p: _chinese(p.retired)),
        ("现住址", "现住址", lambda p: p.address),
        ("联系电话", "联系电话", lambda p: p.phone),
        ("备注", "", lambda p: "独居" if p.number % 30 == 0 else ""),
    ),
    (("合计", *[""] * 13, "200人"),),
)
FOXPRO = OldTable(
    "RYDA",
    (
        ("RYBH", "", lambda p: f"{p.number:06d}"),
        ("XM", "姓名", lambda p: p.name),
        ("XB", "性别", lambda p: "1" if p.sex == "男" else "2"),
        ("MZ", "民族", lambda p: p.people.removesuffix("族")),
        ("CSRQ", "出生日期", lambda p: f"{p.birth:%Y%m%d}"),
        ("SFZH", "公民身份号码", lambda p: p.id_number),
        ("JG", "籍贯", lambda p: p.place),
        ("RWSJ", "入伍日期", lambda p: f"{p.enlisted:%Y%m%d}"),
        ("RDSJ", "入党日期", lambda p: f"{p.joined:%Y%m}"),
        ("ZZMM", "政治面貌", lambda p: p.party),
        ("WHCD", "文化程度", lambda p: p.school),
        ("JX", "军衔", lambda p: p.rank),
        ("ZW", "职务", lambda p: p.post),
        ("LTXSJ", "离退休日期", lambda p: f"{p.retired:%Y%m%d}"),
        ("DZ", "现住址", lambda p: p.address),
        ("DH", "联系电话", lambda p: p.phone),
    ),
)
PINYIN = OldTable(
    "GONGZI",
    (
        ("BIANHAO", "", lambda p: f"G{p.number:04d}"),
        ("XINGMING", "姓名", lambda p: p.name),
        ("XINGBIE", "性别", lambda p: p.sex),
        ("CHUSHENGRQ", "出生日期", lambda p: p.birth.isoformat()),
        ("SHENFENZH", "公民身份号码", lambda p: p.id_number),
        ("CANJIAGZ", "参加工作日期", lambda p: f"{p.enlisted:%Y.%m}"),
        ("LITUIXIU", "离退休日期", lambda p: f"{p.retired:%Y.%m}"),
        ("JUNXIULB", "军休类别", lambda p: p.kind),
        ("ZHIWUDJ", "职务等级", lambda p: p.grade),
        ("GONGZIE", "工资额", lambda p: f"{4000 + p.number * 7.5:.2f}"),
        ("DIANHUA", "联系电话", lambda p: p.phone),
        ("ZHUZHI", "现住址", lambda p: p.address),
    ),
)
ENGLISH = OldTable(
    "hospital_relation",
    (
        ("person_id", "", lambda p: str(90_000 + p.number)),
        ("full_name", "姓名", lambda p: p.name),
        ("gender", "性别", lambda p: "M" if p.sex == "男" else "F"),
        ("date_of_birth", "出生日期", lambda p: p.birth.isoformat()),
        ("id_card_no", "公民身份号码", lambda p: p.id_number.lower()),
        ("ethnicity", "民族", lambda p: p.people),
        ("blood_type", "血型", lambda p: "ABO"[p.number % 3]),
        ("retire_date", "离退休日期", lambda p: p.retired.isoformat()),
        ("rank", "军衔", lambda p: p.rank),
        ("mobile", "联系电话", lambda p: p.phone),
        ("address", "现住址", lambda p: p.address),
        ("created_at", "", lambda p: f"2016-03-{p.number % 28 + 1:02d} 08:00:00"),
    ),
)
GB14946 = OldTable(
    "A01",
    (
        ("A0000", "", lambda p: f"{p.number * 7919:08X}"),
        ("A0101", "姓名", lambda p: p.name),
        ("A0104", "性别", lambda p: "1" if p.sex == "男" else "2"),
        ("A0107", "出生日期", lambda p: f"{p.birth:%Y%m}"),
        ("A0111A", "籍贯", lambda p: p.place),
        ("A0114A", "出生地", lambda p: p.place),
        (
            "A0117",
            "民族",
            lambda p: {"汉族": "01", "回族": "03", "满族": "11", "蒙古族": "02", "壮族": "08"}[
                p.people
            ],
        ),
        ("A0134", "参加工作日期", lambda p: f"{p.enlisted:%Y%m}"),
        ("A0140", "入党日期", lambda p: f"{p.joined:%Y%m}"),
        ("A0141", "政治面貌", lambda p: "01" if p.party == "中共党员" else "13"),
        ("A0184", "公民身份号码", lambda p: p.id_number),
        ("A0192A", "职务", lambda p: p.post),
    ),
)
NO_HEADING = OldTable(
    "Sheet1",
    (
        ("列1", "", lambda p: str(p.number)),
        ("列2", "姓名", lambda p: p.name),
        ("列3", "性别", lambda p: p.sex),
        ("列4", "民族", lambda p: p.people),
        ("列5", "出生日期", lambda p: f"{p.birth:%Y%m%d}"),
        ("列6", "公民身份号码", lambda p: p.id_number),
        ("列7", "入伍日期", lambda p: f"{p.enlisted:%Y%m%d}"),
        ("列8", "离退休日期", lambda p: f"{p.retired:%Y%m%d}"),
        ("列9", "军衔", lambda p: p.rank),
        ("列10", "现住址", lambda p: p.address),
        ("列11", "联系电话", lambda p: p.phone),
    ),
)
THREE_PARTS = OldTable(
    "登记簿",
    (
        ("编号", "", lambda p: str(p.number)),
        ("姓名", "姓名", lambda p: p.name),
        ("曾用名", "曾用名", lambda p: p.former),
        ("出生年", "出生日期", lambda p: str(p.birth.year)),
        ("出生月", "出生日期", lambda p: str(p.birth.month)),
        ("出生日", "出生日期", lambda p: str(p.birth.day)),
        ("身份证号码", "公民身份号码", lambda p: p.id_number),
        ("入伍年", "入伍日期", lambda p: f"{p.enlisted.year % 100}"),
        ("入伍月", "入伍日期", lambda p: str(p.enlisted.month)),
        ("配偶姓名", "家庭成员", lambda p: p.spouse),
        ("配偶出生年月", "家庭成员", lambda p: f"{p.birth:%Y.%m}"),
        ("配偶工作单位", "家庭成员", lambda p: "某厂"),
        ("手机", "联系电话", lambda p: p.phone),
    ),
)
KIN_ROWS = OldTable(
    "家庭成员表",
    (
        ("本人身份证号", "公民身份号码", lambda p: p.id_number),
        ("干部姓名", "姓名", lambda p: p.name),
        ("称谓", "家庭成员", lambda p: ("妻", "儿子", "女儿")[p.number % 3]),
        ("家属姓名", "家庭成员", lambda p: p.spouse),
    ),
)
SERIALS = OldTable(
    "基本情况",
    (
        ("档案号", "", lambda p: f"JX-{p.number:04d}"),
        ("名字", "姓名", lambda p: p.name),
        ("性 别", "性别", lambda p: p.sex),
        ("族别", "民族", lambda p: p.people),
        ("生日", "出生日期", lambda p: _serial(p.birth)),
        ("参军时间", "入伍日期", lambda p: _serial(p.enlisted)),
        ("加入中国共产党时间", "入党日期", lambda p: _serial(p.joined)),
        ("原籍", "籍贯", lambda p: p.place),
        ("学历", "文化程度", lambda p: p.school),
        ("家庭住址", "现住址", lambda p: p.address),
        ("电话", "联系电话", lambda p: p.phone),
    ),
)
DAY_FIRST = OldTable(
    "export",
    (
        ("Name", "姓名", lambda p: p.name),
        ("Sex", "性别", lambda p: "Male" if p.sex == "男" else "Female"),
        ("DOB", "出生日期", lambda p: f"{p.birth:%d/%m/%Y}"),
        ("ID Number", "公民身份号码", lambda p: p.id_number),
        ("Native Place", "籍贯", lambda p: p.place),
        ("Enlisted", "入伍日期", lambda p: f"{p.enlisted:%d/%m/%Y}"),
        ("Party Date", "入党日期", lambda p: f"{p.joined:%d/%m/%Y}"),
        ("Education", "文化程度", lambda p: p.school),
        ("Phone", "联系电话", lambda p: p.phone),
        ("Remark", "", lambda p: ""),
    ),
)
ACCESS = OldTable(
    "人员信息",
    (
        ("人员编号", "", lambda p: f"R{p.number:05d}"),
        ("人员姓名", "姓名", lambda p: p.name),
        ("性别代码", "性别", lambda p: "1" if p.sex == "男" else "2"),
        ("出生时间", "出生日期", lambda p: p.birth.isoformat()),
        ("公民身份证号码", "公民身份号码", lambda p: p.id_number),
        ("政治面目", "政治面貌", lambda p: p.party),
        ("参加革命工作时间", "参加工作日期", lambda p: p.enlisted.isoformat()),
        ("授予军衔", "军衔", lambda p: p.rank),
        ("军休干部类别", "军休类别", lambda p: p.kind),
        ("安置地点", "安置地", lambda p: p.place),
        ("经办人", "", lambda p: p.spouse),
        ("经办人电话", "", lambda p: p.phone[::-1].replace("9", "1")),
        ("录入人", "", lambda p: "何芸"),
        ("录入时间", "", lambda p: "2009-05-06"),
    ),
)
OLD_CODES = OldTable(
    "dbo.T_RY",
    (
        ("ID", "", lambda p: str(p.number)),
        ("RYXM", "姓名", lambda p: p.name),
        ("XBDM", "性别", lambda p: "2" if p.sex == "男" else "1"),  # not the standard's way round
        ("SFZHM", "公民身份号码", lambda p: p.id_number),
        ("CSNY", "出生日期", lambda p: f"{p.birth:%Y%m}"),
        ("MZMC", "民族", lambda p: p.people),
        ("LXDH", "联系电话", lambda p: p.phone),
        ("JTZZ", "现住址", lambda p: p.address),
        ("GXSJ", "", lambda p: "2011-02-03 04:05:06"),
    ),
)
OTHER_WORDS = OldTable(
    "甲",
    (
        ("顺序", "", lambda p: str(p.number)),
        ("人名", "姓名", lambda p: p.name),
        ("男女", "性别", lambda p: p.sex),
        ("证件号", "公民身份号码", lambda p: p.id_number),
        ("何年何月出生", "出生日期", lambda p: _chinese(p.birth)),
        ("参军年份", "入伍日期", lambda p: str(p.enlisted.year)),
        ("入党年份", "入党日期", lambda p: str(p.joined.year)),
        ("最高文化程度", "文化程度", lambda p: p.school),
        ("军官军衔", "军衔", lambda p: p.rank),
        ("职务级别", "职务等级", lambda p: p.grade),
        ("安置所在地", "安置地", lambda p: p.place),
        ("家庭详细住址", "现住址", lambda p: p.address),
        ("手机号码", "联系电话", lambda p: p.phone),
        ("办退时间", "离退休日期", lambda p: _chinese(p.retired)),
        ("签名", "", lambda p: ""),
    ),
)
SNAKE_CASE = OldTable(
    "乙",
    (
        ("emp_name", "姓名", lambda p: p.name),
        ("emp_sex", "性别", lambda p: p.sex),
        ("birth_dt", "出生日期", lambda p: p.birth.isoformat()),
        ("cert_no", "公民身份号码", lambda p: p.id_number),
        ("nation", "民族", lambda p: p.people),
        ("party_join", "入党日期", lambda p: p.joined.isoformat()),
        ("join_army", "入伍日期", lambda p: p.enlisted.isoformat()),
        ("mil_rank", "军衔", lambda p: p.rank),
        ("duty", "职务", lambda p: p.post),
        ("tel_no", "联系电话", lambda p: p.phone),
        ("home_addr", "现住址", lambda p: p.address),
        ("retire_dt", "离退休日期", lambda p: p.retired.isoformat()),
        ("update_time", "", lambda p: "2015-02-03 10:00:00"),
        ("remark", "", lambda p: ""),
    ),
)
SHORT_PINYIN = OldTable(
    "丙",
    (
        ("RYMC", "姓名", lambda p: p.name),
        ("XBIE", "性别", lambda p: "1" if p.sex == "男" else "2"),
        ("CSNYR", "出生日期", lambda p: f"{p.birth:%Y%m%d}"),
        ("GMSFZHM", "公民身份号码", lambda p: p.id_number),
        ("JGD", "籍贯", lambda p: p.place),
        ("CJGZNY", "参加工作日期", lambda p: f"{p.enlisted:%Y%m}"),
        ("RDNY", "入党日期", lambda p: f"{p.joined:%Y%m}"),
        ("ZZMM", "政治面貌", lambda p: p.party),
        ("ZGXL", "文化程度", lambda p: p.school),
        ("JXDJ", "军衔", lambda p: p.rank),
        ("LXFS", "联系电话", lambda p: p.phone),
        ("JTDZ", "现住址", lambda p: p.address),
        ("LRRQ", "", lambda p: "20090506"),
    ),
)
OLD_PRINT = OldTable(
    "丁",
    (
        ("编号", "", lambda p: f"{p.number:03d}"),
        ("姓　名", "姓名", lambda p: p.name),
        ("性別", "性别", lambda p: p.sex),
        (
            "出生年月日（阳历）",
            "出生日期",
            lambda p: f"{p.birth.year % 100}.{p.birth.month}.{p.birth.day}",
        ),
        ("籍贯（省市县）", "籍贯", lambda p: p.place),
        ("何时何地入伍", "入伍日期", lambda p: _chinese(p.enlisted)),
        ("党员", "政治面貌", lambda p: p.party),
        ("原职务", "职务", lambda p: p.post),
        ("爱人姓名", "配偶", lambda p: p.spouse),
        ("联系方式", "联系电话", lambda p: p.phone),
        ("住址", "现住址", lambda p: p.address),
        ("备考", "", lambda p: ""),
    ),
)
ALL = (
    BY_HAND, FOXPRO, PINYIN, ENGLISH, GB14946, NO_HEADING, THREE_PARTS, KIN_ROWS, SERIALS, DAY_FIRST,
    ACCESS, OLD_CODES, OTHER_WORDS, SNAKE_CASE, SHORT_PINYIN, OLD_PRINT,
)  # fmt: skip
