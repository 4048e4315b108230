"""How a form of its time writes a value, and the value as reading keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from rongdang.demo.paper.lives import Life, Standing

NUMERALS = "〇一二三四五六七八九"
DATE_STYLES = ("digits", "dots", "chinese", "short", "padded")
EDUCATION = {
    "小学": ("小学", "高小"),
    "初中": ("初中", "初中毕业"),
    "高中": ("高中", "高中毕业"),
    "中等专科": ("中专", "中等专科"),
    "大学专科": ("大专", "大学专科"),
    "大学本科": ("大学", "大学本科", "本科"),
}
POLITICS = {"中共党员": ("党员", "中共党员"), "共青团员": ("团员", "共青团员"), "群众": ("群众",)}
# Fields a form may ask by options: every option, in the order they are printed.
OPTIONS = {
    "性别": ("男", "女"),
    "婚姻状况": ("未婚", "已婚"),
    "残疾性质": ("因战", "因公", "因病"),
    "安置方式": ("就地", "易地"),
    "军休类别": ("离休", "退休"),
    "政治面貌": ("中共党员", "共青团员", "群众"),
}
DATES = {
    "出生日期": "birth",
    "入伍日期": "enlistment",
    "参加工作日期": "enlistment",
    "入党日期": "party_entry",
    "转正日期": "party_full",
    "入团日期": "league_entry",
    "离退休日期": "retirement_date",
    "移交日期": "handover",
}


@dataclass(frozen=True, slots=True)
class Written:
    """The words in a cell and the value they stand for ("" for an empty cell)."""

    text: str
    value: str


def number_in_words(number: int) -> str:
    """1..99 as Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else NUMERALS[tens] + "十"
    return head + (NUMERALS[ones] if ones else "")


def date_in_words(iso: str, style: str) -> str:
    """A partial ISO date in one of DATE_STYLES."""
    parts = [int(part) for part in iso.split("-")]
    year = str(parts[0])
    if style == "dots" and len(parts) > 1:
        return ".".join(str(part) for part in parts)
    if style in ("chinese", "short"):
        digits = year[2:] if style == "short" and "1925" <= year < "2000" else year
        shown = ["".join(NUMERALS[int(d)] for d in digits), *map(number_in_words, parts[1:])]
    else:
        width = 2 if style == "padded" else 1
        shown = [year, *(f"{part:0{width}d}" for part in parts[1:])]
    return "".join(word + unit for word, unit in zip(shown, "年月日", strict=False))


class Clerk:
    """Fills in forms for one life on one day, in one manner of writing dates."""

    def __init__(self, life: Life, day: str, date_style: str, chance: Random) -> None:
        self.life, self.day, self.date_style, self.chance = life, day, date_style, chance
        self.standing: Standing = life.at(day)

    def written(self, field: str, label: str) -> Written:
        """What stands behind this label."""
        if field in DATES:
            return self._date(getattr(self.life, DATES[field]), label)
        if field in ("任职日期", "授衔日期"):
            since = self.standing.post.since if field == "任职日期" else self.standing.rank_since
            return self._date(since, label)
        special = getattr(self, f"_{SPECIAL.get(field, 'plain')}")
        done: Written = special(field)
        return done

    def _date(self, iso: str, label: str) -> Written:
        if not iso or iso > self.day:
            return Written("", "")
        if ("年月" in label and "日" not in label) or self.chance.random() < 0.15:
            iso = iso[:7]
        return Written(date_in_words(iso, self.date_style), iso)

    def _plain(self, field: str) -> Written:
        value = {
            "姓名": self.life.name,
            "性别": self.life.sex,
            "籍贯": self.life.native_place,
            "出生地": self.life.birth_place,
            "家庭出身": self.life.family_origin,
            "本人成分": self.life.own_class,
            "健康状况": self.life.health,
            "血型": self.life.blood,
            "婚姻状况": "已婚",
            "配偶": self.life.spouse,
            "安置地": self.life.settlement,
            "安置方式": self.life.settlement_kind,
            "军休类别": self.life.retirement_kind,
            "现住址": self.life.address,
            "部职别": self.standing.post.unit + self.standing.post.name,
            "职务": self.standing.post.name,
            "军衔": self.standing.rank,
            "工资级别": self.standing.pay_grade,
            "工资额": self.standing.pay,
            "专业技术职务": self.life.title or "无",
            "毕业院校": self.life.school if self._studied() else "",
            "联系电话": self.life.phone if self.day > "1985" else "",
            "残疾性质": self.life.disability.kind if self.life.disability else "",
            "残疾等级": self.life.disability.grade if self.life.disability else "",
        }[field]
        return Written(value, value)

    def _studied(self) -> bool:
        return bool(self.life.graduation) and self.life.graduation <= self.day

    def _former(self, field: str) -> Written:
        name = self.life.former_name or self.chance.choice(("无", ""))
        return Written(name, name)

    def _ethnic(self, field: str) -> Written:
        bare = self.chance.random() < (0.6 if self.life.ethnic == "汉族" else 0.3)
        return Written(self.life.ethnic[:-1] if bare else self.life.ethnic, self.life.ethnic)

    def _id(self, field: str) -> Written:
        number = self.life.id_number
        if self.day < "1986":
            return Written("", "")
        if self.day < "2000":
            return Written(number[:6] + number[8:17], number)
        return Written(number, number)

    def _education(self, field: str) -> Written:
        word = self.chance.choice(EDUCATION[self.standing.education])
        return Written(word, word)

    def _politics(self, field: str) -> Written:
        value = self.standing.political
        return Written(self.chance.choice(POLITICS[value]), value)

    def _grade(self, field: str) -> Written:
        grade = self.standing.post.grade
        return Written(grade and grade + self.chance.choice(("", "职")), grade)

    def _treatment(self, field: str) -> Written:
        grade = self.standing.post.grade
        text = f"{grade}职待遇" if grade else ""
        return Written(text, text)

    def _awards(self, field: str) -> Written:
        past = [award for award in self.life.awards if award.date <= self.day]
        if past and past[-1].date == self.day:
            return Written(past[-1].kind, past[-1].kind)
        text = "、".join(f"{award.date[:4]}年{award.kind}" for award in past[:2]) or "无"
        return Written(text, text)

    def _penalty(self, field: str) -> Written:
        penalty = self.life.penalty
        text = penalty.kind if penalty and penalty.date <= self.day else "无"
        return Written(text, text)


SPECIAL = {
    "曾用名": "former",
    "民族": "ethnic",
    "公民身份号码": "id",
    "文化程度": "education",
    "政治面貌": "politics",
    "职务等级": "grade",
    "享受待遇": "treatment",
    "奖励": "awards",
    "处分": "penalty",
}
