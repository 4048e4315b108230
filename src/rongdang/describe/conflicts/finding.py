"""What does not agree of a person: sources of one field, fields by a rule, his number and his kin."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from rongdang.base.columns.fields import BlindIndexField
from rongdang.base.vocab import ids
from rongdang.base.vocab.fields import dictionary
from rongdang.base.vocab.required import MaterialHeld
from rongdang.describe.access.kinship import KIN_FIELDS, Relative, relatives
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.conflicts.kin import elders_named
from rongdang.describe.conflicts.models import Doubt, DoubtState, Ruling
from rongdang.describe.people import projection
from rongdang.describe.people.claims import Claim
from rongdang.describe.people.contradictions import FORMED, Contradiction, Known, contradictions
from rongdang.describe.people.kin_rules import Kin
from rongdang.describe.people.models import ID_NUMBER, Fact, FactState, Person
from rongdang.describe.people.projection import Rules
from rongdang.describe.standard.doubts import of_standard
from rongdang.describe.statements.models import Statement

SHARED = "number-of-another"
SHOWN = 5  # values named in the words of one doubt


@dataclass(slots=True)
class Around:
    """What other people's records say that bears on these: numbers they share, elders they name."""

    numbers: Mapping[uuid.UUID, frozenset[str]] = field(default_factory=dict)
    sharers: Mapping[uuid.UUID, frozenset[uuid.UUID]] = field(default_factory=dict)
    elders_of: Mapping[uuid.UUID, Sequence[tuple[str, str]]] = field(default_factory=dict)


@dataclass(slots=True)
class Weighing:
    """How one person's claims were decided."""

    rules: Rules
    rulings: Mapping[str, Ruling]
    ruled: Mapping[str, str]
    held: Mapping[str, Claim]
    materials: Sequence[MaterialHeld] | None
    around: Around


def in_force(
    rulings: Mapping[str, Ruling], claims: Sequence[Claim], rules: Rules
) -> dict[str, str]:
    """Field → value decided on. Of what changes, only until a source says something newer."""
    if not rulings:
        return {}
    said = projection.by_field(claims)
    return {
        name: ruling.value
        for name, ruling in rulings.items()
        if projection.rule_of(rules, name).nature == "life"
        or not against(ruling, said.get(name, ()))
    }


def against(ruling: Ruling, said: Iterable[Claim]) -> list[Claim]:
    """Claims that disagree with the decision and were not before whoever decided."""
    weighed = {(key, value) for key, value in ruling.weighed}
    return [
        claim
        for claim in said
        if (claim.key, claim.value) not in weighed
        and not projection.agree(claim, claim._replace(value=ruling.value, certainty="sure"))
    ]


def doubts_of(person: Person, claims: Sequence[Claim], by: Weighing) -> list[Doubt]:
    """Rows not saved yet: one for a field whose sources disagree, one for each rule that is broken."""
    found = [*_of_sources(person, claims, by), *of_standard(person, by.held)]
    told: dict[str, list[Contradiction]] = defaultdict(list)
    for one in contradictions(known_of(person, claims, by)):
        if not one.code.startswith("several-"):  # told above, with the sources
            told[one.code].append(one)
    found += [_of_rule(person, code, ones) for code, ones in told.items()]
    for doubt in found:
        if doubt.code == SHARED:
            doubt.digest = _digest_shared(by.around.numbers[person.pk])
    return found


def _digest_shared(numbers: Iterable[str]) -> str:
    """The same for all who share them, so that the others are found when it is over."""
    return Doubt.digest_of("\n".join(sorted(numbers)))


def _of_sources(person: Person, claims: Sequence[Claim], by: Weighing) -> Iterator[Doubt]:
    for name, said in projection.conflicts(claims, by.rules).items():
        ruling = by.rulings.get(name)
        if ruling and ruling.value == by.held[name].value and not against(ruling, said):
            continue
        rule = projection.rule_of(by.rules, name)
        values = list(dict.fromkeys(claim.value for claim in said))
        shown, held = "、".join(values[:SHOWN]), by.held[name].value
        yield Doubt(
            person=person,
            scope=person.scope,
            code=f"sources:{_code(name)}",
            field=name,
            severity=rule.severity,
            digest=Doubt.digest_of("\n".join(sorted(f"{c.key} {c.value}" for c in said))),
            zh=f"{name}有几种说法：{shown}；现在按规则以{held}为准。",
            en=f"{_english(name)} is given as {', '.join(values[:SHOWN])}; by the rule {held} holds.",
            clause=rule.clause[:120],
        )


