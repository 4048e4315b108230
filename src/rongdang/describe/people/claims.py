"""What is known of people, from pages and from rows of sources, in one form.

A fact of a page (`people.Fact`) and what a row says of one field (`statements.Statement`) are both a
claim. The rules by which one of them holds (`projection`) see no difference.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from django.db.models import Q

from rongdang.base.accounts.models import User
from rongdang.base.vocab import fields
from rongdang.describe.access.predicate import GRANTED, Purpose, apart, levels_at, levels_seen
from rongdang.describe.grants.queries import opened_levels
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.statements.models import Statement

if TYPE_CHECKING:
    from rongdang.describe.casefiles.models import Page

Origin = Literal["page", "declared", "row"]


class Claim(NamedTuple):
    """One value of one field, and who says so."""

    person: uuid.UUID
    field: str
    value: str
    original: str
    certainty: str  # sure, approximate, doubtful
    origin: Origin
    formed: str  # when what says it was made: partial ISO date, "" where unknown
    title: str  # of the material, or the name of the source
    recorded_at: dt.datetime
    ended_at: dt.datetime | None  # taken back, or replaced by what the row says now
    key: str  # of the place that says it, the same when it is read again
    id: str  # of this very claim
    confirmed: bool
    evidence: Fact | Statement
    is_masked: bool = False

    @property
    def pk(self) -> uuid.UUID:
        """Of the fact or the statement."""
        return self.evidence.pk

    @property
    def page(self) -> Page | None:
        return self.fact.page if self.fact else None

    @property
    def page_id(self) -> uuid.UUID | None:
        return self.fact.page_id if self.fact else None

    @property
    def box(self) -> Any:
        return self.fact.box if self.fact else None

    @property
    def recorded_by(self) -> User | None:
        """Who answers for it; of a row, who brought its source in."""
        return self.fact.recorded_by if self.fact else None

    @property
    def fact(self) -> Fact | None:
        return self.evidence if isinstance(self.evidence, Fact) else None

    @property
    def statement(self) -> Statement | None:
        return self.evidence if isinstance(self.evidence, Statement) else None

    @property
    def state(self) -> str:
        if self.fact:
            return self.fact.state
        return FactState.WITHDRAWN if self.ended_at else FactState.CONFIRMED

    def known_at(self, at: dt.datetime) -> bool:
        """Was it on record, and not yet taken back?"""
        return self.recorded_at <= at and (self.ended_at is None or self.ended_at > at)


def of_fact(fact: Fact, title: str = "") -> Claim:
    """The claim of a fact; `title` of its material, where the page was not read with it."""
    recorded = fact.recorded_at or dt.datetime.now(dt.UTC)
    return Claim(
        fact.person_id,
        fact.field,
        fact.value,
        fact.original,
        "sure",
        "page" if fact.page_id else "declared",
        fact.formed,
        title or (fact.page.item.title if fact.page else ""),
        recorded,
        fact.withdrawn_at,
        str(fact.pk),
        str(fact.pk),
        fact.state in (FactState.CONFIRMED, FactState.WITHDRAWN),
        fact,
    )


def of_statement(statement: Statement, shown: frozenset[str] | None = None) -> Iterator[Claim]:
    """A claim for each field of the row; only of the fields `shown`, where given."""
    key = f"{statement.source_id}:{bytes(statement.key).hex()}"
    own, person, name = str(statement.pk), statement.person_id, statement.source.name
    recorded, ended = statement.recorded_at, statement.ended_at
    for field, said in statement.sayings.items():
        if said.value and (shown is None or field in shown):
            yield Claim(
                person,
                field,
                said.value,
                said.original,
                said.certainty,
                "row",
                "",
                name,
                recorded,
                ended,
                f"{key}:{field}",
                f"{own}:{field}",
                True,  # noqa: FBT003  # a row is recorded by a run somebody answers for
                statement,
            )


def claims_of(people: Iterable[uuid.UUID], *, past: bool = False) -> dict[uuid.UUID, list[Claim]]:
    """Person → everything confirmed of him, for the rules; two queries however many people.

    `past`: also what was taken back or replaced since. Nothing here asks who is looking.
    """
    wanted = list(people)
    states = [FactState.CONFIRMED, *([FactState.WITHDRAWN] if past else [])]
    facts = Fact.objects.filter(person__in=wanted, state__in=states)
    statements = Statement.objects.filter(person__in=wanted)
    found: dict[uuid.UUID, list[Claim]] = defaultdict(list)
    for fact in facts.select_related("page__item").defer("page__layer"):
        found[fact.person_id].append(of_fact(fact))
    for statement in (statements if past else statements.holding()).select_related("source"):
        found[statement.person_id].extend(of_statement(statement))
    return found


def claims_seen(
    user: User, purpose: Purpose, people: Sequence[Person], *, past: bool = False
) -> dict[uuid.UUID, list[Claim]]:
    """As `claims_of`, of what `user` may see for `purpose`: a hidden field is not there at all.

    The claims of a page are left out where its material is withheld. At most three queries.
    """
    from rongdang.describe.casefiles.models import Item

    states = [FactState.CONFIRMED, *([FactState.WITHDRAWN] if past else [])]
    items = Item.objects.visible_to(user, purpose).values("pk")
    facts = (
        Fact.objects.visible_to(user, purpose)
        .filter(Q(page=None) | Q(page__item__in=items), person__in=people, state__in=states)
        .select_related("page__item", "recorded_by", "withdrawn_by")
        .defer("page__layer")
    )
    found: dict[uuid.UUID, list[Claim]] = defaultdict(list)
    for fact in facts:
        found[fact.person_id].append(of_fact(fact))
    for claim in row_claims_seen(user, purpose, people, past=past):
        found[claim.person].append(claim)
    return found


def row_claims_seen(
    user: User, purpose: Purpose, people: Sequence[Person], *, past: bool = False
) -> Iterator[Claim]:
    """What rows of sources say of these people, by the levels of their fields; one query, and one
    more where grants may open a level.
    """
    shown = fields_shown(user, purpose, people)
    statements = Statement.objects.filter(
        apart(user, "person"), person__in=[pk for pk, names in shown.items() if names]
    )
    if purpose.case_file is not None:
        statements = statements.filter(person__case_file=purpose.case_file)
    for statement in (statements if past else statements.holding()).select_related("source"):
        yield from of_statement(statement, shown[statement.person_id])


def fields_shown(
    user: User, purpose: Purpose, people: Sequence[Person]
) -> dict[uuid.UUID, frozenset[str]]:
    """Person → names of the fields whose level is shown of him."""
    by_role = levels_seen(user, purpose)
    levels = {person.pk: set(levels_at(by_role, person.scope)) for person in people}
    if purpose.kind in GRANTED:
        for person, level, code in opened_levels(user, levels):
            if code == purpose.code:
                levels[person].add(level)
    return {pk: frozenset(fields.of_levels(tuple(sorted(seen)))) for pk, seen in levels.items()}
