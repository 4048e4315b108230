"""A case file as plain values: what is sealed, exported, and compared with both."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

from rongdang.base.errors import DomainError
from rongdang.base.orgs.models import Unit
from rongdang.base.textlayer import TextLayer
from rongdang.base.vocab import categories
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.people.models import Fact, FactState

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif", "image/webp": "webp"}


def layer_json(page: Page) -> bytes:
    """The page's text layer as JSON (base.textlayer); empty when it was never read."""
    if not page.layer:
        return b""
    try:
        return zlib.decompress(bytes(page.layer))
    except zlib.error as error:
        raise DomainError(
            f"页 {page.pk} 的文字读不出来；图像没有受影响。",
            f"The text of page {page.pk} cannot be read; its images are not affected.",
            hint_zh="请让系统重新识读这一页，或从备份恢复。",
            hint_en="Have the page read again, or restore it from backup.",
            code="text",
            status=500,
        ) from error


def items_in_order(case_file: CaseFile, numbers: Mapping[Any, int] | None = None) -> list[Item]:
    """Materials as the catalogue lists them: by class of the scheme, then by number."""
    order = {entry.code: n for n, entry in enumerate(categories.scheme(case_file.scheme).entries)}
    items = list(Item.objects.filter(case_file=case_file))
    for item in items:
        item.sequence = (numbers or {}).get(item.pk, item.sequence)
    return sorted(items, key=lambda item: (order.get(item.category, 99), item.sequence))


def catalogue_of(case_file: CaseFile, numbers: Mapping[Any, int] | None = None) -> dict[str, Any]:
    """Everything that is catalogued of the file; `numbers`: item id → number it is about to get."""
    return {
        **_heading(case_file),
        "items": materials_of(case_file, numbers),
        "facts": facts_of(case_file),
    }


def _heading(case_file: CaseFile) -> dict[str, Any]:
    unit = Unit.objects.get(pk=case_file.custodian_id)
    person = case_file.person
    return {
        "case_file": {
            "id": str(case_file.pk),
            "number": case_file.number,
            "scheme": case_file.scheme,
            "unit_code": unit.code,
            "unit_name": unit.name,
        },
        "person": {"id": str(person.pk), "name": person.name, "record": person.record},
    }


def materials_of(
    case_file: CaseFile, numbers: Mapping[Any, int] | None = None, *, text: bool = True
) -> list[dict[str, Any]]:
    """Materials with their pages; digests of the text only when `text`."""
    items = items_in_order(case_file, numbers)
    pages: dict[Any, list[dict[str, Any]]] = {}
    rows = Page.objects.filter(item__case_file=case_file).select_related("original", "optimised")
    rows = rows if text else rows.defer("layer")
    for page in rows.order_by("item", "sequence").iterator(chunk_size=200):
        row = _page(page)
        if text:
            row["text"] = hashlib.sha256(body).hexdigest() if (body := layer_json(page)) else ""
        pages.setdefault(page.item_id, []).append(row)
    return [_item(item, pages.get(item.pk, [])) for item in items]


def _item(item: Item, pages: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(item.pk),
        "category": item.category,
        "sequence": item.sequence,
        "title": item.title,
        "title_made": item.title_made,
        "formed": item.formed,
        "page_count": item.page_count,
        "is_copy": item.is_copy,
        "paper_only": item.paper_only,
        "note": item.note,
        "level": item.level,
        "pages": pages,
    }


def _page(page: Page) -> dict[str, Any]:
    return {
        "id": str(page.pk),
        "sequence": page.sequence,
        "original": page.original.digest,
        "original_type": page.original.media_type,
        "optimised": page.optimised.digest,
        "optimised_type": page.optimised.media_type,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "rotation": page.rotation,
        "blank": page.blank,
        "engine": page.engine,
    }


def facts_of(case_file: CaseFile) -> list[dict[str, Any]]:
    """Confirmed facts with their evidence, in the order in which they were recorded."""
    facts = Fact.objects.filter(person=case_file.person_id, state=FactState.CONFIRMED)
    return [
        {
            "field": fact.field,
            "value": fact.value,
            "original": fact.original,
            "formed": fact.formed,
            "confidence": fact.confidence,
            "page": str(fact.page_id) if fact.page_id else "",
            "box": fact.box,
            "recorded_at": fact.recorded_at.isoformat(),
            "recorded_by": str(fact.recorded_by_id),
        }
        for fact in facts.order_by("recorded_at", "pk")
    ]


def catalogue_text(catalogue: Mapping[str, Any]) -> str:
    """The catalogue for people, in plain text."""
    head = catalogue["case_file"]
    scheme = categories.scheme(head["scheme"])
    lines = [
        f"档号：{head['number']}",
        f"姓名：{catalogue['person']['name']}",
        f"保管单位：{head['unit_name']}（{head['unit_code']}）",
        "",
        "类号\t序号\t材料名称\t形成时间\t页数\t备注",
    ]
    for item in catalogue["items"]:
        told = (("复印件", item["is_copy"]), ("未数字化", item["paper_only"]), (item["note"], True))
        note = "；".join(part for part, holds in told if holds and part)
        lines.append(
            f"{categories.numeral(item['category'])}\t{item['sequence']}\t{item['title']}\t"
            f"{item['formed']}\t{item['page_count']}\t{note}"
        )
    lines += ["", "类号与名称："]
    lines += [f"{categories.numeral(entry.code)}\t{entry.name}" for entry in scheme.entries]
    return "\n".join(lines) + "\n"


def text_layer(page: Page) -> TextLayer | None:
    """What was read on the page; None when nothing was."""
    body = layer_json(page)
    return TextLayer.from_json(body.decode()) if body else None
