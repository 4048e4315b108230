"""The sealed store against the catalogue and the ledger."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rongdang.base.errors import DomainError
from rongdang.base.ledger import queries as ledger
from rongdang.describe.casefiles import cataloguing
from rongdang.describe.casefiles.findings import Finding
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.sealing import object_id, sealed_store
from rongdang.describe.casefiles.states import CaseFileState
from rongdang.keep.packages.ocfl.root_checks import validate_root
from rongdang.keep.packages.ocfl.storage import STAGING, STALE
from rongdang.keep.packages.ocfl.validating import validate_object
from rongdang.keep.packages.sealed import SealedStore

# What the catalogue of a sealed file must still say as it did when it was sealed.
ITEM_KEYS = (
    "category",
    "sequence",
    "title",
    "title_made",
    "formed",
    "page_count",
    "is_copy",
    "paper_only",
    "note",
)
PAGE_KEYS = ("sequence", "original", "optimised", "rotation", "blank")


def check(folder: Path, *, read_content: bool, say: Callable[[str], None]) -> Iterator[Finding]:
    """Every sealed file: the object valid, of the version and digest on record, equal in content."""
    store = sealed_store()
    files = CaseFile.objects.select_related("person").order_by("pk")
    sealed = files.filter(version__gt=0)
    total = sealed.count()
    known = set()
    for done, case_file in enumerate(sealed.iterator(chunk_size=100), 1):
        known.add(store.root.path_of(object_id(case_file)))
        yield from _file(store, case_file, read_content=read_content)
        say(f"入库对象 / sealed {done}/{total}")
    if not folder.is_dir():
        return
    for finding in validate_root(folder) if known or any(folder.iterdir()) else ():
        yield _found(finding.code, finding.place, finding.zh, finding.en)
    for path in store.root.objects():
        if path not in known:
            yield from _unknown(files, store, path)
    yield from _leftovers(folder)


def _found(code: str, name: str, zh: str, en: str) -> Finding:
    return Finding("sealed", code, name, zh, en)


def _file(store: SealedStore, case_file: CaseFile, *, read_content: bool) -> Iterator[Finding]:
    name, path = case_file.number, store.root.path_of(object_id(case_file))
    if not path.is_dir():
        yield _found("missing", name, "入库存储里找不到这一卷。", "The sealed object is not there.")
        return
    wrong = [one for one in validate_object(path, digests=read_content) if one.is_error]
    for one in wrong:
        yield _found(one.code, f"{name} {one.place}", one.zh, one.en)
    if wrong:  # what is broken cannot be compared
        return
    try:
        yield from _against_records(store, case_file)
    except DomainError as error:
        yield _found(error.code, name, error.message(), error.message("en"))


def _against_records(store: SealedStore, case_file: CaseFile) -> Iterator[Finding]:
    name = case_file.number
    inventory = store.inventory(object_id(case_file))
    if inventory is None:
        return
    if inventory.number != case_file.version:
        yield _found(
            "version",
            name,
            f"入库存储里是第 {inventory.number} 版，目录记的是第 {case_file.version} 版；再入库一次就补上。",
            f"The sealed store holds version {inventory.number}, the catalogue says {case_file.version}; sealing again completes it.",
        )
        return
    told = _on_ledger(case_file)
    if told and told.get("sha512") != inventory.digest:
        yield _found(
            "ledger",
            name,
            "入库对象的清单与审计账上记的摘要不符。",
            "The inventory differs from the digest on the ledger.",
        )
    catalogue = store.catalogue(object_id(case_file)) or {}
    yield from _places(store, case_file, catalogue)
    if case_file.state == CaseFileState.SEALED:
        yield from _compare(name, catalogue, cataloguing.materials_of(case_file, text=False))


def _on_ledger(case_file: CaseFile) -> dict[str, Any]:
    for entry in ledger.entries(subject=case_file, event="casefile:seal")[:5]:
        detail = ledger.detail_of(entry)
        if detail.get("version") == case_file.version:
            return detail
    return {}


def _places(
    store: SealedStore, case_file: CaseFile, catalogue: dict[str, Any]
) -> Iterator[Finding]:
    """Every file the sealed catalogue points to stands in its volume."""
    wanted: dict[str, set[str]] = {}
    for volume, member in catalogue.get("places", {}).values():
        wanted.setdefault(volume, set()).add(member)
    for volume, members in wanted.items():
        with store.open_volume(object_id(case_file), volume) as archive:
            for member in sorted(members - set(archive.namelist())):
                yield _found(
                    "member",
                    f"{case_file.number} {volume}/{member}",
                    "入库卷里缺少这个文件。",
                    "This file is missing in the sealed volume.",
                )


def _compare(name: str, sealed: dict[str, Any], now: list[dict[str, Any]]) -> Iterator[Finding]:
    """Item by item, page by page: what the database says now against what was sealed."""
    before = {item["id"]: item for item in sealed.get("items", ())}
    after = {item["id"]: item for item in now}
    for key in before.keys() - after.keys():
        title = before[key]["title"]
        yield _found(
            "item-lost",
            f"{name} {title}",
            "入库时有这份材料，目录里没有了。",
            "Sealed, but no longer in the catalogue.",
        )
    for key in after.keys() - before.keys():
        title = after[key]["title"]
        yield _found(
            "item-new",
            f"{name} {title}",
            "目录里有这份材料，入库时没有。",
            "In the catalogue, but not sealed.",
        )
    for key in before.keys() & after.keys():
        yield from _compare_item(name, before[key], after[key])


def _compare_item(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Finding]:
    place = f"{name} {before['category']}-{before['sequence']} {before['title']}"
    changed = [key for key in ITEM_KEYS if before[key] != after[key]]
    if changed:
        yield _found(
            "item-changed",
            place,
            f"目录与入库时不同：{'、'.join(changed)}。",
            f"The catalogue differs from what was sealed: {', '.join(changed)}.",
        )
    pages = [[[page[key] for key in PAGE_KEYS] for page in one["pages"]] for one in (before, after)]
    if pages[0] != pages[1]:
        wrong = [
            str(number)
            for number in range(1, max(map(len, pages)) + 1)
            if pages[0][number - 1 : number] != pages[1][number - 1 : number]
        ]
        yield _found(
            "page-changed",
            place,
            f"第 {'、'.join(wrong)} 页与入库时不同。",
            f"Pages {', '.join(wrong)} differ from what was sealed.",
        )


def _unknown(files: Any, store: SealedStore, path: Path) -> Iterator[Finding]:
    """An object no sealed file speaks of: a sealing that was cut off, or something foreign."""
    try:
        key = uuid.UUID(path.name.removeprefix("urn%3auuid%3a"))
    except ValueError:
        key = uuid.UUID(int=0)
    case_file = files.filter(version=0, pk=key).first()
    if case_file is not None and store.root.path_of(object_id(case_file)) == path:
        yield _found(
            "version",
            case_file.number,
            "入库存储里已有这一卷，目录还没有记；再入库一次就补上。",
            "The sealed object exists, the catalogue does not say so; sealing again completes it.",
        )
        return
    name = path.relative_to(store.root.folder).as_posix()
    yield _found(
        "extra", name, "入库存储里多出一个不认识的对象。", "An object that no file speaks of."
    )


def _leftovers(folder: Path) -> Iterator[Finding]:
    staging = folder / "extensions" / STAGING
    for path in sorted(staging.iterdir()) if staging.is_dir() else ():
        if time.time() - path.stat().st_mtime > STALE:
            yield _found(
                "leftover",
                path.name,
                "一次没做完的入库留下的文件。",
                "Left by a sealing that was cut off.",
            )
