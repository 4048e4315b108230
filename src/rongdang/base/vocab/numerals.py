"""Numbers as they are written: Arabic, Chinese, formal, with 廿 and 卅, with letters for digits."""

from __future__ import annotations

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "Ｏ": 0,
    "O": 0,
    "o": 0,
    "Ο": 0,
    "◯": 0,
    "两": 2,
    "元": 1,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
    "陆": 6,
    "柒": 7,
    "捌": 8,
    "玖": 9,
    "弍": 2,
    "弌": 1,
    "l": 1,
    "I": 1,
}
TENS = {"十": 10, "拾": 10, "廿": 20, "卄": 20, "卅": 30, "丗": 30}


def number(text: str) -> int | None:
    """A Chinese or Arabic number up to 9999: 五三, 1953, 廿三, 卅一, 三十二, 十; None if it is none."""
    if not text:
        return None
    if all(c in DIGITS or c.isdecimal() for c in text):
        return int("".join(str(DIGITS.get(c, c)) for c in text))
    total, last = 0, 0
    for c in text:
        if c in TENS:
            tens = TENS[c]
            total += tens if tens > 10 else (last or 1) * 10
            last = 0
        elif c in DIGITS or c.isdecimal():
            if last:
                return None
            last = int(DIGITS.get(c, c))
        else:
            return None
    return total + last
