"""What stops a delivery at the door: what our catalogue cannot hold, secrets, a person known already."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from rongdang.base.accounts.models import User
from rongdang.base.errors import ConflictError
from rongdang.base.gate.services import refuse_kind, refuse_marks
from rongdang.base.ledger import queries as ledger
from rongdang.base.orgs.models import Unit
from rongdang.base.textlayer import TextLayer
from rongdang.base.vocab import categories, names
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.people.models import Fact, FactState
from rongdang.keep.packages.gbt33870.catalogue import place_of
from rongdang.keep.packages.gbt33870.reading import Delivery
from rongdang.keep.packages.gbt33870.values import (
    OPTIMISED,
    ORIGINAL,
    DeliveryError,
    Entry,
    Problem,
)

LONGEST = 200  # characters of a title or a note in the catalogue


def scheme_of(delivery: Delivery) -> str:
    told = delivery.supplement.get("scheme")
    return str(told) if told in ("2012", "2018") else str(settings.CATEGORY_SCHEME)


def must_fit(delivery: Delivery, scheme: str) -> None:
    """What our catalogue cannot hold is refused, never cut."""
    classes = {one.code for one in categories.scheme(scheme).entries if one.takes_items}
    problems = []
    for number, entry in enumerate(delivery.catalogue.entries, 1):
        place = place_of(number, entry)
        if entry.category not in classes:
            problems.append(
                Problem(
                    "category",
                    place,
                    f"类号 {entry.category} 下分小类，要写到小类，如 {entry.category}-1",
                    f"class {entry.category} holds only its sub-classes",
                )
            )
        if max(len(entry.title), len(entry.note)) > LONGEST:
            problems.append(
                Problem(
                    "length",
                    place,
                    f"材料名称或备注超过 {LONGEST} 字",
                    f"title or note is longer than {LONGEST} characters",
                )
            )
    if problems:
        raise DeliveryError(problems)


def no_secrets(delivery: Delivery, unit: Unit, acting_user: User) -> None:
    """State secrets never enter: a mark in the catalogue or in the text stops the delivery whole.

    Asked before anything is stored. Raises AlarmingRefusalError.
    """
    asked: dict[str, Any] = {"scope": unit.path, "acting_user": acting_user, "place": "delivery"}
    marks_of = import_string(settings.PAGE_MARKS)
    words = list(asdict(delivery.catalogue.person).values())
    for row in _told_facts(delivery):
        words += [str(row.get(key, "")) for key in ("value", "original")]
    for entry in delivery.catalogue.entries:
        words += (entry.title, entry.note)
        for layer in filter(None, (layer_of(told_of(delivery, one)) for one in entry.originals)):
            words += [line.text for line in layer.lines]
            if hit := marks_of(layer):
                refuse_kind(hit.kind, **asked)
    refuse_marks(*words, **asked)


def must_be_as_sent(delivery: Delivery) -> None:
    """Images whose sender told their digests are those very bytes. Raises DeliveryError."""
    problems = []
    for entry, (originals, optimised) in _with_images(delivery):
        for name, first, second in zip(entry.originals, originals, optimised, strict=True):
            holds = told_of(delivery, name).get("holds")
            for kind, path in ((ORIGINAL, first), (OPTIMISED, second)):
                told = holds.get(kind) if isinstance(holds, dict) else None
                digest = told.get("sha256") if isinstance(told, dict) else None
                if digest and hashlib.sha256(delivery.read(path)).hexdigest() != digest:
                    problems.append(_changed(PurePosixPath(path)))
    if problems:
        raise DeliveryError(problems)


def must_open(delivery: Delivery, unit: Unit, acting_user: User) -> None:
    """Every image is opened once, in the cage, before one of them is kept.

    Raises DeliveryError for what does not open, AlarmingRefusalError for one whose own description
    bears a mark.
    """
    examined = import_string(settings.PICTURE_EXAMINER)
    problems = []
    for _entry, images in _with_images(delivery):
        for path in map(PurePosixPath, chain(*images)):
            trouble, kind = examined(delivery.read(str(path)), path.name)
            if kind:
                refuse_kind(kind, scope=unit.path, acting_user=acting_user, place="delivery")
            if trouble is not None:
                problems.append(Problem(trouble.code, _last(path), trouble.zh, trouble.en))
    if problems:
        raise DeliveryError(problems)


def _with_images(delivery: Delivery) -> Iterator[tuple[Entry, tuple[Sequence[str], Sequence[str]]]]:
    yield from zip(delivery.catalogue.entries, delivery.images, strict=True)


def _changed(path: PurePosixPath) -> Problem:
    return Problem(
        "changed",
        _last(path),
        "与发出时的摘要不符，传输中变了",
        "it is not as it was sent: its digest differs",
    )


def _last(path: PurePosixPath) -> str:
    """The image in words: its folder and name, without the person's folder above."""
    return str(PurePosixPath(*path.parts[-2:]))


def _told_facts(delivery: Delivery) -> list[Mapping[str, Any]]:
    told = delivery.supplement.get("facts")
    return [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []


def told_of(delivery: Delivery, name: str) -> Mapping[str, Any]:
    """What our own supplement says of a page; empty when it says nothing."""
    pages = delivery.supplement.get("pages")
    told = pages.get(name) if isinstance(pages, dict) else None
    return told if isinstance(told, dict) else {}


def not_known(delivery: Delivery, acting_user: User) -> None:
    """One person, one file: what is here already is not taken twice, and never changed by this."""
    info = delivery.catalogue.person
    visible = CaseFile.objects.visible_to(acting_user)
    for case_file in visible.filter(person__name=names.normalise_name(info.name))[:50]:
        if _came_as(case_file, delivery.digest):
            raise ConflictError(
                f"这份档案以前已经导入，档号 {case_file.number}；没有再收一次。",
                f"This delivery was imported before, as {case_file.number}; it was not taken twice.",
                code="delivery-known",
            )
    known = Fact.objects.of_number(info.id_number).filter(state=FactState.CONFIRMED)
    fact = known.first() if info.id_number else None
    if fact is None:
        return
    seen = visible.filter(person=fact.person_id).first()
    where_zh, where_en = (
        (f"：档号 {seen.number}", f": file {seen.number}")
        if seen
        else ("（不在您的管辖范围内）", " (outside your units)")
    )
    raise ConflictError(
        f"这个公民身份号码的人已经有档案{where_zh}，没有导入，原来的也没有改动。",
        f"A person with this ID number is known already{where_en}; nothing was imported or changed.",
        hint_zh="如果是续补材料，请走收件、核对、归卷；如果是转入，请先办原档案的转出。",
        hint_en="New materials go through intake and review; a transfer must leave the old file first.",
        code="person-known",
    )


def _came_as(case_file: CaseFile, digest: str) -> bool:
    entries = ledger.entries(subject=case_file, event="casefile:import")
    return any(ledger.detail_of(entry).get("delivery") == digest for entry in entries[:5])


def layer_of(told: Mapping[str, Any]) -> TextLayer | None:
    """The text that came along, when it is what a text layer looks like; else nothing."""
    text = told.get("layer")
    if not isinstance(text, str) or not text:
        return None
    try:
        return TextLayer.from_json(text)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None
