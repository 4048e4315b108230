"""Which of the dates on its pages is a material's 形成时间: of signatures the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rongdang.base.vocab.dates import iso_partial
from rongdang.capture.reading import reasons
from rongdang.capture.reading.boundaries import Run
from rongdang.capture.reading.reasons import Reason
from rongdang.capture.reading.signing import Headless, Signed, undated
from rongdang.capture.reading.thresholds import threshold

Place = tuple[int, float]  # page, height on it


@dataclass(frozen=True, slots=True)
class Formed:
    """The formation date of a material, or None, with how sure and why not."""

    value: str | None
    confidence: float
    reason: Reason | None = None


def formation_date(run: Run) -> Formed:
    """The last of the signing dates; a date of running text only where there is no other.

    A date that lost its year to a seal or a fold takes it from the other dates of the material.
    """
    signed = [one for seen in run.pages for one in seen.signed]
    clear = [one for one in signed if one.kind != "running"]
    strong = [one for one in clear if one.date.certainty != "doubtful"] or clear
    mended = _mended(run, strong)
    last = max(strong, key=lambda one: (one.date.earliest, _place(one)), default=None)
    if mended and (last is None or mended[0] > last.date.value or last.date.precision == "year"):
        sure = threshold("formed_mended" if mended[1] else "formed_mended_bare")
        return Formed(mended[0], sure, reasons.HALF_DATE)
    return _judged(run, last, strong) if last else _running(run, signed)


def _judged(run: Run, last: Signed, strong: Sequence[Signed]) -> Formed:
    whole = threshold("formed_day" if last.date.precision == "day" else "formed_partial")
    sure = min(last.confidence, threshold("formed_most")) * whole
    reason = None
    if last.date.certainty != "sure":
        sure, reason = sure * threshold("formed_doubtful"), reasons.DOUBTFUL_DATE
    years = sorted({one.date.earliest.year for one in strong})
    if len(years) > 1 and years[-1] - years[-2] > 1:
        sure, reason = sure * threshold("formed_years"), reason or reasons.SEVERAL_DATES
    if _half_read(last, strong) or _later_unread(run, last):
        sure, reason = sure * threshold("formed_half"), reasons.HALF_DATE
    if last.box[1] < 0.3 and len(strong) == 1:
        sure *= threshold("formed_head")
    if last.doubt:
        sure, reason = min(sure, threshold("free_doubt")), reason or last.doubt
    return Formed(last.date.value, round(sure, 3), reason)


def _place(one: Signed) -> Place:
    return (one.page, one.box[1])


def _half_read(last: Signed, strong: Sequence[Signed]) -> bool:
    """The date breaks off, or one further down says only the year or month: it may be later."""
    return last.cut or any(
        _place(one) > _place(last) and one.date.latest > last.date.latest for one in strong
    )


def _later_unread(run: Run, last: Signed) -> bool:
    """An opinion further down, on this page or a later one, bears no date that could be read, or
    one whose year is no year of the material.
    """
    years = {last.date.earliest.year}
    half = (one for seen in run.pages for one in seen.headless)
    if any((one.page, one.box[1]) > _place(last) and not [*_with_year(one, years)] for one in half):
        return True
    return any(
        undated(seen.page, last.box[3] if seen.index == last.page else 0.0)
        for seen in run.pages
        if seen.index >= last.page
    )


def _mended(run: Run, strong: Sequence[Signed]) -> tuple[str, bool] | None:
    """The latest date that lost its year, with a year of the material; and whether a digit of the
    year bears it out.
    """
    years = {one.date.earliest.year for one in strong if one.date.precision != "decade"}
    found = [
        (value, headless.last is not None)
        for seen in run.pages
        for headless in seen.headless
        for value in _with_year(headless, years)
    ]
    return max(found, default=None)


def _with_year(headless: Headless, years: set[int]) -> Iterator[str]:
    fitting = [year for year in years if headless.last is None or year % 10 == headless.last]
    if not fitting:
        return
    value = f"{max(fitting):04d}-{headless.month:02d}"
    if headless.day:
        whole = f"{value}-{headless.day:02d}"
        value = whole if iso_partial(whole) else value
    yield value


def _running(run: Run, signed: Sequence[Signed]) -> Formed:
    """A date in the last lines of the last page, where nothing is signed."""
    end = run.pages[-1].index
    late = [one for one in signed if one.page == end and one.box[1] > 0.6]
    if not late:
        return Formed(None, threshold("formed_none"))
    last = max(late, key=_place)
    return Formed(last.date.value, threshold("formed_running"), reasons.RUNNING_DATE)
