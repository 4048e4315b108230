"""From the text layers of a stack to its materials: proposals with confidence, never facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rongdang.base.textlayer import TextLayer
from rongdang.base.vocab.categories import map_code
from rongdang.base.vocab.categories import scheme as edition
from rongdang.capture.reading import reasons
from rongdang.capture.reading.agreement import compared, settle_fields
from rongdang.capture.reading.boundaries import Run, Seen, runs
from rongdang.capture.reading.classify import Judged, judge, made_title
from rongdang.capture.reading.fields import fields_of
from rongdang.capture.reading.formation import Formed, formation_date
from rongdang.capture.reading.numbering import is_continued, page_counter
from rongdang.capture.reading.persons import mentioned, person_of, settle
from rongdang.capture.reading.reasons import Reason
from rongdang.capture.reading.sheets import Page
from rongdang.capture.reading.signing import headless_dates, signed_dates
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.titles import page_title
from rongdang.capture.reading.values import Material, StackReading
from rongdang.capture.reading.words import any_of


def understand(layers: Sequence[TextLayer | None], *, scheme: str = "2018") -> StackReading:
    """Materials of a stack in page order; None is a blank page and belongs to what it backs.

    `scheme` names the edition of the ten classes; DomainError for one there is not.
    """
    edition(scheme)
    pages = [(index, Page(layer)) for index, layer in enumerate(layers) if layer is not None]
    before = [None, *(page for _, page in pages[:-1])]
    seen = [_see(page, at, last) for (at, page), last in zip(pages, before, strict=False)]
    spelling = settle([(one.named, _birth(one)) for one in seen])
    known = frozenset(spelling.values())
    seen = [one if one.named else replace(one, named=mentioned(one.page, known)) for one in seen]
    spelling |= {
        one.named.name: one.named.name
        for one in seen
        if one.named and one.named.name not in spelling
    }
    names = {one.index: spelling[one.named.name] for one in seen if one.named}
    cut = runs(seen)
    spans = _spans(cut, len(layers))
    materials = [_material(run, span, names, scheme) for run, span in zip(cut, spans, strict=True)]
    materials = compared(materials, spelling)
    return StackReading(tuple(materials), tuple(names.get(n) for n in range(len(layers))))


def _see(page: Page, index: int, before: Page | None) -> Seen:
    title = page_title(page)
    found = fields_of(page, index, None if title else before)
    taken = [one.reading.box for one in found if one.entry.type == "date" and one.reading.box]
    return Seen(
        index=index,
        page=page,
        title=title,
        counter=page_counter(page),
        continued=is_continued(page),
        found=tuple(found),
        signed=tuple(signed_dates(page, index, taken)),
        headless=tuple(headless_dates(page, index)),
        named=person_of(page, title.text if title else "", found),
    )


def _birth(seen: Seen) -> str:
    """The birth this page gives, "" for none."""
    return next((f.reading.value for f in seen.found if f.entry.code == "birth"), "")


def _spans(cut: Sequence[Run], total: int) -> list[tuple[int, ...]]:
    """All page indexes of each run: blank pages go with the written page before them."""
    starts = [run.pages[0].index for run in cut]
    if starts:
        starts[0] = 0  # blank pages in front of everything belong to the first material
    return [
        tuple(range(start, starts[at + 1] if at + 1 < len(starts) else total))
        for at, start in enumerate(starts)
    ]


def _material(run: Run, span: tuple[int, ...], names: dict[int, str], scheme: str) -> Material:
    text = "\n".join(seen.page.text for seen in run.pages)
    title = run.pages[0].title
    judged = judge(title, text)
    formed = formation_date(run)
    said = title.text if title else made_title(judged.category)
    person = _person(run, names)
    return Material(
        pages=span,
        title=said,
        title_source="page" if title else "made",
        category=judged.category
        and map_code(judged.category, source="2018", target=scheme, title=said),
        date=formed.value,
        copy=_is_copy(run),
        person=person,
        fields=settle_fields([found for seen in run.pages for found in seen.found], formed.value),
        confidence={
            "title": round(title.sure if title else threshold("title_made"), 3),
            "category": round(judged.confidence, 3),
            "date": _date_trust(run, formed),
            "boundary": run.sure,
        },
        reasons=_reasons(run, judged, formed),
    )


def _date_trust(run: Run, formed: Formed) -> float:
    """Where it is not plain which pages are the material's, its last date may be another's."""
    loose = run.sure < threshold("boundary_loose")
    return round(formed.confidence * (threshold("formed_loose") if loose else 1.0), 3)


def _person(run: Run, names: dict[int, str]) -> str | None:
    """The name most pages of the material bear; of equals the first."""
    borne = [names[seen.index] for seen in run.pages if seen.index in names]
    return max(borne, key=lambda name: (borne.count(name), -borne.index(name)), default=None)


def _is_copy(run: Run) -> bool:
    """A mark that this is a copy, in the title or on a short line at head or foot."""
    for seen in run.pages:
        for row in seen.page.rows:
            edge = row.box[1] < 0.2 or row.box[1] > 0.7
            if edge and len(row.glyphs) <= 24 and any_of("copy").search(row.text):
                return True
    return False


def _reasons(run: Run, judged: Judged, formed: Formed) -> dict[str, Reason]:
    title = run.pages[0].title
    found: dict[str, Reason] = {}
    if title is None:
        found["title"] = reasons.NO_TITLE
        found["boundary"] = reasons.NO_BOUNDARY
    elif title.match < 0.8:
        found["title"] = reasons.UNKNOWN_TITLE
    if judged.reason:
        found["category"] = judged.reason
    if formed.reason:
        found["date"] = formed.reason
    return found
