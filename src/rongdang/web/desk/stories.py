"""The story of a person's record: each field with all its sources; as known on a day, as it was on a day."""

from __future__ import annotations

import datetime as dt
import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.describe.access.predicate import REGISTER
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.conflicts.models import Ruling
from rongdang.describe.conflicts.rulebook import RuleBook
from rongdang.describe.people.claims import claims_seen
from rongdang.describe.people.history import held_at, stories
from rongdang.describe.people.models import Person
from rongdang.web.desk import dossier, opened
from rongdang.web.desk.access import SignedInRequest, fetch, holding


@require_safe
@holding(Permission.CASEFILE_SEE)
def story(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """`?known=` and `?valid=` are days; without them, as known now."""
    user = request.user
    people = Person.objects.visible_to(user).select_related("unit", "case_file")
    person = fetch(people, person_id)
    case_file: CaseFile | None = getattr(person, "case_file", None)
    purpose = opened.purpose_for(user, case_file) if case_file else REGISTER
    if purpose is None:
        assert case_file is not None
        return opened.ask(request, case_file)
    known, valid = _day(request, "known"), _day(request, "valid")
    moment = _end_of(known) if known else timezone.now()
    claims = claims_seen(user, purpose, [person], past=True).get(person.pk, [])
    rulings = Ruling.objects.visible_to(user, purpose).filter(person=person)
    told = stories(
        dossier.masked(claims, purpose),
        rulings.select_related("decided_by", "agreed_by").order_by("decided_at"),
        RuleBook.load(moment).at(person.scope),
        known_at=moment,
        valid_on=valid,
    )
    record_read("casefile:see", actor=user, subject=case_file or person, detail=purpose.told)
    context = {
        "person": person,
        "case_file": case_file,
        "stories": told,
        "known": known.isoformat() if known else "",
        "valid": valid.isoformat() if valid else "",
        "in_force": {one.pk for row in told for one in row.rulings if held_at(one, moment)},
        "moment": moment,
        "masks": purpose.masks,
    }
    return render(request, "people/story.html", context)


def _day(request: SignedInRequest, name: str) -> dt.date | None:
    """A day as a date picker sends it; anything else is none."""
    try:
        return dt.date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max))
