"""One person's whole file to hand over: GB/T 33870 in an encrypted archive, or a searchable PDF/A."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.alarms.refusals import alarmed
from rongdang.base.cipher.spool import CHUNK, Spool
from rongdang.base.durable import storage_error, sync_folder
from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.ledger.services import record
from rongdang.base.leftovers import remove_files, unfinished
from rongdang.base.pagemark import Mark
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.access.marking import mark_for
from rongdang.describe.access.predicate import TRANSFER, Purpose
from rongdang.describe.casefiles import outgoing
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.grants.rules import EXPORT
from rongdang.describe.grants.spending import check_leaves, leave
from rongdang.keep.packages.gbt33870.writing import (
    Image,
    Outgoing,
    encrypt_zip,
    write_age,
    write_archive,
)
from rongdang.keep.packages.pdfa.checking import check_pdfa, outside_check
from rongdang.keep.packages.pdfa.values import PdfPage
from rongdang.keep.packages.pdfa.writing import write_pdf

Say = Callable[[str], None]
FORMS = {"gbt33870": "zip", "gbt33870-age": "zip.age", "pdf": "pdf"}
LEAST_PASSWORD = 12


def _silent(_text: str) -> None:
    """Nobody waits at a terminal."""


@dataclass(frozen=True, slots=True)
class Built:
    """A file to give out; the stream stands at its beginning."""

    name: str
    stream: BinaryIO


@alarmed
def build(
    case_file: CaseFile, *, form: str, password: str, acting_user: User, purpose: Purpose
) -> Built:
    """The file in that form, recorded on the ledger; raises DomainError and then gives nothing."""
    suffix = _check(case_file, form, password, acting_user, purpose)
    mark = mark_for(acting_user, purpose)
    if password:
        stream: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  # the reader closes it
        _write(case_file, form, password, stream, mark)
        stream.seek(0)
    else:
        stream = _document(case_file, mark)
    _record(case_file, form, acting_user, purpose)
    return Built(f"{_safe(case_file.number)}.{suffix}", stream)


@alarmed
def export(
    number: str,
    *,
    form: str,
    folder: Path,
    password: str,
    acting_user: User,
    progress: Say = _silent,
) -> list[Path]:
    """The same into a folder, to hand it over; a file that is there is never overwritten."""
    files = CaseFile.objects.visible_to(acting_user, TRANSFER)
    case_file = files.select_related("person").filter(number=number).first()
    if case_file is None:
        raise DomainError(
            f"没有档号“{number}”，或您无权导出它；没有导出。",
            f"There is no file “{number}” that you may export; nothing was exported.",
            code="no-case-file",
            status=404,
        )
    suffix = _check(case_file, form, password, acting_user, TRANSFER)
    goal = folder / f"{_safe(number)}.{suffix}"
    with _new_file(goal) as stream:
        mark = mark_for(acting_user, TRANSFER)
        _write(case_file, form, password, stream, mark, progress=progress)
    _record(case_file, form, acting_user, TRANSFER)
    if suffix == "pdf":
        _ask_outside(goal)
    return [goal]


def _check(
    case_file: CaseFile, form: str, password: str, acting_user: User, purpose: Purpose
) -> str:
    """The right, the purpose, the form and the password; the suffix of the file to be made."""
    check_leaves(acting_user, case_file, EXPORT)
    refuse_avoided(acting_user, case_file.person_id)
    if form not in FORMS:
        raise DomainError(
            f"没有“{form}”这种导出形式。", f"There is no form “{form}”.", code="no-form"
        )
    hidden = (
        Item.objects.filter(case_file=case_file).count()
        - Item.objects.visible_to(acting_user, purpose).filter(case_file=case_file).count()
    )
    if hidden:
        raise NotPermittedError(
            "卷里有您的岗位或这次事由看不到的材料，整卷没有导出。",
            "The file holds materials that your role or this reason does not show; nothing was exported.",
            hint_zh="以“转递移交”的事由打开，或请有权查看全卷的同事导出。",
            hint_en="Open it to hand it over, or ask a colleague who may see all of it.",
        )
    if not Page.objects.filter(item__case_file=case_file).exists():
        raise DomainError(
            "这卷还没有一页数字化，没有导出。",
            "No page of this file is digitised yet; nothing was exported.",
            code="no-pages",
        )
    if form != "pdf":
        _must_hand_over(purpose)
    if form != "pdf" or password:
        _must_be_strong(password, case_file)
    return "zip" if form == "pdf" and password else FORMS[form]


def _must_hand_over(purpose: Purpose) -> None:
    """The directory holds the kept bytes, without a mark and with all that came in them."""
    if purpose.kind != TRANSFER.kind:
        raise NotPermittedError(
            "目录包里是不带查阅标记的原图，只为转递移交而导出；这次打开档案是别的事由，没有导出。",
            "The directory holds the kept images, without a mark: it is made for handing over only. "
            "The file is open for another reason; nothing was exported.",
            hint_zh="给人看请导出 PDF；要移交，请以“转递移交”的事由重新打开这一卷。",
            hint_en="For reading, export a PDF; to hand over, open the file anew for that reason.",
            code="not-transfer",
        )


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


def _write(
    case_file: CaseFile,
    form: str,
    password: str,
    stream: BinaryIO,
    mark: Mark,
    *,
    progress: Say = _silent,
) -> None:
    if form != "pdf":
        write = write_archive if form == "gbt33870" else write_age
        write(_counted(outgoing.delivery_of(case_file), progress), stream, password)
    elif password:
        with _document(case_file, mark, progress) as document:
            chunks = iter(lambda: document.read(CHUNK), b"")
            encrypt_zip(f"{_safe(case_file.number)}.pdf", chunks, stream, password)
    else:
        with _document(case_file, mark, progress) as document:
            shutil.copyfileobj(document, stream)


def _counted(delivery: Outgoing, progress: Say) -> Outgoing:
    """The same, telling of every image when it is read."""
    done, total = itertools.count(1), len(delivery.images)

    def counted(image: Image) -> Image:
        def read() -> bytes:
            progress(f"{next(done)}/{total}")
            return image.read()

        return replace(image, read=read)

    return replace(delivery, images=tuple(map(counted, delivery.images)))


def _told(pages: Iterator[PdfPage], total: int, progress: Say) -> Iterator[PdfPage]:
    for number, page in enumerate(pages, 1):
        progress(f"{number}/{total}")
        yield page


def _document(case_file: CaseFile, mark: Mark, progress: Say = _silent) -> BinaryIO:
    """The PDF/A at its beginning, its pages marked, held against our rule list before anybody gets it."""
    suite = settings.KEYRING.suite
    document = cast("BinaryIO", Spool(suite))
    pages = _told(outgoing.pdf_pages(case_file, mark), case_file.page_count, progress)
    write_pdf(pages, outgoing.document_info(case_file), document, suite=suite)
    broken = check_pdfa(document)
    if broken:
        told = "; ".join(f"{one.clause} {one.en}" for one in broken[:5])
        raise DomainError(
            f"生成的 PDF 不合 PDF/A-2b（{told}），没有给出。",
            f"The PDF that was made breaks PDF/A-2b ({told}); it was not given out.",
            hint_zh="档案没有受影响。请把这句话告诉系统管理员。",
            hint_en="The file is not affected. Tell the system officer.",
            code="not-pdfa",
            status=500,
        )
    document.seek(0)
    return document


def _ask_outside(path: Path) -> None:
    """Another validator's word on a PDF/A, where the installation names one."""
    command = str(settings.PDFA_VALIDATOR)
    if not command:
        return
    agreed, said = outside_check(command, path)
    if not agreed:
        raise DomainError(
            f"已写出 {path.name}，但外部校验程序不认可：{said[:400]}",
            f"{path.name} was written, but the outside validator refuses it: {said[:400]}",
            hint_zh="先不要移交这份 PDF。",
            hint_en="Do not hand this PDF over yet.",
            code="outside-validator",
        )


@contextlib.contextmanager
def _new_file(goal: Path) -> Iterator[BinaryIO]:
    """A new file under its final name only when it is whole and flushed."""
    temporary = unfinished(goal)
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        remove_files(goal.parent)
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
def _record(case_file: CaseFile, form: str, acting_user: User, purpose: Purpose) -> None:
    leave(acting_user, case_file, EXPORT)
    record(
        "casefile:export",
        actor=acting_user,
        subject=case_file,
        detail={
            **purpose.told,
            "form": form,
            "items": case_file.item_count,
            "pages": case_file.page_count,
        },
    )


def _safe(number: str) -> str:
    return re.sub(r'[\\/:*?"<>|\s]+', "-", number)
