"""入库: a case file becomes a sealed OCFL object; each sealing adds a version.

The new version is built on disk first, outside any transaction. Then, in one transaction, numbers
and state are written, the event is recorded, and the version is moved into place by a rename. If
the disk fails, nothing happened. If the machine dies between rename and commit, the object is one
version ahead: `rongdang verify` names it, and sealing again completes it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.ledger.services import record
from rongdang.describe.casefiles import cataloguing
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.casefiles.states import CASEFILE, CaseFileState
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.packages.ocfl.inventory import Inventory, OcflError, VersionNote
from rongdang.keep.packages.ocfl.storage import Staged
from rongdang.keep.packages.sealed import Contents, Member, SealedStore

SHIFT = 1_000_000  # lifts numbers out of the way while they are dealt anew


def sealed_store() -> SealedStore:
    return SealedStore(settings.SEALED_ROOT, settings.KEYRING)


def object_id(case_file: CaseFile) -> str:
    """Name of the sealed object: says nothing of the person."""
    return f"urn:uuid:{case_file.pk}"


def seal_case_file(case_file: CaseFile, *, acting_user: User) -> CaseFile:
    """Seal the file as it stands; sealed already and unchanged, nothing happens.

    Raises DomainError (nothing to seal, somebody changed it meanwhile), StorageError, OcflError.
    """
    require(acting_user, Permission.CASEFILE_SEAL, case_file.scope)
    case_file = CaseFile.objects.select_related("person").get(pk=case_file.pk)
    numbers = _numbers(case_file)
    catalogue = cataloguing.catalogue_of(case_file, numbers)
    if not any(item["pages"] for item in catalogue["items"]):
        raise nothing_to_seal()
    plan, store = _Plan(case_file, catalogue, numbers), sealed_store()
    before = store.root.complete(object_id(case_file))
    _must_fit(case_file, before)
    if before is not None and _holds(store, case_file, catalogue):
        if before.number == case_file.version and case_file.state == CaseFileState.SEALED:
            return case_file
        return _commit(plan, before, None, acting_user=acting_user)
    note = VersionNote(
        created=timezone.localtime(),
        message=f"入库 第 {before.number + 1 if before else 1} 版",
        name="Rongdang",
        address=f"urn:uuid:{acting_user.pk}",
    )
    staged = store.stage(_contents(case_file, catalogue), note)
    try:
        return _commit(plan, staged.inventory, staged, acting_user=acting_user)
    except BaseException:
        staged.discard()
        raise


def nothing_to_seal() -> DomainError:
    return DomainError(
        "这卷还没有一页数字化，没有入库。",
        "No page of this file is digitised yet; it was not sealed.",
        hint_zh="先扫描、归卷，再入库。",
        hint_en="Scan and file its materials first.",
        code="no-pages",
    )


def _must_fit(case_file: CaseFile, before: Inventory | None) -> None:
    """The sealed store must hold every version that the catalogue knows of."""
    held = before.number if before else 0
    if held < case_file.version:
        raise OcflError(
            f"入库存储里应有第 {case_file.version} 版，只找到第 {held} 版；没有再入库。",
            f"The sealed store should hold version {case_file.version} but has {held}; nothing was sealed.",
            hint_zh="请系统管理员从备份恢复入库存储，再运行 rongdang verify。",
            hint_en="Restore the sealed store from backup, then run rongdang verify.",
            code="sealed-missing",
        )


def _holds(store: SealedStore, case_file: CaseFile, catalogue: dict[str, Any]) -> bool:
    """Is the newest sealed version equal to the file as it stands?"""
    held = store.catalogue(object_id(case_file)) or {}
    return all(held.get(key) == value for key, value in catalogue.items())


def _numbers(case_file: CaseFile) -> dict[uuid.UUID, int]:
    """At the first sealing: item → number by time inside its class; undated ones come last."""
    if case_file.version:
        return {}
    by_class: dict[str, list[Item]] = {}
    for item in Item.objects.filter(case_file=case_file):
        by_class.setdefault(item.category, []).append(item)
    return {
        item.pk: number
        for items in by_class.values()
        for number, item in enumerate(
            sorted(items, key=lambda item: (item.formed or "9999", item.sequence)), 1
        )
    }


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be sealed: the catalogue as it will stand, and the numbers it deals."""

    case_file: CaseFile
    catalogue: dict[str, Any]
    numbers: dict[uuid.UUID, int]


