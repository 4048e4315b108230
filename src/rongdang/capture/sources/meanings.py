"""What the words of a code column mean in the data standard, proposed with a reason."""

from __future__ import annotations

from rongdang.base.vocab import codes, fields
from rongdang.capture.sources.profiling import ColumnProfile

Meant = tuple[dict[str, str], str, str, float]  # value map, why (zh, en), how sure at most
MANY = 3  # different codes that all stand in the standard: no chance of another list


def meant(field: str, column: ColumnProfile) -> Meant:
    """A value map for words that the parsers of the field do not know by themselves."""
    entry = fields.dictionary()[field]
    if entry.type != "code" or not column.words:
        return {}, "", "", 1.0
    if field == "性别" and column.sex:
        proved = {word: sex for word, sex in column.sex if word != sex}
        return proved, "取值由身份号码印证", "its values are proved by the ID numbers", 1.0
    found = {word: codes.find(entry.table, word) for word, _ in column.words}
    coded = {word: one.code.name for word, one in found.items() if one and one.how == "code"}
    if not coded:
        return {}, "", "", 1.0
    standard = str(codes.about(entry.table).head.get("standard", ""))
    zh = f"代码按标准代码表解释（{standard}）" if standard else "代码按代码表解释"
    en = f"codes read by {standard}" if standard else "codes read by the code table"
    return coded, zh, en, 1.0 if len(coded) >= MANY else 0.88
