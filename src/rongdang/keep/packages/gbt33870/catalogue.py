"""Reading the catalogue XML, with every variant that is known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from rongdang.base.errors import DomainError
from rongdang.base.vocab.categories import parse_code
from rongdang.base.vocab.dates import iso_partial, number
from rongdang.keep.packages.gbt33870.values import (
    OPTIMISED,
    ORIGINAL,
    Catalogue,
    DeliveryError,
    Entry,
    PersonInfo,
    Problem,
)

# Names met in the wild beside those of the standard (domain.md 1.5: S26, S27, S28).
ALIASES = {
    "公民身份号码": ("公民身份号码", "身份证号", "身份证号码", "公民身份证号码"),
    "民族": ("民族", "名族"),
}
UNDATED = re.compile(r"(?:时间|日期)不(?:详|明)|无(?:时间|日期)|未注明(?:时间|日期)")
# Materials that stay on paper: listed, without images.
PAPER_ONLY = re.compile(r"未(?:经)?数字化|未扫描")
_BETWEEN = re.compile(r"\s*[,;，；、\n]\s*")
Wrong = Callable[[str, str, str], None]  # code, zh, en
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")


def read_catalogue(data: bytes) -> tuple[Catalogue, list[Problem]]:
    """What the XML says, and every reason why it cannot stand.

    Raises DeliveryError when it is no such XML at all.
    """
    root = _root(data)
    problems: list[Problem] = []
    person = _person(root, problems)
    rows = [element for element in root.iter() if _name(element) == "档案目录条目"]
    entries = [_entry(index, row, problems) for index, row in enumerate(rows, 1)]
    if not entries:
        problems.append(Problem("empty", "目录信息", "一条目录也没有", "it lists no material"))
    problems += _repeated(entries)
    return Catalogue(person, tuple(entries)), problems


def place_of(number: int, entry: Entry) -> str:
    """What a reader looks for: the running number of the entry and its title."""
    return f"第 {number} 条《{entry.title}》" if entry.title else f"第 {number} 条"


def decode(data: bytes) -> str:
    """The text of an XML file in UTF-8, UTF-16 or GB 18030, whatever its first line claims."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    match = _ENCODING.search(data[:200])
    told = match[1].decode().lower() if match else "utf-8"
    chinese = told in ("gb18030", "gbk", "gb2312", "cp936")
    for encoding in ("gb18030", "utf-8-sig") if chinese else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DeliveryError(
        [Problem("encoding", "XML", "既不是 UTF-8 也不是 GB 18030", "neither UTF-8 nor GB 18030")]
    )


def _root(data: bytes) -> Element:
    text = _DECLARATION.sub("", decode(data), count=1)
    try:
        root: Element = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise DeliveryError(
            [Problem("xml", "XML", f"读不出来（{error}）", f"cannot be parsed ({error})")]
        ) from error
    if _name(root) != "数字档案":
        raise DeliveryError(
            [
                Problem(
                    "xml",
                    "XML",
                    f"根元素是“{_name(root)[:40]}”，不是“数字档案”",
                    f"its root is “{_name(root)[:40]}”, not “数字档案”",
                )
            ]
        )
    return root


