"""One person's whole file to hand over: GB/T 33870 in an encrypted archive, or a searchable PDF/A."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.durable import storage_error, sync_folder
from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.ledger.services import record
from rongdang.base.vocab import categories
from rongdang.describe.casefiles import cataloguing
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.packages.gbt33870.images import image_name
from rongdang.keep.packages.gbt33870.values import (
    OPTIMISED,
    ORIGINAL,
    Catalogue,
    Entry,
    PersonInfo,
)
from rongdang.keep.packages.gbt33870.writing import Image, Outgoing, encrypt_zip, write_archive
from rongdang.keep.packages.pdfa.values import DocumentInfo, PdfPage, Run
from rongdang.keep.packages.pdfa.writing import build_pdf, to_jpeg

FORMS = {"gbt33870": "zip", "pdf": "pdf"}
LEAST_PASSWORD = 12
# What our catalogue knows and the standard has no element for, told in the note.
COPY, MADE, UNDATED, CONVERTED = (
    "【复印件】",
    "【拟题】",
    "【形成时间不详】",
    "【原始图像转为JPEG】",
)


@dataclass(frozen=True, slots=True)
class Built:
    """A file to give out; the stream stands at its beginning."""

    name: str
    stream: BinaryIO


def build(case_file: CaseFile, *, form: str, password: str, acting_user: User) -> Built:
    """The file in that form, recorded on the ledger; raises DomainError and then gives nothing."""
    suffix = _check(case_file, form, password, acting_user)
    stream: BinaryIO = tempfile.TemporaryFile() if password else io.BytesIO()  # noqa: SIM115  # the reader closes it
    _write(case_file, form, password, stream)
    stream.seek(0)
    _record(case_file, form, acting_user)
    return Built(f"{_safe(case_file.number)}.{suffix}", stream)


def export(number: str, *, form: str, folder: Path, password: str, acting_user: User) -> list[Path]:
    """The same into a folder; a file that is there already is never overwritten."""
    files = CaseFile.objects.visible_to(acting_user, Permission.PERSON_EXPORT)
    case_file = files.select_related("person").filter(number=number).first()
    if case_file is None:
        raise DomainError(
            f"没有档号“{number}”，或您无权导出它；没有导出。",
            f"There is no file “{number}” that you may export; nothing was exported.",
            code="no-case-file",
            status=404,
        )
    suffix = _check(case_file, form, password, acting_user)
    goal = folder / f"{_safe(number)}.{suffix}"
    with _new_file(goal) as stream:
        _write(case_file, form, password, stream)
    _record(case_file, form, acting_user)
    return [goal]


def _check(case_file: CaseFile, form: str, password: str, acting_user: User) -> str:
    """The right, the form and the password; the suffix of the file to be made."""
    require(acting_user, Permission.PERSON_EXPORT, case_file.scope)
    if form not in FORMS:
        raise DomainError(
            f"没有“{form}”这种导出形式。", f"There is no form “{form}”.", code="no-form"
        )
    hidden = (
        Item.objects.filter(case_file=case_file).count()
        - Item.objects.visible_to(acting_user).filter(case_file=case_file).count()
    )
    if hidden:
        raise NotPermittedError(
            f"卷里有 {hidden} 份材料您无权查看，整卷没有导出。",
            f"You may not see {hidden} materials of this file; nothing was exported.",
            hint_zh="请有权查看全卷的同事导出。",
            hint_en="Ask a colleague who may see all of it.",
        )
    if not case_file.item_count:
        raise DomainError(
            "这卷一份材料也没有，没有导出。", "This file holds no material.", code="no-items"
        )
    if form == "gbt33870" or password:
        _must_be_strong(password, case_file)
    return "zip" if password else FORMS[form]


def _must_be_strong(password: str, case_file: CaseFile) -> None:
    """A password that guards the archive even from somebody who has the file and time."""
    kinds = sum(
        bool(re.search(kind, password)) for kind in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
    )
    known = [case_file.person.name, case_file.number, *map(str, case_file.person.record.values())]
    guessable = any(len(one) > 1 and one in password for one in known)
    weak = len(password) < LEAST_PASSWORD or len(set(password)) < 6 or guessable
    if weak or (kinds < 2 and len(password) < 20):
        raise DomainError(
            "没有给口令，没有导出。" if not password else "口令太弱，没有导出。",
            "No password was given; nothing was exported."
            if not password
            else "The password is too weak; nothing was exported.",
            hint_zh=f"档案包要加密：口令至少 {LEAST_PASSWORD} 位，字母、数字、符号至少用两种，不含姓名、号码、出生日期；另外告知接收人。",
            hint_en=f"The archive is encrypted: at least {LEAST_PASSWORD} characters of two kinds, without name, number or birth date; tell it to the receiver by another way.",
            code="weak-password",
        )


def _write(case_file: CaseFile, form: str, password: str, stream: BinaryIO) -> None:
    if form == "gbt33870":
        write_archive(_outgoing(case_file), stream, password)
        return
    document = build_pdf(_pdf_pages(case_file), _document_info(case_file))
    if password:
        encrypt_zip(f"{_safe(case_file.number)}.pdf", [document], stream, password)
    else:
        stream.write(document)


@contextlib.contextmanager
def _new_file(goal: Path) -> Iterator[BinaryIO]:
    """A new file under its final name only when it is whole and flushed."""
    temporary = goal.with_name(f".{goal.name}.{os.getpid()}.tmp")
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.link(temporary, goal)
        sync_folder(goal.parent)
    except FileExistsError as error:
        raise DomainError(
            f"{goal.name} 已经存在，没有覆盖，也没有导出。",
            f"{goal.name} exists; it was not overwritten and nothing was exported.",
            hint_zh="换一个文件夹，或先移走原来的文件。",
            hint_en="Choose another folder, or move the old file away first.",
            code="exists",
        ) from error
    except OSError as error:
        raise storage_error(error) from error
    finally:
        temporary.unlink(missing_ok=True)


@transaction.atomic
def _record(case_file: CaseFile, form: str, acting_user: User) -> None:
    record(
        "casefile:export",
        actor=acting_user,
        subject=case_file,
        detail={"form": form, "items": case_file.item_count, "pages": case_file.page_count},
    )


def _safe(number: str) -> str:
    return re.sub(r'[\\/:*?"<>|\s]+', "-", number)


def _outgoing(case_file: CaseFile) -> Outgoing:
    """The catalogue in the standard's terms, its images, and what only we know."""
    catalogue = cataloguing.catalogue_of(case_file)
    entries, images, texts = [], [], {}
    names: dict[str, str] = {}
    for item in catalogue["items"]:
        converted = any(page["original_type"] != "image/jpeg" for page in item["pages"])
        own = tuple(
            image_name(item["category"], item["sequence"], page["sequence"])
            for page in item["pages"]
        )
        for name, page in zip(own, item["pages"], strict=True):
            names[page["id"]] = name
            images.append(
                Image(ORIGINAL, name, _jpeg_reader(page["original"], page["original_type"]))
            )
            images.append(
                Image(OPTIMISED, name, _jpeg_reader(page["optimised"], page["optimised_type"]))
            )
            texts[name] = {
                key: page[key] for key in ("width", "height", "dpi", "rotation", "blank", "engine")
            } | {"layer": _layer(page)}
        entries.append(_entry(item, own, converted=converted))
    facts = [{**fact, "page": names.get(fact["page"], "")} for fact in catalogue["facts"]]
    return Outgoing(
        Catalogue(_person(catalogue["person"]), tuple(entries)),
        tuple(images),
        {"scheme": case_file.scheme, "pages": texts, "facts": facts},
    )


