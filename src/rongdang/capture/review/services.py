"""Decisions at the review desk: confirm, check, postpone. Changing pages about is in `pages`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from rongdang.base.accounts.models import User
from rongdang.base.errors import ConflictError, NotPermittedError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.services import record
from rongdang.base.vocab import categories
from rongdang.capture.reading.thresholds import SHOWN, threshold
from rongdang.capture.review.filing import (
    Decision,
    file_material,
    find_person,
    finish_batch_if_done,
    must_be_ready,
    scheme_for,
    settled_values,
)
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import MATERIAL
from rongdang.describe.people import services as people
from rongdang.describe.people.models import Person

__all__ = ["Decision", "check_material", "confirm_material", "confirm_sure", "postpone_material"]


def take(material: Material, version: int) -> Material:
    """Lock the material for this transaction; a stale version means somebody else was first."""
    held = Material.objects.select_for_update(of=("self",)).get(pk=material.pk)
    if held.version != version:
        who_zh, who_en = _last_change(held)
        raise ConflictError(
            f"{who_zh}刚改过这份材料，您的改动还没有保存。",
            f"{who_en} has just changed this material; your change is not saved.",
            hint_zh="先看看改了什么，再保存。",
            hint_en="Look at what changed, then save again.",
        )
    held.version += 1
    return held


def _last_change(material: Material) -> tuple[str, str]:
    """Who changed the material last, what and when, as the ledger tells it; in both languages."""
    entry = (
        Entry.objects.filter(subject_kind="review.material", subject_id=str(material.pk))
        .order_by("-seq")
        .first()
    )
    if entry is None:
        return "别人", "Somebody else"
    action = entry.event.partition(":")[2]
    move = next((move for move in MATERIAL if move.action == action), None)
    at = f"{timezone.localtime(entry.at):%H:%M}"
    user = User.objects.filter(pk=entry.actor).first() if entry.actor else None
    name_zh, name_en = (user.display_name,) * 2 if user else ("机器", "The machine")
    if move is None:
        return f"{name_zh} {at} ", f"{name_en} (at {at})"
    return f"{name_zh} {at} “{move.zh}”，", f"{name_en} (“{move.en}”, {at})"


@transaction.atomic
def confirm_material(
    material: Material, decision: Decision, *, version: int, acting_user: User
) -> Material:
    """A person says: this is right. A sample goes to a second person, and whatever would put another
    key date in the place of the one that holds; the rest is filed.
    """
    material = take(material, version)
    person = find_person(decision, acting_user)
    values = settled_values(decision, person)
    sampled = chosen_for_check(material) or moves_a_key_date(person, values, decision.formed)
    event = MATERIAL.apply(
        "sample" if sampled else "confirm", material, by=acting_user, scope=material.scope
    )
    category = categories.map_code(  # chosen among the classes that the desk listed
        decision.category,
        source=scheme_for(material.person),
        target=scheme_for(person),
        title=decision.title,
    )
    # What a sample waits with for its second check is kept from now on too.
    said = (decision.title, decision.note, decision.new_name, *values.values())
    refuse_marks(*said, scope=material.scope, acting_user=acting_user, place="desk")
    must_be_ready([place.scan for place in material.pages.select_related("scan")])
    if person is None:
        person = people.create_person(
            unit=material.batch.unit, name=decision.new_name, acting_user=acting_user
        )
    material.person, material.person_name = person, person.name
    material.title, material.formed = decision.title.strip()[:200], decision.formed
    material.category, material.is_copy = category, decision.is_copy
    material.note = decision.note.strip()[:200]
    material.fields = _decided(material, values, decision.places)
    material.decided_by, material.decided_at = acting_user, timezone.now()
    if not sampled:
        material.item = file_material(material, note=material.note, acting_user=acting_user)
    material.save()
    record(
        event,
        actor=acting_user,
        subject=material,
        detail={"person": str(person.pk), "fields": len(material.fields)},
    )
    finish_batch_if_done(material.batch, acting_user)
    return material


def _decided(
    material: Material, values: Mapping[str, str], places: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What was read of each field, or where it stands unread, with what the person decided."""
    read = {entry["name"]: entry for entry in material.fields}
    unread = {"original": "", "confidence": 0.0, "box": None}
    return [
        {**read.get(name, {"name": name, "scan": places.get(name), **unread}), "decided": value}
        for name, value in values.items()
    ]


@transaction.atomic
def check_material(material: Material, *, right: bool, version: int, acting_user: User) -> Material:
    """The second check, by another person than the first: file it, or send it back to the desk."""
    material = take(material, version)
    if material.decided_by_id == acting_user.pk:
        raise NotPermittedError(
            "复核要由另一位同志来做，这份材料没有变动。",
            "The second check must be made by another person; nothing changed.",
            hint_zh="请请一位同事复核。",
            hint_en="Ask a colleague.",
            code="same-person",
        )
    event = MATERIAL.apply(
        "check" if right else "return", material, by=acting_user, scope=material.scope
    )
    if right:
        material.item = file_material(material, note=material.note, acting_user=acting_user)
    material.save()
    record(event, actor=acting_user, subject=material)
    finish_batch_if_done(material.batch, acting_user)
    return material


@transaction.atomic
def postpone_material(material: Material, *, version: int, acting_user: User) -> Material:
    """Leave it for now; it waits at the end of the desk."""
    material = take(material, version)
    event = MATERIAL.apply("postpone", material, by=acting_user, scope=material.scope)
    material.save()
    record(event, actor=acting_user, subject=material)
    return material


@transaction.atomic
def confirm_sure(materials: Sequence[Material], *, acting_user: User) -> list[Material]:
    """Confirm many at once: only where the unit's rule allows it, and only what is sure throughout.

    All or none: a refusal half-way leaves every one as it was.
    """
    if not all(material.batch.unit.batch_confirm for material in materials):
        raise NotPermittedError(
            "本单位的规则没有打开“批量确认”，没有确认任何一份。",
            "The unit's rule does not allow confirming in batches; nothing was confirmed.",
            hint_zh="请逐份核对，或请领导打开这条规则。",
            hint_en="Review one by one, or ask the leader to switch the rule on.",
            code="batch-confirm-off",
        )
    done = []
    for material in materials:
        if not is_sure(material) or material.person_id is None:
            continue
        decision = Decision(
            title=material.title,
            category=material.category,
            formed=material.formed,
            values={entry["name"]: entry["value"] for entry in material.fields},
            person=material.person_id,
            is_copy=material.is_copy,
        )
        done.append(
            confirm_material(material, decision, version=material.version, acting_user=acting_user)
        )
    return done


def is_sure(material: Material) -> bool:
    """Every value of the material is marked 可信, whose it is included."""
    values = [float(value) for value in material.confidence.values()]
    values += [float(entry["confidence"]) for entry in material.fields]
    return "person" in material.confidence and min(values) >= threshold(SHOWN)


def moves_a_key_date(person: Person | None, values: Mapping[str, str], formed: str) -> bool:
    """Nobody alone makes another date of birth, of joining or of first work hold than the one there is."""
    return person is not None and bool(people.displaced(person, values, formed))


def chosen_for_check(material: Material) -> bool:
    """A fixed share of materials is checked twice; which, nobody can reckon without the key."""
    digest = salted_hmac("second-check", material.pk.bytes, algorithm="sha256").digest()
    return int.from_bytes(digest[:4], "big") % 100 < settings.SECOND_CHECK_PERCENT
