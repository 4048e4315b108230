"""TrueType files for drawing and printing Chinese, made on demand from the vendored web fonts.

A vendored face comes in about a hundred slices of some seventy characters each. They are never
merged (that takes minutes): each slice becomes a TrueType file of its own when one of its
characters is first asked for, and `Typeface.runs` says which file draws which part of a text.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from rongdang.base.durable import write_durably
from rongdang.base.errors import DomainError

VENDORED = Path(__file__).resolve().parents[1] / "web" / "static" / "vendor" / "fonts"

# Name used in the house → folder of the vendored package. All are under the SIL Open Font License.
FACES = {
    "song": "noto-serif-sc",  # 宋体: letterpress, official prints
    "hei": "noto-sans-sc",  # 黑体: headings, laser print
    "kai": "lxgw-wenkai",  # 楷体; knows all 20,992 unified ideographs, so it helps out the others
    "xiaowei": "zcool-xiaowei",
    "mashan": "ma-shan-zheng",  # brush
    "zhimang": "zhi-mang-xing",  # running hand
    "longcang": "long-cang",  # pen
    "liujian": "liu-jian-mao-cao",  # cursive
}
HELPER = "kai"
_MAKING = threading.Lock()  # two threads of the server may want the same slice first


class MissingGlyphsError(DomainError):
    """A text holds characters that neither the face nor its helper can draw."""

    code = "missing-glyphs"

    def __init__(self, characters: str) -> None:
        super().__init__(
            f"字体里没有这些字：{characters}；没有画出来，数据没有改动。",
            f"No typeface holds these characters: {characters}. Nothing was drawn or changed.",
            hint_zh="请核对这些字是否录错；确实是罕用字的，请联系系统管理员加装字体。",
            hint_en="Check the characters; if they are right, ask the system officer for a typeface.",
        )
        self.characters = characters


class MissingFaceError(DomainError):
    """The vendored files of a face are not there."""

    code = "missing-face"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"缺字体文件：{folder.name}。数据没有改动。",
            f"The font files of {folder.name} are missing. No data was changed.",
            hint_zh="请运行 make assets 后再试。",
            hint_en="Run make assets, then try again.",
        )


def default_cache() -> Path:
    """Where made files are kept: RONGDANG_FONTS, else `fonts` under RONGDANG_VAR, else var/fonts."""
    var = Path(os.environ.get("RONGDANG_VAR", Path.cwd() / "var"))
    return Path(os.environ.get("RONGDANG_FONTS", var / "fonts"))


@cache
def face(name: str, cache_folder: Path | None = None) -> Typeface:
    """The face of that name in `FACES`; KeyError for another name, MissingFaceError without files."""
    helper = face(HELPER, cache_folder) if name != HELPER else None
    return Typeface(VENDORED / FACES[name], cache_folder or default_cache(), helper)


class Typeface:
    """One face: its slices in `source`, its made files under `cache_folder`, and who helps it out."""

    def __init__(self, source: Path, cache_folder: Path, helper: Typeface | None = None) -> None:
        self.source, self.helper = source, helper
        self._slices = sorted(source.glob("*.woff"))
        if not self._slices:
            raise MissingFaceError(source)
        # A new version of the package gets a folder of its own; what was made stays true.
        listing = "".join(f"{path.name}:{path.stat().st_size};" for path in self._slices)
        digest = hashlib.sha256(listing.encode()).hexdigest()[:8]
        self._made = cache_folder / f"{source.name}-{digest}"

    def has(self, char: str) -> bool:
        """Whether the face itself, without its helper, draws this character."""
        return char in self._slice_of

    def file_for(self, char: str) -> Path | None:
        """The TrueType file that draws this character, of the face or of its helper; None: neither."""
        slice_name = self._slice_of.get(char)
        if slice_name is None:
            return self.helper.file_for(char) if self.helper else None
        made = self._made / f"{slice_name}.ttf"
        with _MAKING:
            if not made.exists():
                self._convert(slice_name, made)
        return made

    def missing(self, text: str) -> str:
        """The characters of `text` that cannot be drawn, each once, in order."""
        return "".join(dict.fromkeys(char for char in text if self.file_for(char) is None))

    def runs(self, text: str) -> list[tuple[Path, str]]:
        """`text` cut into runs that one file draws; raises MissingGlyphsError, drops nothing."""
        files = [(self.file_for(char), char) for char in text]
        if any(path is None for path, _ in files):
            raise MissingGlyphsError(self.missing(text))
        grouped = groupby(files, key=lambda pair: pair[0])
        return [(path, "".join(char for _, char in run)) for path, run in grouped if path]

    @cached_property
    def _slice_of(self) -> dict[str, str]:
        index = self._made / "index.json"
        if not index.exists():
            listed = {path.stem: _characters(path) for path in self._slices}
            self._made.mkdir(parents=True, exist_ok=True)
            write_durably(index, json.dumps(listed, ensure_ascii=False).encode())
        slices: dict[str, str] = json.loads(index.read_text("utf-8"))
        return {char: name for name, chars in slices.items() for char in chars}

    def _convert(self, slice_name: str, made: Path) -> None:
        from io import BytesIO

        with _opened(self.source / f"{slice_name}.woff") as font:
            font.flavor = None
            buffer = BytesIO()
            font.save(buffer, reorderTables=False)
        write_durably(made, buffer.getvalue())


def _characters(path: Path) -> str:
    with _opened(path) as font:
        codes = sorted(font.getBestCmap() or {})
    # Halves of surrogate pairs and control characters are no text.
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", "".join(map(chr, codes)))


def _opened(path: Path) -> Any:
    from fontTools.ttLib import TTFont

    return TTFont(path, lazy=True)  # tables nobody reads are copied as they are
