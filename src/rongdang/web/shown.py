"""A stored page on somebody's screen: sized once, marked anew for each who looks."""

from __future__ import annotations

import threading
from collections import OrderedDict

from django.http import HttpResponse

from rongdang.base.pagemark import Mark
from rongdang.capture.imaging.shown import shown_jpeg, sized_image
from rongdang.capture.imaging.values import Image
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject

WIDTHS = (160, 400, 900, 1600, 2480)
MOST_BYTES = 96 * 2**20  # of sized pages kept in memory; never on disk


class Held:
    """Sized pages without a mark, the latest asked for, in bounded memory; safe between threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._bytes = most_bytes, 0
        self._pages: OrderedDict[tuple[str, int], Image] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, int]) -> Image | None:
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def put(self, key: tuple[str, int], page: Image) -> None:
        with self._lock:
            self._drop(key)
            self._pages[key] = page
            self._bytes += page.nbytes
            while self._bytes > self._most:
                self._drop(next(iter(self._pages)))

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._bytes = 0

    def _drop(self, key: tuple[str, int]) -> None:
        gone = self._pages.pop(key, None)
        self._bytes -= gone.nbytes if gone is not None else 0


held = Held(MOST_BYTES)


def page_answer(stored: StoredObject, *, width: int, mark: Mark) -> HttpResponse:
    """The page as JPEG, at most `width` wide, with the mark of whoever looks."""
    fitting = next((known for known in WIDTHS if known >= width), WIDTHS[-1])
    response = HttpResponse(shown_jpeg(_sized(stored, fitting), mark), content_type="image/jpeg")
    response["Cache-Control"] = "no-store"
    return response


def _sized(stored: StoredObject, width: int) -> Image:
    key = (str(stored.pk), width)
    page = held.get(key) if stored.shredded_at is None else None
    if page is None:
        page = sized_image(objects.read(stored), width=width)
        held.put(key, page)
    return page