def _of_rule(person: Person, code: str, told: Sequence[Contradiction]) -> Doubt:
    first = told[0]
    other = first.fields[1] if len(first.fields) > 1 else ""
    if code == "after-formed":  # each speaks of one field; all of them are of one level
        other = next((one.fields[0] for one in told if one.fields[0] != first.fields[0]), "")
    return Doubt(
        person=person,
        scope=person.scope,
        code=code,
        field=first.fields[0],
        other=other,
        severity=first.severity,
        digest=Doubt.digest_of("\n".join(sorted(one.zh for one in told))),
        zh="\n".join(one.zh for one in told[:SHOWN]),
        en="\n".join(one.en for one in told[:SHOWN]),
        clause=first.clause[:120],
    )


def _code(name: str) -> str:
    entry = dictionary().get(name)
    return (entry.code if entry else name)[:30]


def _english(name: str) -> str:
    entry = dictionary().get(name)
    return entry.english if entry else name


def known_of(person: Person, claims: Sequence[Claim], by: Weighing) -> Known:
    """What the rules of contradictions look at of him; of a field decided on, only what was decided."""
    counted = [one for one in claims if by.ruled.get(one.field, one.value) == one.value]
    said, groups = said_of(counted)
    held_classes = (
        None if by.materials is None else frozenset(m.category.split("-")[0] for m in by.materials)
    )
    return Known(
        said,
        groups,
        held_classes,
        by.around.numbers.get(person.pk, frozenset()),
        Kin(
            relatives_of(claims),
            frozenset({person.name, *said.get("姓名", ()), *said.get("曾用名", ())}),
            by.around.elders_of.get(person.pk, ()),
        ),
    )


def said_of(
    claims: Iterable[Claim],
) -> tuple[dict[str, list[str]], list[dict[str, list[str]]]]:
    """Field → all that is said of it; and the same of each material and row by itself."""
    said: dict[str, list[str]] = {}
    groups: dict[object, dict[str, list[str]]] = {}
    for claim in claims:
        if not claim.confirmed:
            continue
        written = claim.value if claim.certainty == "sure" else claim.original or claim.value
        values = said.setdefault(claim.field, [])
        if written not in values:
            values.append(written)
        together = _together(claim)
        if together is not None:
            group = groups.setdefault(together, {})
            group.setdefault(claim.field, []).append(written)
            if claim.formed:
                group[FORMED] = [claim.formed]
    return said, list(groups.values())


def _together(claim: Claim) -> object:
    """What one material or one row says is said together, and at one time."""
    if claim.origin == "row":
        return id(claim.evidence)
    return claim.page.item_id if claim.page else None


def relatives_of(claims: Iterable[Claim]) -> list[Relative]:
    """Everybody these claims name as relatives, each once."""
    named = (
        one
        for claim in claims
        if claim.field in KIN_FIELDS and claim.confirmed
        for one in relatives(claim.field, claim.value)
    )
    return list(dict.fromkeys(named))


def materials_of(people: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[MaterialHeld]]:
    """Person who has a file → what its catalogue lists; two queries."""
    files = CaseFile.objects.filter(person__in=people).values_list("person_id", flat=True)
    found: dict[uuid.UUID, list[MaterialHeld]] = {pk: [] for pk in files}
    rows = Item.objects.filter(case_file__person__in=list(found)).values_list(
        "case_file__person_id", "title", "category", "formed", "page_count"
    )
    for person, title, category, formed, pages in rows if found else ():
        found[person].append(MaterialHeld(title, category, formed, pages))
    return found


def around(people: Sequence[Person], claims: Mapping[uuid.UUID, Sequence[Claim]]) -> Around:
    """What others' records say of these people; at most four queries."""
    kin = {pk: found for pk, said in claims.items() if (found := relatives_of(said))}
    shared = around_numbers(claims)
    return Around(shared.numbers, shared.sharers, elders_named(people, kin))


