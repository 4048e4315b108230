"""Names of people: one form for comparing, pinyin for finding."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC

# Surnames of two characters, and surnames that are read otherwise than the character alone.
COMPOUND = frozenset(  # one string, as a reader lists them
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 司徒 令狐 夏侯 长孙 宇文 独孤 南宫 端木 "
    "轩辕 百里 呼延 东郭 申屠 澹台 公冶 宗政 濮阳 淳于 单于 太叔 钟离 闻人 赫连 万俟 拓跋 司空 "
    "西门 左丘 东里 完颜 纳兰 第五 梁丘 谷梁 公羊 鲜于 亓官 仲孙 贺兰 巫马".split()
)
READINGS = {
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "查": "zha",
    "曾": "zeng",
    "尉迟": "yuchi",
    "万俟": "moqi",
    "区": "ou",
    "朴": "piao",
    "盖": "ge",
    "乐": "yue",
    "任": "ren",
    "华": "hua",
    "缪": "miao",
    "翟": "zhai",
    "折": "she",
    "洗": "xian",
    "冼": "xian",
    "秘": "bi",
    "繁": "po",
    "员": "yun",
    "贠": "yun",
    "种": "chong",
    "黑": "he",
    "澹台": "tantai",
    "长孙": "zhangsun",
    "单于": "chanyu",
    "宁": "ning",
    "重": "chong",
    "召": "shao",
    "祭": "zhai",
    "逄": "pang",
    "覃": "qin",
    "谌": "chen",
    "晟": "cheng",
    "都": "du",
    "适": "kuo",
    "隗": "wei",
    "车": "che",
    "幺": "yao",
    "令狐": "linghu",
}
DOTS = "·•・‧∙．."


@dataclass(frozen=True, slots=True)
class PinyinKeys:
    """`full` without blanks ("linchanghe") and `initials` ("lch")."""

    full: str
    initials: str


def normalise_name(text: str) -> str:
    """Full-width and inner blanks folded; the dot of minority names made one; nothing else changed.

    Traditional and variant characters stay: a name is written as its bearer writes it.
    """
    if text.isalpha() and unicodedata.is_normalized("NFKC", text):
        return text  # as nearly every name is: no blank, no dot, no mark
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join("·" if c in DOTS else c for c in folded if not c.isspace())
    shown = "".join(c for c in kept if unicodedata.category(c)[0] != "C" or ord(c) >= 0xE000)
    return unicodedata.normalize("NFKC", shown)  # what stood apart may have come together


def simplified(text: str) -> str:
    """Traditional characters made simple, one for one; any that GB 2312 has stays (乾, 於 in names)."""
    return "".join(_simple(character) for character in text)


@cache
def _simple(character: str) -> str:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        simple: str = _simplifier().convert(character)
        return simple if len(simple) == 1 else character
    return character


@cache
def traditional(character: str) -> str:
    """The usual traditional form of one character: 员 → 員; 升 stays, for 昇 is not its usual form."""
    converted: str = _complicator().convert(character)
    return converted


@lru_cache(maxsize=32768)
def comparable(text: str) -> str:
    """The form in which two spellings of a name are compared: simplified characters."""
    name = normalise_name(text)
    if not any(map(_is_traditional, name)):
        return name
    simple: str = _simplifier().convert(name)
    return simple


@cache
def _is_traditional(character: str) -> bool:
    """Has it a simple form? Without one of these a name is what it becomes."""
    simple: str = _simplifier().convert(character)
    return simple != character


def surname(name: str) -> str:
    """The family name: two characters where such a surname exists and a given name follows."""
    return name[:2] if name[:2] in COMPOUND and len(name) > 2 else name[:1]


def pinyin_keys(name: str) -> PinyinKeys:
    """Pinyin as a Chinese reader says the name; a rare character pypinyin lacks stays itself."""
    plain = comparable(name).replace("·", "")
    family = surname(plain)
    syllables = (READINGS[family],) if family in READINGS else _syllables(family)
    given = _syllables(plain[len(family) :])
    full = "".join([*syllables, *given]).lower()
    heads = [syllable[0] for syllable in (*_syllables(family), *given) if syllable]
    if family in READINGS:
        heads[0] = READINGS[family][0]
    return PinyinKeys(full, "".join(heads).lower())


@lru_cache(maxsize=65536)  # given names are far fewer than people
def _syllables(text: str) -> tuple[str, ...]:
    # 55 MiB of words and a quarter of a second: not for a process that writes no name in Latin letters.
    from pypinyin import Style, lazy_pinyin

    return tuple(lazy_pinyin(text, style=Style.NORMAL))


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@cache
def _complicator() -> OpenCC:
    return OpenCC("s2t")
