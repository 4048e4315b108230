"""What stands in a file that was opened for a reason: facts with their evidence, materials, pages."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.base.vocab.masks import masked_text
from rongdang.describe.access.models import Opening
from rongdang.describe.access.predicate import BY_ROLE, Purpose, sees_whole
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.people.claims import Claim
from rongdang.web.api import answers, questions
from rongdang.web.api.door import Caller, doors, holding
from rongdang.web.desk import dossier, images, opened
from rongdang.web.desk.access import SignedInRequest, fetch, fetch_one

router = Router(tags=["files"])
SEE = Permission.CASEFILE_SEE
JPEG = {"schema": {"type": "string", "format": "binary"}}
PICTURE = {"responses": {200: {"content": {"image/jpeg": JPEG}}}}


@router.get(
    "/people/{person_id}/file",
    auth=doors("files"),
    response=answers.FileTold,
    summary=_("一个人的档案：事实和依据、材料、缺什么"),
    description=_("先用 POST /openings 说明事由；没有说明、时间已到的回答 403（no-purpose）。"),
)
def person_file(request: Caller, person_id: uuid.UUID) -> Any:
    case_file, purpose = _opened(request, person_id)
    user, person = request.user, case_file.person
    items = dossier.in_order(Item.objects.visible_to(user, purpose).filter(case_file=case_file))
    claims = dossier.seen_claims(user, purpose, person, items)
    held = dossier.in_use(claims)
    whole = sees_whole(user, case_file.scope, purpose)
    complete = dossier.completeness(person, items) if whole else None
    record_read("casefile:see", actor=user, subject=case_file, detail=purpose.told)
    return {
        "person": person.pk,
        "name": person.name,
        "number": case_file.number,
        "unit": case_file.scope,
        "state": case_file.state,
        "scheme": case_file.scheme,
        "version": case_file.version,
        "purpose": purpose.code,
        "until": _until(request, purpose),
        "whole": whole,
        "facts": [
            {"fact": _fact(one["fact"]), "others": [_fact(other) for other in one["others"]]}
            for one in dossier.facts_of(dossier.masked(held, purpose), person.record)
        ],
        "withdrawn": [_fact(one) for one in dossier.masked(dossier.withdrawn_of(claims), purpose)],
        "materials": items,
        "contradictions": dossier.contradictions_of(held, purpose),
        "score": complete.score if complete else None,
        "missing": list(complete.missing) if complete else None,
    }


@router.get(
    "/materials/{material_id}",
    auth=doors("files"),
    response=answers.MaterialWhole,
    summary=_("一份材料和它的页"),
)
def material(request: Caller, material_id: uuid.UUID) -> Any:
    holding(request, SEE)
    rows = Item.objects.visible_to(request.user, BY_ROLE).select_related("case_file__person")
    item = fetch(rows, material_id)
    purpose = opened.entered(_as_page(request), item.case_file)
    fetch(Item.objects.visible_to(request.user, purpose), material_id)
    pages = Page.objects.visible_to(request.user, purpose).filter(item=item)
    record_read("casefile:see", actor=request.user, subject=item.case_file, detail=purpose.told)
    return {
        "material": item,
        "person": item.case_file.person_id,
        "pages": [_page_row(page) for page in pages.defer("layer").order_by("sequence")],
    }


@router.get(
    "/pages/{page_id}",
    auth=doors("files"),
    response=answers.PageTold,
    summary=_("一页的文字和每行的位置"),
)
def page(request: Caller, page_id: uuid.UUID) -> Any:
    holding(request, SEE)
    rows = Page.objects.visible_to(request.user, BY_ROLE).select_related("item__case_file")
    found = fetch(rows, page_id)
    purpose = opened.page_purpose(_as_page(request), found)
    record_read("page:see", actor=request.user, subject=found, detail=purpose.told)
    layer = dossier.text_layer(found)
    told = masked_text if purpose.masks else str
    return {
        **_page_row(found),
        "material": found.item_id,
        "person": found.item.case_file.person_id,
        "engine": found.engine,
        "lines": [
            {"text": told(line.text), "box": tuple(line.box), "confidence": line.confidence}
            for line in (layer.lines if layer else ())
        ],
    }


@router.get(
    "/pages/{page_id}/image",
    auth=doors("files"),
    openapi_extra=PICTURE,
    summary=_("一页的图像，印有看的人、时间和事由"),
)
def page_image(
    request: Caller,
    page_id: uuid.UUID,
    asked: Query[questions.Sized],
) -> HttpResponse:
    holding(request, SEE)
    return images.shown_page(_as_page(request), page_id, asked.width)


@router.get(
    "/pages/{page_id}/original",
    auth=doors("files"),
    openapi_extra=PICTURE,
    summary=_("原始扫描的图像，同样印有标记"),
)
def page_original(request: Caller, page_id: uuid.UUID) -> HttpResponse:
    holding(request, SEE)
    return images.shown_original(_as_page(request), page_id)


def _opened(request: Caller, person_id: uuid.UUID) -> tuple[CaseFile, Purpose]:
    """The file and what it is read for; raises DomainError when no reason was stated."""
    holding(request, SEE)
    files = CaseFile.objects.visible_to(request.user).select_related("person", "custodian")
    case_file = fetch_one(files.filter(person=person_id), "people.person", person_id)
    return case_file, opened.entered(_as_page(request), case_file)


def _until(request: Caller, purpose: Purpose) -> dt.datetime | None:
    """When the reason ends; None for what needs none."""
    mine = Opening.objects.visible_to(request.user).filter(pk=purpose.opening or uuid.UUID(int=0))
    return mine.values_list("until", flat=True).first()


def _as_page(request: Caller) -> SignedInRequest:
    """The same request as the pages of the desk know it: signed in, by whichever door."""
    request.htmx = False  # type: ignore[attr-defined]
    return request  # type: ignore[return-value]


def _page_row(found: Page) -> dict[str, Any]:
    return {
        "id": found.pk,
        "number": found.sequence,
        "width": found.width,
        "height": found.height,
        "blank": found.blank,
    }


def _fact(claim: Claim) -> dict[str, Any]:
    page, fact, row = claim.page, claim.fact, claim.statement
    seen = page and {
        "page": page.pk,
        "material": page.item_id,
        "number": page.sequence,
        "box": claim.box and tuple(claim.box),
    }
    return {
        "id": claim.pk,
        "field": claim.field,
        "value": claim.value,
        "original": claim.original,
        "certainty": claim.certainty,
        "masked": claim.is_masked,
        "state": claim.state,
        "evidence": seen,
        "row": row and {"source": row.source_id, "name": row.source.name, "row": row.row},
        "formed": claim.formed,
        "confidence": fact.confidence if fact else 1.0,
        "recorded_by": claim.recorded_by.display_name if claim.recorded_by else "",
        "recorded_at": claim.recorded_at,
        "withdrawn_why": fact.withdrawn_why if fact else "",
    }
