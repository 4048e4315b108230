"""What leaves the house on paper or as a file: catalogue, notes, box label, export."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import wraps

from django.db import transaction
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.refusals import alarmed
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import head_line
from rongdang.base.ledger.services import record
from rongdang.base.vocab import categories
from rongdang.capture.batches import separators
from rongdang.describe.access.marking import mark_for
from rongdang.describe.access.predicate import (
    REGISTER,
    TRANSFER,
    Purpose,
    levels_of_file,
    sees_whole,
)
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.grants.rules import EXPORT, PRINT
from rongdang.describe.grants.spending import is_open, leave
from rongdang.provide.prints import values
from rongdang.web.desk import opened
from rongdang.web.desk.access import NotSeenError, SignedInRequest, View, fetch_one, holding
from rongdang.web.desk.dossier import completeness
from rongdang.web.desk.entering import require_recent_factor
from rongdang.web.desk.paper import pdf

SEE = Permission.CASEFILE_SEE
Print = Callable[[SignedInRequest, CaseFile, Purpose], HttpResponse]


def of_an_open_file(view: Print) -> View:
    """The view of a person's address gets his file and why it is open; first it is asked why."""

    @wraps(view)
    def asked(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
        case_file = case_file_of(request, person_id)
        purpose = opened.purpose_for(request.user, case_file)
        if purpose is None:
            return opened.ask(request, case_file)
        return view(request, case_file, purpose)

    return asked


@require_safe
@holding(SEE)
@of_an_open_file
def catalogue(request: SignedInRequest, case_file: CaseFile, purpose: Purpose) -> HttpResponse:
    """The official catalogue as a page to print."""
    _note(request, case_file, "catalogue", purpose)
    context = {
        "person": case_file.person,
        "case_file": case_file,
        "catalogue": gather_catalogue(case_file, request.user, purpose),
        "head_line": head_line(),
        "mark": mark_for(request.user, purpose).words,
    }
    return render(request, "casefiles/print_catalogue.html", context)


@require_safe
@holding(SEE)
@of_an_open_file
def catalogue_pdf(request: SignedInRequest, case_file: CaseFile, purpose: Purpose) -> HttpResponse:
    from rongdang.provide.prints.catalogue import draw_catalogue

    catalogue = gather_catalogue(case_file, request.user, purpose)
    mark = mark_for(request.user, purpose).words
    data = draw_catalogue(catalogue, foot=head_line(), mark=mark)
    return _given_out(request, case_file, purpose, "catalogue", data)


@require_safe
@holding(SEE)
@of_an_open_file
def notes_pdf(request: SignedInRequest, case_file: CaseFile, purpose: Purpose) -> HttpResponse:
    from rongdang.provide.prints.notes import draw_notes

    notes = gather_notes(case_file, request.user, purpose)
    data = draw_notes(notes, foot=head_line(), mark=mark_for(request.user, purpose).words)
    return _given_out(request, case_file, purpose, "notes", data)


@require_safe
@holding(SEE)
@of_an_open_file
def label_pdf(request: SignedInRequest, case_file: CaseFile, purpose: Purpose) -> HttpResponse:
    from rongdang.provide.prints.labels import draw_label

    label = values.BoxLabel(
        person=case_file.person.name,
        number=case_file.number,
        unit=case_file.custodian.name,
        fonds=case_file.custodian.fonds,
        payload=separators.person_payload(case_file.number),
        place=(
            ("库房", case_file.room),
            ("架", case_file.rack),
            ("层", case_file.layer),
            ("盒", case_file.box),
        ),
    )
    mark = mark_for(request.user, purpose).words  # below the lines where it is cut
    data = draw_label(label, foot=f"{mark}　{head_line()}")
    return _given_out(request, case_file, purpose, "label", data)


@require_http_methods(["GET", "POST"])
@holding(SEE)
@require_recent_factor
def export(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponseBase:
    """One person's file as an encrypted archive or a searchable PDF/A, to the one who asked."""
    case_file = case_file_of(request, person_id)
    if not is_open(request.user, case_file, EXPORT):
        raise NotSeenError(case_file._meta.label_lower, case_file.pk)
    purpose = opened.purpose_for(request.user, case_file)
    if purpose is None:
        return opened.ask(request, case_file)
    if request.method != "POST":
        hands_over = purpose.kind == TRANSFER.kind
        context = {"person": case_file.person, "case_file": case_file, "hands_over": hands_over}
        return render(request, "casefiles/export.html", context)
    from rongdang.describe.casefiles import exporting

    form = "pdf" if request.POST.get("form") == "pdf" else "gbt33870"
    built = exporting.build(
        case_file,
        form=form,
        password=request.POST.get("password", ""),
        acting_user=request.user,
        purpose=purpose,
    )
    return FileResponse(built.stream, as_attachment=True, filename=built.name)


def gather_catalogue(case_file: CaseFile, user: User, purpose: Purpose) -> values.Catalogue:
    """Every class `user` may see, in the order of the scheme, each with its materials.

    A class he may not see is left out: an empty one would say that the file holds nothing of it.
    """
    levels = levels_of_file(user, case_file, purpose)
    held: dict[str, list[values.Line]] = {}
    items = Item.objects.visible_to(user, purpose).filter(case_file=case_file)
    for item in items.order_by("category", "sequence"):
        copied = "复印件" if item.is_copy else ""
        line = values.Line(
            number=item.sequence,
            title=item.title + ("（拟）" if item.title_made else ""),
            formed=item.formed,
            pages=item.page_count,
            note=" ".join(filter(None, (copied, item.note))),
        )
        held.setdefault(item.category, []).append(line)
    return values.Catalogue(
        person=case_file.person.name,
        number=case_file.number,
        unit=case_file.custodian.name,
        scheme=case_file.scheme,
        classes=tuple(
            values.ClassRows(entry.numeral, entry.name, tuple(held.get(entry.code, ())))
            for entry in categories.scheme(case_file.scheme).entries
            if entry.level in levels
        ),
        extract=not sees_whole(user, case_file.scope, purpose),
    )


def gather_notes(case_file: CaseFile, user: User, purpose: Purpose) -> values.Notes:
    """What the file holds and lacks, and who arranged and checked it, from rows and ledger."""
    items = list(
        Item.objects.visible_to(user, purpose)
        .filter(case_file=case_file)
        .select_related("filed_by")
    )
    sealed = (
        Entry.objects.filter(
            event="casefile:seal", subject_kind="casefiles.casefile", subject_id=str(case_file.pk)
        )
        .order_by("-seq")
        .first()
    )
    checker = User.objects.filter(pk=sealed.actor).first() if sealed and sealed.actor else None
    return values.Notes(
        person=case_file.person.name,
        number=case_file.number,
        unit=case_file.custodian.name,
        statements=_statements(case_file, items, user, purpose),
        arranged_by="、".join(dict.fromkeys(item.filed_by.display_name for item in items)),
        arranged_on=_day(max((item.filed_at for item in items), default=None)),
        checked_by=checker.display_name if checker else "",
        checked_on=_day(sealed.at if sealed else None),
    )


def _statements(
    case_file: CaseFile, items: list[Item], user: User, purpose: Purpose
) -> tuple[str, ...]:
    pages = Page.objects.visible_to(user, purpose).filter(item__case_file=case_file).count()
    whole = sees_whole(user, case_file.scope, purpose)
    total = sum(item.page_count for item in items)
    told = [f"本卷共有材料 {len(items)} 份、{total} 页，其中已数字化 {pages} 页。"]
    if not whole:
        told.append("以上只计打印人岗位和事由可看的类别。")
    if copies := [f"“{item.title}”" for item in items if item.is_copy]:
        told.append(f"复印件 {len(copies)} 份：{'、'.join(copies)}。")
    if made := [f"“{item.title}”" for item in items if item.title_made]:
        told.append(f"题名系整理人拟写 {len(made)} 份：{'、'.join(made)}。")
    lacking = completeness(case_file.person, items).missing
    if lacking and whole:
        told.append(f"尚缺材料 {len(lacking)} 种：{'、'.join(one.name for one in lacking)}。")
    if case_file.version:
        told.append(f"数字档案已入库，第 {case_file.version} 版。")
    return tuple(told)


def _day(moment: dt.datetime | None) -> str:
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return f"{local.year}年{local.month}月{local.day}日"


def case_file_of(
    request: SignedInRequest, person_id: uuid.UUID, purpose: Purpose = REGISTER
) -> CaseFile:
    """The file of a person, if it may be known of for the purpose; else 404."""
    files = CaseFile.objects.visible_to(request.user, purpose)
    rows = files.select_related("person", "custodian").filter(person=person_id)
    return fetch_one(rows, "people.person", person_id)


@alarmed
def _note(request: SignedInRequest, case_file: CaseFile, form: str, purpose: Purpose) -> None:
    """Count and record one print; raises DomainError when none is left, and then nothing is shown."""
    detail = {**purpose.told, "form": form}
    with transaction.atomic():
        leave(request.user, case_file, PRINT)
        record("casefile:print", actor=request.user, subject=case_file, detail=detail)


def _given_out(
    request: SignedInRequest, case_file: CaseFile, purpose: Purpose, form: str, data: bytes
) -> HttpResponse:
    """A drawn PDF, counted and on the log before it leaves."""
    _note(request, case_file, f"{form}-pdf", purpose)
    return pdf(data, f"{form}-{case_file.number}")
