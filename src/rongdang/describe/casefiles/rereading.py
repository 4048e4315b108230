"""The text of a filed page, read again by a newer engine; the earlier text stays beside it."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError
from rongdang.base.ledger.services import Draft, record, record_many
from rongdang.base.textlayer import TextLayer
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.casefiles.models import EarlierText, Page, PageQuerySet

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A place where two texts of a page differ; "" means there was, or is, nothing."""

    before: str
    after: str


def read_by_others(user: User, engine: str) -> PageQuerySet:
    """Filed pages whose text another engine than `engine` read."""
    pages = Page.objects.visible_to(user, KEEP).filter(blank=False).exclude(engine__in=["", engine])
    return pages.defer("layer")


def ask_rereading(pages: Sequence[Page], *, acting_user: User) -> int:
    """Have pages read again; the flow does it page by page. Returns how many were asked for."""
    for scope in {page.item.case_file.scope for page in pages}:
        require(acting_user, Permission.CASEFILE_EDIT, scope)
    for start in range(0, len(pages), AT_ONCE):
        with transaction.atomic():
            record_many(
                [
                    Draft(event="page:reread", actor=acting_user, subject=page)
                    for page in pages[start : start + AT_ONCE]
                ]
            )
    return len(pages)


@transaction.atomic
def replace_text(page: Page, layer: TextLayer) -> EarlierText | None:
    """Put the new text in place and keep the old one; None when that engine has read it already."""
    page = Page.objects.select_for_update(of=("self",)).select_related("item").get(pk=page.pk)
    if page.engine == layer.engine:
        return None
    earlier = EarlierText.objects.create(
        page=page,
        engine=page.engine,
        layer=page.layer,
        changes=len(changes(bytes(page.layer), packed(layer))),
    )
    page.engine, page.layer = layer.engine, packed(layer)
    page.save(update_fields=["engine", "layer"])
    record(
        "item:reread",
        actor=None,
        subject=page.item,
        detail={
            "page": str(page.pk),
            "from": earlier.engine,
            "to": page.engine,
            "changes": earlier.changes,
        },
    )
    return earlier


@transaction.atomic
def mark_seen(earlier: EarlierText, *, acting_user: User) -> EarlierText:
    """A person has looked at what a newer engine reads differently."""
    require(acting_user, Permission.CASEFILE_EDIT, earlier.page.item.case_file.scope)
    moved = EarlierText.objects.filter(pk=earlier.pk, seen_by=None).update(seen_by=acting_user)
    if not moved:
        raise ConflictError(
            "别的同志已经看过了，没有改动。", "A colleague has seen it already; nothing changed."
        )
    earlier.seen_by = acting_user
    record("page:see-changes", actor=acting_user, subject=earlier.page)
    return earlier


def changes(before: bytes, after: bytes) -> list[Change]:
    """Where two text layers (deflated JSON) differ, line by line, in reading order."""
    old, new = _lines(before), _lines(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    found: list[Change] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        gone, come = old[a:b], new[c:d]
        if len(gone) == len(come):
            found += [Change(x, y) for x, y in zip(gone, come, strict=True)]
        else:
            found.append(Change("\n".join(gone), "\n".join(come)))
    return found


def unsettled_facts(earlier: EarlierText) -> list[str]:
    """Fields whose fact was read from words that the newer text no longer holds."""
    page = earlier.page
    text = "".join(_lines(bytes(page.layer)))
    was = "".join(_lines(bytes(earlier.layer)))
    doubted = []
    for fact in page.facts.exclude(original=""):
        words = "".join(fact.original.split())
        if words in was and words not in text:
            doubted.append(fact.field)
    return doubted


def packed(layer: TextLayer) -> bytes:
    return zlib.compress(layer.to_json().encode(), 6)


def _lines(layer: bytes) -> list[str]:
    if not layer:
        return []
    lines = TextLayer.from_json(zlib.decompress(layer).decode()).lines
    return ["".join(line.text.split()) for line in lines]
