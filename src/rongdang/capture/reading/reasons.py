"""Why a value is not believed, in few words, in both languages."""

from __future__ import annotations

Reason = tuple[str, str]

BAD_CHECK: Reason = ("校验位不符", "check digit does not fit")
DOUBTFUL_DATE: Reason = ("日期不确定", "date is uncertain")
HALF_DATE: Reason = ("日期没有读全", "part of the date could not be read")
NO_DATE: Reason = ("认不出日期", "no date could be read")
NOT_IN_LIST: Reason = ("不在代码表内", "not in the code table")
MISREAD_VALUE: Reason = ("有一个字像认错", "one character looks misread")
NO_SURNAME: Reason = ("首字不是常见姓", "not a usual surname")
UNUSUAL_LENGTH: Reason = ("字数不合常例", "unusual length")
UNUSUAL_WORD: Reason = ("不是此栏常见的写法", "not a usual word here")
UNDER_SEAL: Reason = ("压在印章下", "under a seal")
CLOSE_LABEL: Reason = ("与标签之间没有间隔", "nothing parts it from its label")
FAR_LABEL: Reason = ("标签离得远", "label is far away")
MISREAD_LABEL: Reason = ("标签有一字认错", "label misread by a character")
UNREAD_LABEL: Reason = ("标签没认清", "label could not be read")
OTHER_MATERIALS: Reason = ("与其他材料写法不一", "other materials say otherwise")
BY_STACK: Reason = ("按本卷其他材料的写法", "spelled as the other materials do")
FAINT: Reason = ("字迹不清", "writing is unclear")
FROM_MARK: Reason = ("由勾选判断", "told by the tick")
TWO_MARKS: Reason = ("勾选不明确", "ticks are ambiguous")
UNREAD_CHOICE: Reason = (
    "印好的选项里没认出选了哪一项",
    "which of the printed choices was marked could not be read",
)
CUT_BEGINNING: Reason = ("开头像缺了字", "its beginning seems to be missing")
CUT_MIDDLE: Reason = ("字间空得宽，像漏了字", "a wide space: a character seems to be missing")
CUT_PART: Reason = ("照此栏的写法像缺了字", "for this field a part seems to be missing")
REWRITTEN: Reason = ("有划去的字，未计入", "words crossed out are left aside")
MAYBE_REWRITTEN: Reason = ("像有划去的字，照读", "words seem to be crossed out; they were read")
DISAGREES_ID: Reason = ("与身份号码不一致", "disagrees with the ID number")
AGREES_ID: Reason = ("与身份号码一致", "agrees with the ID number")
DISAGREES_PAGES: Reason = ("各页写法不一", "pages differ")
NO_TITLE: Reason = ("页上没有题名，系拟写", "no title on the page; made up")
UNKNOWN_TITLE: Reason = ("题名不在名录内", "title is not in the list")
GUESSED_CLASS: Reason = ("按内容推断类别", "class guessed from the text")
SEVERAL_DATES: Reason = ("有几个落款日期，取最后", "several dates; the last is taken")
RUNNING_DATE: Reason = ("取自正文的日期", "date taken from running text")
NO_BOUNDARY: Reason = ("没有题名，凭版式分件", "no title; split by layout")


def faint(character: str) -> Reason:
    """One character the engine was unsure of."""
    return (f"“{character}”字不清", f"“{character}” is unclear")


def alike(character: str, other: str) -> Reason:
    """One character that is easily taken for another."""
    return (f"“{character}”字像“{other}”", f"“{character}” looks like “{other}”")
