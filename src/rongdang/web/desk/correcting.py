"""Setting right what was filed: the description of a material, a fact that is wrong."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError
from rongdang.base.vocab import categories
from rongdang.describe.access.predicate import BY_ROLE
from rongdang.describe.casefiles import adding, services
from rongdang.describe.casefiles.models import Item, Page
from rongdang.describe.casefiles.withdrawing import withdraw_fact
from rongdang.describe.people.models import Fact
from rongdang.web.desk import opened
from rongdang.web.desk.access import NotSeenError, SignedInRequest, fetch, holding
from rongdang.web.numbers import whole


@require_POST
@holding(Permission.CASEFILE_EDIT)
def describe_item(request: SignedInRequest, item_id: uuid.UUID) -> HttpResponse:
    """Correct title, class, date or note; a colleague's change is shown beside one's own."""
    items = Item.objects.visible_to(request.user, BY_ROLE).select_related("case_file__person")
    item = fetch(items, item_id)
    purpose = opened.entered(request, item.case_file)
    fetch(Item.objects.visible_to(request.user, purpose), item_id)
    written = services.ItemDescription(
        title=request.POST.get("title", "")[:200],
        category=request.POST.get("category", ""),
        formed=request.POST.get("formed", ""),
        title_made=request.POST.get("title_made") == "on",
        is_copy=request.POST.get("is_copy") == "on",
        note=request.POST.get("note", "")[:200],
    )
    try:
        services.describe_item(
            item,
            written,
            version=whole(request.POST.get("version", "")),
            acting_user=request.user,
        )
    except ConflictError:
        if "application/json" in request.headers.get("Accept", ""):
            raise
        return _both(request, item, written)
    messages.success(request, gettext("著录已保存。"))
    return redirect(f"{reverse('people:detail', args=[item.case_file.person_id])}?item={item.pk}")


def _both(request: SignedInRequest, item: Item, written: services.ItemDescription) -> HttpResponse:
    """What stands now and what was written, which is kept until its writer decides."""
    item.refresh_from_db()
    context = {
        "item": item,
        "person": item.case_file.person,
        "written": written,
        "categories": categories.scheme(item.case_file.scheme).entries,
    }
    return render(request, "casefiles/conflict.html", context, status=409)


@require_POST
@holding(Permission.PERSON_EDIT)
def add_fact(request: SignedInRequest, item_id: uuid.UUID) -> HttpResponse:
    """A fact that a page of the material tells and nobody confirmed yet."""
    items = Item.objects.visible_to(request.user, BY_ROLE).select_related("case_file__person")
    item = fetch(items, item_id)
    purpose = opened.entered(request, item.case_file)
    pages = Page.objects.visible_to(request.user, purpose).filter(item=item).defer("layer")
    wanted = request.POST.get("page", "")
    page = next((one for one in pages.select_related("item") if str(one.pk) == wanted), None)
    if page is None:
        raise NotSeenError(Page._meta.label_lower, wanted)
    adding.add_fact(
        page,
        field=request.POST.get("field", ""),
        value=request.POST.get("value", ""),
        acting_user=request.user,
    )
    messages.success(request, gettext("已添上，记了您的名字和这一页。"))
    address = reverse("people:detail", args=[item.case_file.person_id])
    return redirect(f"{address}?item={item.pk}&page={page.pk}")


@require_POST
@holding(Permission.PERSON_EDIT)
def withdraw(request: SignedInRequest, fact_id: uuid.UUID) -> HttpResponse:
    """A fact that is wrong is taken back, with the reason; it stays to be seen."""
    facts = Fact.objects.visible_to(request.user, BY_ROLE).select_related("person__case_file")
    fact = fetch(facts, fact_id)
    purpose = opened.entered(request, fact.person.case_file)
    fetch(Fact.objects.visible_to(request.user, purpose), fact_id)
    withdraw_fact(fact, reason=request.POST.get("reason", ""), acting_user=request.user)
    messages.success(request, gettext("已撤下，记了您的名字和原因。"))
    return redirect("people:detail", fact.person_id)
