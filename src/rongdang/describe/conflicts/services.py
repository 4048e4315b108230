"""Deciding what does not agree: which value holds, or another; later; or it stands as it is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.base.vocab import fields
from rongdang.base.vocab.values import canonical
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.describe.casefiles.services import reopen_if_sealed
from rongdang.describe.conflicts.finding import against
from rongdang.describe.conflicts.models import Doubt, DoubtState, Ruling, RulingState
from rongdang.describe.people.claims import Claim, claims_of
from rongdang.describe.people.key_dates import KEY_DATES
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.people.projecting import project

LEAST_REASON = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decided: the claim that is right, or another value and the page that says it."""

    claim: str = ""  # id of a claim
    value: str = ""
    page: uuid.UUID | None = None


@transaction.atomic
def decide(person: Person, field: str, choice: Choice, *, reason: str, acting_user: User) -> Ruling:
    """This value holds from now on; of a key date once a second person agrees. A sealed file reopens.

    Raises DomainError without a reason or evidence, ConflictError when the claims have changed.
    """
    person = _held(person, acting_user)
    reason = _reason(reason)
    said = _said(person, field)
    refuse_marks(reason, choice.value, scope=person.scope, acting_user=acting_user, place="ruling")
    if Ruling.objects.filter(person=person, field=field, state=RulingState.ASKED).exists():
        raise ConflictError(
            f"{field}已经有人定了，正等另一位同志同意，没有再定。",
            f"{field}: somebody has decided and waits for a second person; nothing was decided again.",
            code="ruling-waits",
        )
    takes_two = field in KEY_DATES
    value, cites = _chosen(person, field, choice, said, acting_user, settled=not takes_two)
    ruling = Ruling(
        person=person,
        field=field,
        value=value,
        cites=cites,
        weighed=[[claim.key, claim.value] for claim in said],
        reason=reason,
        state=RulingState.ASKED,
        decided_by=acting_user,
        decided_at=timezone.now(),
    )
    told = {"field": field, "cites": cites, "reason": reason}
    if takes_two:
        ruling.save(force_insert=True)
        record("ruling:ask", actor=acting_user, subject=ruling, detail=told)
    else:
        _hold(person, ruling, acting_user, told)
    return ruling


@transaction.atomic
def agree(ruling: Ruling, *, acting_user: User) -> Ruling:
    """The second person's word on a key date; raises ConflictError when more is said by now."""
    person = _held(ruling.person, acting_user)
    ruling = _asked(ruling)
    if acting_user.is_same_person(ruling.decided_by):
        raise NotPermittedError(
            "自己定的不能自己同意，认定没有变。",
            "Nobody agrees to his own decision; what holds is unchanged.",
            hint_zh="请另一位同志看过依据再同意。",
            hint_en="Ask a colleague to look at the evidence and agree.",
            code="same-person",
        )
    if against(ruling, _said(person, ruling.field)):
        raise ConflictError(
            f"{ruling.field}又有了新的记载，和这个决定不一致，没有生效。",
            f"{ruling.field}: a source says something else by now; the decision did not take effect.",
            hint_zh="请先不同意这一条，再连同新的记载重新定。",
            hint_en="Refuse this one and decide again with what is said now.",
            code="more-is-said",
        )
    _proposed_with(ruling).update(state=FactState.CONFIRMED)
    ruling.agreed_by, ruling.agreed_at = acting_user, timezone.now()
    told = {"field": ruling.field, "ruling": str(ruling.pk), "by": str(ruling.decided_by_id)}
    _hold(person, ruling, acting_user, told)
    return ruling


@transaction.atomic
def refuse(ruling: Ruling, *, acting_user: User) -> Ruling:
    """Not agreed to, or taken back by whoever decided: what held goes on holding."""
    _held(ruling.person, acting_user)
    ruling = _asked(ruling)
    ruling.state, ruling.ended_at = RulingState.REFUSED, timezone.now()
    ruling.save(update_fields=["state", "ended_at"])
    _proposed_with(ruling).update(state=FactState.REFUSED)
    record("ruling:refuse", actor=acting_user, subject=ruling, detail={"field": ruling.field})
    return ruling


@transaction.atomic
def put_off(doubt: Doubt, *, reason: str, acting_user: User) -> Doubt:
    """Later: it stands apart until somebody takes it up, or something else is said."""
    return _say(doubt, DoubtState.LATER, "doubt:put-off", reason, acting_user)


@transaction.atomic
def let_stand(doubt: Doubt, *, reason: str, acting_user: User) -> Doubt:
    """Looked at and true as it is: he did enlist at eleven. Sources that disagree need a decision."""
    if doubt.is_of_sources:
        raise DomainError(
            "几个来源说法不一，要定以哪一个为准，没有记。",
            "Sources disagree: say which one holds. Nothing was noted.",
            code="needs-ruling",
            status=422,
        )
    return _say(doubt, DoubtState.STANDS, "doubt:let-stand", reason, acting_user)


@transaction.atomic
def take_up(doubt: Doubt, *, acting_user: User) -> Doubt:
    """What was put off, or let stand, is open again."""
    _held(doubt.person, acting_user)
    doubt = Doubt.objects.select_for_update(of=("self",)).get(pk=doubt.pk)
    doubt.state, doubt.said_by, doubt.said_at, doubt.why = DoubtState.OPEN, None, None, ""
    doubt.save(update_fields=["state", "said_by", "said_at", "why"])
    record("doubt:take-up", actor=acting_user, subject=doubt.person, detail={"code": doubt.code})
    return doubt


