"""How a name may be typed in Latin letters: in full, by initials, the given name alone."""

from __future__ import annotations

from itertools import islice, product

from rongdang.base.vocab import names

MOST_READINGS = 16  # of one name, however many of its characters are read in two ways


def spellings(name: str) -> list[str]:
    """All spellings without blanks, e.g. linchanghe, lch, changhe; other readings of a character too."""
    from pypinyin import Style, pinyin  # as in `names.pinyin_keys`: large, and seldom wanted

    plain = names.comparable(name).replace("·", "")
    keys = names.pinyin_keys(name)
    found = dict.fromkeys((keys.full, keys.initials))
    family = len(names.surname(plain))
    readings = [pinyin(part, style=Style.NORMAL, heteronym=True)[0][:2] for part in plain]
    for syllables in islice(product(*readings), MOST_READINGS):
        given = "".join(syllables[family:])
        found["".join(syllables[:family]) + given] = None
        found["".join(syllable[:1] for syllable in syllables)] = None
        found[given] = None
    return [spelling.lower() for spelling in found if spelling.isalpha()]
