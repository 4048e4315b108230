"""The catalogue against itself and against the objects: counts, numbers, pages, facts, records."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import F, Q

from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.describe.casefiles.findings import Finding
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.people.models import Fact, Person
from rongdang.describe.people.projecting import holding_of
from rongdang.keep.objects.models import StoredObject

CHUNK = 200


def check(say: Callable[[str], None], *, read_text: bool) -> Iterator[Finding]:
    """Every file, in portions, so that memory stays flat."""
    total, done = CaseFile.objects.count(), 0
    last = None
    while True:
        files = CaseFile.objects.order_by("pk")
        if last is not None:
            files = files.filter(pk__gt=last)
        portion = list(files[:CHUNK])
        if not portion:
            break
        yield from _portion(portion)
        yield from _layers(portion) if read_text else ()
        last, done = portion[-1].pk, done + len(portion)
        say(f"目录 / catalogue {done}/{total}")
    yield from _people()
    yield from _objects()


def _found(code: str, name: str, zh: str, en: str) -> Finding:
    return Finding("catalogue", code, name, zh, en)


def _portion(files: Sequence[CaseFile]) -> Iterator[Finding]:
    items: dict[Any, list[Item]] = defaultdict(list)
    for item in Item.objects.filter(case_file__in=files).order_by("category", "sequence"):
        items[item.case_file_id].append(item)
    pages: dict[Any, list[int]] = defaultdict(list)
    listed = Page.objects.filter(item__case_file__in=files).order_by("item", "sequence")
    for item_id, sequence in listed.values_list("item_id", "sequence"):
        pages[item_id].append(sequence)
    for case_file in files:
        yield from _file(case_file, items[case_file.pk], pages)


def _file(
    case_file: CaseFile, items: Sequence[Item], pages: dict[Any, list[int]]
) -> Iterator[Finding]:
    name = case_file.number
    held = sum(item.page_count if item.paper_only else len(pages[item.pk]) for item in items)
    if case_file.item_count != len(items):
        yield _found(
            "item-count",
            name,
            f"卷上写 {case_file.item_count} 份材料，目录里有 {len(items)} 份。",
            f"The file says {case_file.item_count} materials; the catalogue lists {len(items)}.",
        )
    if case_file.page_count != held:
        yield _found(
            "page-count",
            name,
            f"卷上写 {case_file.page_count} 页，实有 {held} 页。",
            f"The file says {case_file.page_count} pages; there are {held}.",
        )
    for item in items:
        yield from _item(name, item, pages[item.pk])


def _item(number: str, item: Item, sequences: Sequence[int]) -> Iterator[Finding]:
    name = f"{number} {item.category}-{item.sequence} {item.title}"
    if item.paper_only:
        if sequences:
            yield _found(
                "item-pages",
                name,
                "目录写未数字化，却有页。",
                "The catalogue says it is on paper only, yet it has pages.",
            )
        return
    if item.page_count != len(sequences):
        yield _found(
            "item-pages",
            name,
            f"目录写 {item.page_count} 页，实有 {len(sequences)} 页。",
            f"The catalogue says {item.page_count} pages; there are {len(sequences)}.",
        )
    if list(sequences) != list(range(1, len(sequences) + 1)):
        yield _found("page-order", name, "页号不连续。", "Page numbers are not consecutive.")
    if not item.sequence:
        yield _found("item-number", name, "材料没有序号。", "The material has no number.")


def _layers(files: Sequence[CaseFile]) -> Iterator[Finding]:
    pages = Page.objects.filter(item__case_file__in=files).exclude(layer=b"")
    for page in pages.iterator(chunk_size=CHUNK):
        try:
            json.loads(zlib.decompress(page.layer))["lines"]
        except (DamagedError, KeyringError):
            continue  # named among the encrypted values
        except (zlib.error, ValueError, KeyError, TypeError):
            yield _found(
                "text", str(page.pk), "这一页的文字读不出来。", "The page's text cannot be read."
            )


def _people() -> Iterator[Finding]:
    """Facts whose page belongs to somebody else; records that are not what the facts say."""
    strange = Fact.objects.filter(page__isnull=False).exclude(
        page__item__case_file__person=F("person")
    )
    for fact in strange.select_related("person").iterator(chunk_size=CHUNK):
        yield _found(
            "evidence",
            f"{fact.person.name} {fact.field}",
            "依据的那一页不在他的档案里。",
            "The page that proves this fact is not in his file.",
        )
    last = None
    while True:
        people = Person.objects.order_by("pk")
        portion = list((people.filter(pk__gt=last) if last else people)[:CHUNK])
        if not portion:
            return
        yield from _records(portion)
        last = portion[-1].pk


def _records(people: Sequence[Person]) -> Iterator[Finding]:
    """Their records against their claims; a value that cannot be opened is named elsewhere."""
    try:
        held = holding_of(people)
    except (DamagedError, KeyringError):
        if len(people) > 1:
            for person in people:
                yield from _records([person])
        return
    for person in people:
        yield from _record(person, held[person.pk])


def _record(person: Person, holding: Mapping[str, str]) -> Iterator[Finding]:
    try:
        person.record  # noqa: B018  # opened here, or not at all
    except (DamagedError, KeyringError):
        return  # named among the encrypted values
    wrong = sorted(field for field, value in holding.items() if person.record.get(field) != value)
    wrong += sorted(person.record.keys() - holding.keys() - {"姓名"})
    if person.record.get("姓名") != person.name:
        wrong.append("姓名")
    if wrong:
        yield _found(
            "record",
            f"{person.name} {person.pk}",
            f"档案记录与确认的事实不符：{'、'.join(wrong)}。",
            f"The record differs from the confirmed facts: {', '.join(wrong)}.",
        )


def _objects() -> Iterator[Finding]:
    """Pages whose image was destroyed, or has no key any more."""
    lost = StoredObject.objects.filter(Q(shredded_at__isnull=False) | Q(wrapped_key=b""))
    pages = Page.objects.filter(Q(original__in=lost) | Q(optimised__in=lost))
    for page in pages.select_related("item__case_file").iterator(chunk_size=CHUNK):
        yield _found(
            "image",
            f"{page.item.case_file.number} {page.item.category}-{page.item.sequence}-{page.sequence}",
            "这一页的图像已销毁，或没有密钥了。",
            "The image of this page was destroyed, or has no key any more.",
        )