def around_numbers(claims: Mapping[uuid.UUID, Sequence[Claim]]) -> Around:
    """Person → the ID numbers said of him that are said of somebody else too."""
    numbers: dict[str, set[uuid.UUID]] = defaultdict(set)
    for pk, said in claims.items():
        for claim in said:
            if claim.field == ID_NUMBER and claim.confirmed and claim.value:
                numbers[ids.comparable(claim.value)].add(pk)
    if not numbers:
        return Around()
    owners = _owners(list(numbers))
    shared: dict[uuid.UUID, set[str]] = defaultdict(set)
    sharers: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for number, mine in numbers.items():
        for pk in mine:
            others = (owners.get(number, set()) | mine) - {pk}
            if others:
                shared[pk].add(number)
                sharers[pk] |= others
    return Around(
        {pk: frozenset(found) for pk, found in shared.items()},
        {pk: frozenset(found) for pk, found in sharers.items()},
    )


def _owners(numbers: Sequence[str]) -> dict[str, set[uuid.UUID]]:
    """Number → people of whom it is said, found by the blind index without opening anything."""
    by_fact = {Fact.number_index(number): number for number in numbers}
    by_row = {_index(number): number for number in numbers}
    found: dict[str, set[uuid.UUID]] = defaultdict(set)
    facts = Fact.objects.filter(value_index__in=list(by_fact), state=FactState.CONFIRMED)
    for index, pk in facts.values_list("value_index", "person_id"):
        found[by_fact[index]].add(pk)
    rows = Statement.objects.holding().filter(number_index__in=list(by_row))
    for index, pk in rows.values_list("number_index", "person_id"):
        found[by_row[index]].add(pk)
    return found


def _index(number: str) -> str:
    field = Statement._meta.get_field("number_index")
    assert isinstance(field, BlindIndexField)
    return field.digest(number)


def facts_scored(record: Mapping[str, str], doubted: Iterable[str]) -> dict[str, str]:
    """What the rules of completeness look at: a birth date given twice needs the approval of a change."""
    facts = dict(record)
    if "sources:birth" in doubted:
        facts["出生日期不一"] = "是"
    return facts


def keep(people: Sequence[Person], doubts: Mapping[uuid.UUID, Sequence[Doubt]]) -> list[Doubt]:
    """Rows as found now: new ones added, others' words renewed, those that agree gone.

    What somebody put off or let stand comes back when something else is said than he looked at.
    Returns those that came and those that went.
    """
    held = {
        (doubt.person_id, doubt.code): doubt
        for doubt in Doubt.objects.filter(person__in=[person.pk for person in people])
    }
    fresh = []
    for found in (one for ones in doubts.values() for one in ones):
        kept = held.pop((found.person_id, found.code), None)
        if kept is None:
            fresh.append(found)
        elif kept.digest != found.digest or (kept.zh, kept.clause) != (found.zh, found.clause):
            _renew(kept, found)
    if held:
        Doubt.objects.filter(pk__in=[doubt.pk for doubt in held.values()]).delete()
    if fresh:
        Doubt.objects.bulk_create(fresh)
    return [*fresh, *held.values()]


def concerned(people: Sequence[Person], moved: Sequence[Doubt], by: Around) -> set[uuid.UUID]:
    """Others who have to be told, or told no more, that their number is somebody else's too."""
    shared = [doubt for doubt in moved if doubt.code == SHARED]
    if not shared:
        return set()
    others = {pk for doubt in shared for pk in by.sharers.get(doubt.person_id, ())}
    theirs = Doubt.objects.filter(code=SHARED, digest__in=[doubt.digest for doubt in shared])
    others |= set(theirs.values_list("person_id", flat=True))
    return others - {person.pk for person in people}


def _renew(kept: Doubt, found: Doubt) -> None:
    """Other words for the same claims (another rule) are no reason to ask again."""
    said_anew = kept.digest != found.digest
    for name in ("scope", "field", "other", "severity", "digest", "zh", "en", "clause"):
        setattr(kept, name, getattr(found, name))
    if said_anew:
        kept.state, kept.said_by, kept.said_at, kept.why = DoubtState.OPEN, None, None, ""
        kept.since = timezone.now()
    kept.save()