def _name(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _texts(element: Element, tag: str) -> list[str]:
    names = ALIASES.get(tag, (tag,))
    return [(child.text or "").strip() for child in element if _name(child) in names]


def _names(element: Element, tag: str) -> tuple[str, ...]:
    """Names of images: an element each, or several in one (met in the wild)."""
    return tuple(name for text in _texts(element, tag) for name in _BETWEEN.split(text) if name)


def _text(element: Element, tag: str) -> str:
    return next((text for text in _texts(element, tag) if text), "")


def _person(root: Element, problems: list[Problem]) -> PersonInfo:
    found = next((one for one in root.iter() if _name(one) == "人员基本信息"), Element("none"))
    place = "人员基本信息"
    if not _text(found, "姓名"):
        problems.append(Problem("name", place, "没有写姓名", "no name"))
    birth = _date(_text(found, "出生日期"))
    if birth is None:
        told = _text(found, "出生日期")
        problems.append(
            Problem("date", place, f"出生日期“{told}”不是日期", f"birth “{told}” is no date")
        )
    return PersonInfo(
        name=_text(found, "姓名"),
        id_number=unicodedata.normalize("NFKC", _text(found, "公民身份号码")).upper(),
        sex=_text(found, "性别"),
        ethnic=_text(found, "民族"),
        birth=birth or "",
    )


def _entry(index: int, row: Element, problems: list[Problem]) -> Entry:
    title = _text(row, "材料名称")
    place = f"第 {index} 条《{title}》" if title else f"第 {index} 条"

    def wrong(code: str, zh: str, en: str) -> None:
        problems.append(Problem(code, place, zh, en))

    if not title:
        wrong("title", "材料名称是空的", "its title is empty")
    formed = _date(_text(row, "材料形成时间"))
    note = _text(row, "备注")
    if formed is None:
        told = _text(row, "材料形成时间")
        wrong(
            "date",
            f"材料形成时间“{told}”不是年、年月或年月日",
            f"date “{told}” is not YYYY[MM[DD]]",
        )
    elif not formed and not UNDATED.search(note):
        wrong(
            "date",
            "材料形成时间是空的，备注也没有说不详",
            "its date is empty, and the note does not say why",
        )
    pages = _number(_text(row, "页数"))
    originals, optimised = _names(row, ORIGINAL), _names(row, OPTIMISED)
    if not pages:
        wrong("pages", "页数不是数", "its page count is no number")
    elif originals or optimised or not PAPER_ONLY.search(note):
        _count(pages, {ORIGINAL: originals, OPTIMISED: optimised}, wrong)
    return Entry(
        category=_category(_text(row, "类号"), wrong),
        sequence=_sequence(_text(row, "序号"), wrong),
        title=title,
        formed=formed or "",
        page_count=pages,
        note=note,
        originals=originals,
        optimised=optimised,
    )


def _count(pages: int, listed: Mapping[str, Sequence[str]], wrong: Wrong) -> None:
    """As many images in each folder as the entry has pages; one reason is enough."""
    for folder, names in listed.items():
        if len(names) != pages:
            few = "只" if len(names) < pages else "却"
            wrong(
                "pages",
                f"页数写 {pages}，{folder}{few}列了 {len(names)} 幅",
                f"{pages} pages are told, {len(names)} images listed in {folder}",
            )
            return


def _category(told: str, wrong: Wrong) -> str:
    if not told:
        wrong("category", "类号是空的", "its class is empty")
        return ""
    try:
        return parse_code(told)
    except DomainError:
        wrong("category", f"没有“{told}”这个类号", f"there is no class “{told}”")
        return ""


def _sequence(told: str, wrong: Wrong) -> int:
    sequence = _number(told)
    if not sequence:
        wrong("sequence", f"序号“{told}”不是数", f"its number “{told}” is no number")
    return sequence


def _number(told: str) -> int:
    """A whole number in either kind of numerals, perhaps with its unit (2页); 0 for none."""
    folded = unicodedata.normalize("NFKC", told).strip().removesuffix("页").removesuffix("份")
    return (
        (number(folded) or 0)
        if re.fullmatch(r"\d{1,6}|[一二三四五六七八九十廿卅]{1,4}", folded)
        else 0
    )


def _date(told: str) -> str | None:
    """YYYY, YYYYMM or YYYYMMDD as a partial ISO date; "" for none, None for something else.

    Zeros for an unknown month or day, and separators, are forgiven.
    """
    folded = unicodedata.normalize("NFKC", told).strip()
    if not folded:
        return ""
    match = re.fullmatch(r"(\d{4})(?:[-./]?(\d{2})(?:[-./]?(\d{2}))?)?", folded)
    if match is None:
        return None
    parts = [match[1]]
    for part in (match[2], match[3]):
        if part is None or part == "00":
            break
        parts.append(part)
    return iso_partial("-".join(parts))


def _repeated(entries: Iterable[Entry]) -> list[Problem]:
    seen: dict[tuple[str, int], int] = {}
    problems = []
    for index, entry in enumerate(entries, 1):
        key = (entry.category, entry.sequence)
        first = seen.setdefault(key, index)
        if first != index and all(key):
            problems.append(
                Problem(
                    "repeated",
                    place_of(index, entry),
                    f"类号和序号与第 {first} 条相同",
                    f"class and number are those of entry {first}",
                )
            )
    return problems
