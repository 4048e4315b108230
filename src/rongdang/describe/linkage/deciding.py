"""What a person says of two records that may be one: the same, not the same, later."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError
from rongdang.base.ledger.services import record
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.linkage.joining import merge, reasoned
from rongdang.describe.linkage.models import Joining, Pair, Verdict
from rongdang.describe.people.models import Person


@transaction.atomic
def say_same(
    pair: Pair, *, kept: Person, reason: str, version: Verdict, acting_user: User
) -> Joining:
    """They are one person: merged into `kept`, one of the two. `version` is the verdict that was
    seen: raises ConflictError when somebody has said something else meanwhile.
    """
    pair = _held(pair, version, acting_user)
    other = pair.second if kept.pk == pair.first_id else pair.first
    made = merge(kept, other, reason=reason, acting_user=acting_user)
    _say(pair, Verdict.SAME, reason, acting_user)
    return made


@transaction.atomic
def say_different(pair: Pair, *, reason: str, version: Verdict, acting_user: User) -> Pair:
    """They are two people; never put forward again, and not to be merged."""
    pair = _held(pair, version, acting_user)
    reason = reasoned(reason, acting_user, pair.first)
    _say(pair, Verdict.DIFFERENT, reason, acting_user)
    record("pair:part", actor=acting_user, subject=pair, detail={"reason": reason})
    return pair


@transaction.atomic
def put_off(pair: Pair, *, version: Verdict, acting_user: User) -> Pair:
    """Not now: behind all that wait."""
    pair = _held(pair, version, acting_user)
    _say(pair, Verdict.LATER, "", acting_user)
    record("pair:put-off", actor=acting_user, subject=pair)
    return pair


@transaction.atomic
def ask_again(pair: Pair, *, reason: str, acting_user: User) -> Pair:
    """What was said of the two is taken back, and they wait for somebody again."""
    pair = Pair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    if pair.verdict not in (Verdict.DIFFERENT, Verdict.LATER):
        raise ConflictError(
            "这一对现在没有可以收回的决定，没有改动。",
            "There is no decision on this pair to take back; nothing changed.",
            code="pair-undecided",
        )
    pair = _held(pair, Verdict(pair.verdict), acting_user)
    reason = reasoned(reason, acting_user, pair.first)
    _say(pair, Verdict.WAITING, reason, acting_user)
    record("pair:ask-again", actor=acting_user, subject=pair, detail={"reason": reason})
    return pair


def _held(pair: Pair, version: Verdict, acting_user: User) -> Pair:
    held = (
        Pair.objects.select_for_update(of=("self",))
        .select_related("first", "second")
        .get(pk=pair.pk)
    )
    for person in (held.first, held.second):
        require(acting_user, Permission.PERSON_EDIT, person.scope)
        refuse_avoided(acting_user, person.pk)
    if held.verdict != version:
        raise ConflictError(
            f"这一对已经有人办过：{held.get_verdict_display()}。没有再改。",
            "Somebody has decided on this pair already; nothing changed.",
            hint_zh="刷新页面看看结果。",
            hint_en="Reload the page to see what was decided.",
            code="pair-decided",
        )
    return held


def _say(pair: Pair, verdict: Verdict, why: str, acting_user: User) -> None:
    pair.verdict, pair.why = verdict, why.strip()[:400]
    pair.said_by, pair.said_at = acting_user, timezone.now()
    pair.save(update_fields=["verdict", "why", "said_by", "said_at"])