def _say(doubt: Doubt, state: DoubtState, event: str, reason: str, acting_user: User) -> Doubt:
    person = _held(doubt.person, acting_user)
    reason = _reason(reason)
    refuse_marks(reason, scope=person.scope, acting_user=acting_user, place="ruling")
    held = Doubt.objects.select_for_update(of=("self",)).filter(pk=doubt.pk).first()
    if held is None or held.digest != doubt.digest:
        raise ConflictError(
            "这一条已经变了，没有记。",
            "This has changed meanwhile; nothing was noted.",
            hint_zh="请刷新再看。",
            hint_en="Reload and look again.",
        )
    held.state, held.said_by, held.said_at, held.why = state, acting_user, timezone.now(), reason
    held.save(update_fields=["state", "said_by", "said_at", "why"])
    record(event, actor=acting_user, subject=person, detail={"code": held.code, "reason": reason})
    return held


def _held(person: Person, acting_user: User) -> Person:
    """The person's row, for this transaction; by whoever may edit him and is no relative."""
    CaseFile.objects.select_for_update(of=("self",)).filter(person=person.pk).first()
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    require(acting_user, Permission.PERSON_EDIT, person.scope)
    refuse_avoided(acting_user, person.pk)
    return person


def _reason(reason: str) -> str:
    reason = reason.strip()[:400]
    if len(reason) < LEAST_REASON:
        raise DomainError(
            "没有写明理由，没有定。",
            "No reason was given; nothing was decided.",
            hint_zh="写一句凭什么，例如“入党志愿书本人手写，早于其他材料”。",
            hint_en="Say in a sentence on what ground, for instance “his own hand in the application, "
            "before all other papers”.",
            code="no-reason",
            status=422,
        )
    return reason


def _said(person: Person, field: str) -> list[Claim]:
    return [claim for claim in claims_of([person.pk]).get(person.pk, ()) if claim.field == field]


def _chosen(
    person: Person,
    field: str,
    choice: Choice,
    said: list[Claim],
    acting_user: User,
    *,
    settled: bool,
) -> tuple[str, str]:
    """The value decided on and the id of the claim it goes by."""
    if choice.claim:
        claim = next((one for one in said if one.id == choice.claim), None)
        if claim is None:
            raise ConflictError(
                "选的那一种记载已经不在，没有定。",
                "The record you chose is not there any more; nothing was decided.",
                hint_zh="请刷新，看看现在有哪几种。",
                hint_en="Reload to see what is said now.",
                code="claim-gone",
            )
        return claim.value, claim.id
    fact = _another(person, field, choice, acting_user, settled=settled)
    return fact.value, str(fact.pk)


def _another(
    person: Person, field: str, choice: Choice, acting_user: User, *, settled: bool
) -> Fact:
    """A value none of the sources gives, with the page of his own file that says it."""
    wrong = ("没有这个字段", "there is no such field")
    value = choice.value.strip()
    if fields.is_known(field):
        kept, fault = (
            canonical(field, value) if value else ("", ("没有写值", "the value is missing"))
        )
        value, wrong = kept, fault or ("", "")
    pages = Page.objects.filter(item__case_file__person=person).select_related("item")
    page = pages.filter(pk=choice.page).defer("layer").first() if choice.page else None
    if not wrong[0] and page is None:
        wrong = ("没有选是哪一页写的", "the page that says so was not chosen")
    if wrong[0]:
        raise DomainError(
            f"{wrong[0]}，没有定。",
            f"Nothing was decided: {wrong[1]}.",
            hint_zh="另写一个值，要选他档案里写着这个值的那一页。",
            hint_en="Another value needs the page of his own file that says it.",
            code="no-evidence",
            status=422,
        )
    assert page is not None
    return Fact.objects.create(
        person=person,
        field=field,
        value=value,
        original=value,
        state=FactState.CONFIRMED if settled else FactState.PROPOSED,
        page=page,
        formed=page.item.formed,
        recorded_by=acting_user,
    )


def _asked(ruling: Ruling) -> Ruling:
    ruling = Ruling.objects.select_for_update(of=("self",)).get(pk=ruling.pk)
    if ruling.state != RulingState.ASKED:
        raise ConflictError(
            "这个决定已经有人办了，没有再改。",
            "Somebody has dealt with this decision; nothing more was done.",
            code="ruling-settled",
        )
    return ruling


def _hold(person: Person, ruling: Ruling, acting_user: User, told: dict[str, str]) -> None:
    """It holds in the place of an earlier one; the record follows, a sealed file is open again."""
    now = timezone.now()
    held = Ruling.objects.holding().filter(person=person, field=ruling.field)
    held.update(state=RulingState.REPLACED, ended_at=now)
    ruling.state = RulingState.HOLDS
    ruling.save()
    project(person, acting_user)
    case_file = CaseFile.objects.filter(person=person).first()
    if case_file is not None and reopen_if_sealed(case_file, acting_user):
        case_file.save(update_fields=["state", "changed_at"])
    record("ruling:hold", actor=acting_user, subject=person, detail=told)


def _proposed_with(ruling: Ruling) -> QuerySet[Fact]:
    """The value of its own that it brought and nobody has agreed to; of a row of a source, none."""
    try:
        key = uuid.UUID(ruling.cites)
    except ValueError:
        return Fact.objects.none()
    return Fact.objects.filter(pk=key, state=FactState.PROPOSED)
