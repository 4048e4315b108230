"""A fact that stands on a filed page and was not confirmed with it: a person adds it."""

from __future__ import annotations

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError
from rongdang.base.vocab import fields
from rongdang.base.vocab.values import canonical
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.describe.casefiles.services import reopen_if_sealed
from rongdang.describe.people import services as people
from rongdang.describe.people.models import Fact, Person


@transaction.atomic
def add_fact(page: Page, *, field: str, value: str, acting_user: User) -> Fact:
    """What the person read on that page; a sealed file is reopened. Raises DomainError.

    Nobody alone puts another key date in the place of the one that holds: that is refused.
    """
    case_file = (
        CaseFile.objects.select_for_update(of=("self",))
        .select_related("person")
        .get(pk=page.item.case_file_id)
    )
    said = people.FactValue(
        field=field,
        value=_settled(field, value),
        page_id=page.pk,
        formed=page.item.formed,
    )
    _must_move_no_key_date(case_file.person, said)
    [fact] = people.confirm_facts(case_file.person, [said], acting_user=acting_user)
    if reopen_if_sealed(case_file, acting_user):
        case_file.save(update_fields=["state", "changed_at"])
    return fact


def _must_move_no_key_date(person: Person, said: people.FactValue) -> None:
    if people.displaced(person, {said.field: said.value}, said.formed):
        raise DomainError(
            f"这会换掉现在认定的{said.field}，要由两人来定，没有添上。",
            f"This would put another {said.field} in the place of the one that holds; that takes two "
            "people. It was not added.",
            hint_zh="请另一位同志先撤下现在认定的那一条、写明原因，您再添。",
            hint_en="Ask a colleague to take the one that holds back, with the reason; then add it.",
            code="key-date",
            status=409,
        )


def _settled(field: str, value: str) -> str:
    zh, en = "没有选是哪一项", "no field was chosen"
    if fields.is_known(field):
        zh, en = "没有写值", "the value is missing"
        if value.strip():
            kept, wrong = canonical(field, value)
            if wrong is None:
                return kept
            zh, en = f"“{kept}”{wrong[0]}", f"“{kept}” is {wrong[1]}"
    raise DomainError(
        f"{zh}，没有添上。",
        f"Not added: {en}.",
        hint_zh="照原页写；日期写到哪一级都行：1953、1953-07、1953-07-12。",
        hint_en="Write what the page says; dates may be partial: 1953, 1953-07, 1953-07-12.",
        code="bad-fact",
        status=422,
    )