def _layer(page: dict[str, Any]) -> str:
    if not page["text"]:
        return ""
    return cataloguing.layer_json(Page.objects.get(pk=page["id"])).decode()


def _entry(item: dict[str, Any], names: tuple[str, ...], *, converted: bool) -> Entry:
    marks = (
        (COPY, item["is_copy"]),
        (MADE, item["title_made"]),
        (UNDATED, not item["formed"]),
        (CONVERTED, converted),
    )
    return Entry(
        category=item["category"],
        sequence=item["sequence"],
        title=item["title"],
        formed=item["formed"],
        page_count=len(item["pages"]),
        note=item["note"] + "".join(mark for mark, holds in marks if holds),
        originals=names,
        optimised=names,
    )


def _person(person: dict[str, Any]) -> PersonInfo:
    known = person["record"]
    return PersonInfo(
        name=person["name"],
        id_number=known.get("公民身份号码", ""),
        sex=known.get("性别", ""),
        ethnic=known.get("民族", ""),
        birth=known.get("出生日期", ""),
    )


def _jpeg_reader(digest: str, media_type: str) -> Any:
    """The stored bytes; a master that is no JPEG is converted for the receiver, never touched."""

    def read() -> bytes:
        data = _stored(digest)
        return data if media_type == "image/jpeg" else to_jpeg(data, quality=95)

    return read


def _stored(digest: str) -> bytes:
    return objects.read(StoredObject.objects.get(digest=digest, shredded_at=None))


def _pdf_pages(case_file: CaseFile) -> Iterator[PdfPage]:
    """Every page in the order of the catalogue, its words above it, bookmarks by class and title."""
    scheme = categories.scheme(case_file.scheme)
    for item in cataloguing.items_in_order(case_file):
        entry = scheme.entry(item.category)
        bookmark = (f"{entry.numeral} {entry.name}", f"{item.sequence} {item.title}")
        pages = Page.objects.filter(item=item).select_related("optimised").order_by("sequence")
        for page in pages:
            yield replace(_pdf_page(page), bookmark=bookmark if page.sequence == 1 else ())


def _pdf_page(page: Page) -> PdfPage:
    digest = page.optimised.digest
    return PdfPage(
        read=lambda: _stored(digest),
        dpi=page.dpi,
        runs=tuple(
            Run(text, box, vertical) for text, box, vertical in cataloguing.text_lines(page)
        ),
    )


def _document_info(case_file: CaseFile) -> DocumentInfo:
    return DocumentInfo(
        title=f"{case_file.person.name} {case_file.number}",
        author=case_file.custodian.name,
        created=timezone.localtime().replace(microsecond=0),
        subject="干部人事档案",
    )