@transaction.atomic
def _commit(
    plan: _Plan, inventory: Inventory, staged: Staged | None, *, acting_user: User
) -> CaseFile:
    """Write what the sealing changes; refuse when the file is not as planned any more."""
    catalogue = plan.catalogue
    held = CaseFile.objects.select_for_update(of=("self",)).get(pk=plan.case_file.pk)
    now = cataloguing.materials_of(held, plan.numbers, text=False)
    if now != _without_text(catalogue["items"]):
        raise ConflictError(
            "入库时别人改了这一卷，没有入库。",
            "Somebody changed this file while it was being sealed; it was not sealed.",
            hint_zh="看看改了什么，再入库。",
            hint_en="Look at what changed, then seal again.",
        )
    _renumber(held, plan.numbers)
    event = CASEFILE.apply("seal", held, by=acting_user, scope=held.scope)
    held.version, held.sealed_at = inventory.number, timezone.now()
    held.save(update_fields=["state", "version", "sealed_at", "changed_at"])
    record(
        event,
        actor=acting_user,
        subject=held,
        detail={
            "version": inventory.number,
            "sha512": inventory.digest,
            "sm3": sm3(inventory.raw),
            "items": len(catalogue["items"]),
            "pages": sum(len(item["pages"]) for item in catalogue["items"]),
        },
    )
    if staged is not None:
        staged.install()
    return held


def _without_text(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a person decides of the materials; a text read anew meanwhile is for the next version."""
    return [
        {**item, "pages": [{k: page[k] for k in page if k != "text"} for page in item["pages"]]}
        for item in items
    ]


def _renumber(case_file: CaseFile, numbers: dict[uuid.UUID, int]) -> None:
    """Two steps, so that no two materials ever share a number."""
    items = [
        item for item in Item.objects.filter(pk__in=numbers) if item.sequence != numbers[item.pk]
    ]
    if not items:
        return
    moved = Item.objects.filter(case_file=case_file, pk__in=[item.pk for item in items])
    moved.update(sequence=F("sequence") + SHIFT)
    for item in items:
        item.sequence = numbers[item.pk]
    Item.objects.bulk_update(items, ["sequence"], batch_size=200)


def sm3(data: bytes) -> str:
    """SM3 (GB/T 32905) beside SHA-512, of the inventory: it pins all the rest."""
    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize().hex()


def _contents(case_file: CaseFile, catalogue: dict[str, Any]) -> Contents:
    return Contents(
        object_id=object_id(case_file),
        catalogue=catalogue,
        text=cataloguing.catalogue_text(catalogue),
        members=tuple(_members(catalogue)),
    )


def _members(catalogue: dict[str, Any]) -> Iterator[Member]:
    """Both images and the text of every page; bytes are read when their turn comes."""
    for item in catalogue["items"]:
        for page in item["pages"]:
            name = f"{item['category']}-{item['sequence']}-{page['sequence']:04d}"
            for folder, key in (("原始图像", "original"), ("优化图像", "optimised")):
                suffix = cataloguing.EXTENSIONS.get(page[f"{key}_type"], "bin")
                yield Member(f"{folder}/{name}.{suffix}", page[key], _object_reader(page[key]))
            if page["text"]:
                yield Member(f"文字/{name}.json", page["text"], _text_reader(page["id"]))


def _object_reader(digest: str) -> Any:
    return lambda: objects.read(StoredObject.objects.get(digest=digest, shredded_at=None))


def _text_reader(page_id: str) -> Any:
    return lambda: cataloguing.layer_json(Page.objects.get(pk=page_id))
