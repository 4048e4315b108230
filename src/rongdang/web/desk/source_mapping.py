"""The mapping of a table: what stands in its columns, what each is taken for, and how real rows turn out."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.ledger.reading import record_read
from rongdang.base.vocab import fields
from rongdang.capture.sources import looking, proposing, services
from rongdang.capture.sources.applying import REASON_COLUMNS
from rongdang.capture.sources.choices import ColumnChoice, choices_of, recipe_from, shows_whole
from rongdang.capture.sources.models import Delivery, Look, RecipeVersion
from rongdang.capture.sources.profiling import Profile
from rongdang.capture.sources.proposing import Guess
from rongdang.capture.sources.recipe_text import from_text, to_text
from rongdang.capture.sources.recipes import PARTS, Recipe
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.source_cards import Card, cards_of, chosen
from rongdang.web.desk.source_preview import previewed
from rongdang.web.desk.source_words import problem_of
from rongdang.web.numbers import whole

EDIT = Permission.SOURCE_EDIT


@require_http_methods(["GET", "POST"])
@holding(EDIT)
def mapping(request: SignedInRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """GET: the columns as the recipe, or else the proposal, has them. POST: `act` = save or look."""
    delivery = _delivery(request, delivery_id)
    look = Look.objects.filter(pk=delivery.pk).first()
    if look is None or look.problem:
        return _not_yet(request, delivery, look)
    if request.htmx and request.method == "GET":
        return HttpResponseClientRefresh()
    profile = looking.profile_of(look.profile)
    guesses = proposing.guesses(profile)
    base, version = _base(delivery, profile, guesses)
    choices = _shown(base, profile, guesses, version)
    if request.method == "POST":
        base, choices = _settings(request, base), chosen(request, profile.columns, choices)
        if request.POST.get("act") == "save":
            return _save(request, delivery, recipe_from(base, choices))
    context = _page(delivery, look, profile, version)
    cards = cards_of(profile.columns, guesses, choices, base.nothing)
    context |= {"cards": cards, "hidden": _hidden(choices, cards), "recipe": base}
    context["preview"] = _preview(base, choices, look)
    if request.htmx:
        at = whole(request.POST.get("column", ""))
        context["card"] = next((card for card in cards if card.at == at), None)
        return render(request, "sources/_changed.html", context)
    record_read("delivery:see", actor=request.user, subject=delivery)
    return render(request, "sources/mapping.html", context)


@require_POST
@holding(EDIT)
def mapping_text(request: SignedInRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """The recipe as its file: pasted, or mended by hand."""
    delivery = _delivery(request, delivery_id)
    return _save(request, delivery, from_text(request.POST.get("text", "").replace("\r\n", "\n")))


@require_POST
@holding(EDIT)
def mapping_table(request: SignedInRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """Another table of the same file."""
    delivery = _delivery(request, delivery_id)
    table = request.POST.get("table", "")
    other = looking.choose_table(delivery, table, acting_user=request.user)
    return redirect("sources:mapping", other.pk)


@require_safe
@holding(Permission.SOURCE_SEE)
def recipe_file(request: SignedInRequest, recipe_id: uuid.UUID) -> HttpResponse:
    """A version of a recipe as its file."""
    rows = RecipeVersion.objects.visible_to(request.user).select_related("source")
    version = fetch(rows, recipe_id)
    name = f"{version.source.name}-{version.number}.toml"
    return HttpResponse(
        version.text,
        content_type="application/toml; charset=utf-8",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name)
        },
    )


def _delivery(request: SignedInRequest, delivery_id: uuid.UUID) -> Delivery:
    rows = Delivery.objects.visible_to(request.user).select_related("source__unit")
    return fetch(rows, delivery_id)


def _not_yet(request: SignedInRequest, delivery: Delivery, look: Look | None) -> HttpResponse:
    """The machine is still looking, or could not read it."""
    if request.htmx:
        return HttpResponse(status=204) if look is None else HttpResponseClientRefresh()
    problem = problem_of(look.problem) if look else None
    return render(request, "sources/looking.html", {"delivery": delivery, "problem": problem})


def _base(
    delivery: Delivery, profile: Profile, guesses: list[Guess]
) -> tuple[Recipe, RecipeVersion | None]:
    """The source's last recipe where it is of this table's columns, else the proposal."""
    version = delivery.source.recipes.order_by("-number").first()
    if version is not None:
        recipe = from_text(version.text)
        if set(recipe.columns()) & {column.name for column in profile.columns}:
            return recipe, version
    return proposing.recipe_of(guesses, profile), None


def _shown(
    base: Recipe, profile: Profile, guesses: list[Guess], version: RecipeVersion | None
) -> list[ColumnChoice]:
    """What the recipe says of each column; of a column it does not know, what is proposed."""
    choices = choices_of(base, [column.name for column in profile.columns])
    if version is None:
        return choices
    known = {*base.columns(), *base.leave}
    used = {choice.use for choice in choices}
    return [
        replace(choice, use=guess.field, values=dict(guess.take.values), read=guess.take.read)
        if choice.column not in known and guess.take and guess.field not in used
        else choice
        for choice, guess in zip(choices, guesses, strict=True)
    ]


def _settings(request: SignedInRequest, base: Recipe) -> Recipe:
    """What is said of the table as a whole."""
    refuse = request.POST.get("all-unreadable") == "refuse"
    return replace(
        base,
        nothing=tuple(dict.fromkeys(request.POST.get("nothing", "").split()))[:200],
        unreadable="refuse" if refuse else "doubtful",
        author=request.user.display_name,
        words=request.POST.get("words", "").strip()[:200],
    )


def _save(request: SignedInRequest, delivery: Delivery, recipe: Recipe) -> HttpResponse:
    """The next version, unless it is the last one again; then the trial."""
    last = delivery.source.recipes.order_by("-number").first()
    version = last
    if last is None or not _same(from_text(last.text), recipe):
        recipe = replace(recipe, table=delivery.table, version=last.number + 1 if last else 1)
        why = request.POST.get("words", "")
        version = services.save_recipe(
            delivery.source, to_text(recipe), why=why, acting_user=request.user
        )
    if version is None or not request.user.may(Permission.SOURCE_RUN, delivery.source.scope):
        return redirect("sources:detail", delivery.source_id)
    run = services.start(delivery, version, acting_user=request.user, dry=True)
    return redirect("sources:run", run.pk)


def _same(one: Recipe, other: Recipe) -> bool:
    """Whether two recipes read rows the same way, whoever wrote them and when."""
    told = {"version": 1, "author": "", "words": "", "table": ""}
    return replace(one, **told) == replace(other, **told)  # type: ignore[arg-type]


def _page(
    delivery: Delivery, look: Look, profile: Profile, version: RecipeVersion | None
) -> dict[str, Any]:
    return {
        "delivery": delivery,
        "source": delivery.source,
        "look": look,
        "profile": profile,
        "version": version,
        "most": looking.MOST_ROWS,
        "groups": fields.groups(),
        "parts": [part for part in PARTS if part.isdigit()],
        "former": proposing.FORMER,
        "english": (get_language() or "").startswith("en"),
    }


def _hidden(choices: list[ColumnChoice], cards: list[Card]) -> int:
    """Columns of a very wide table that have no card; what a file of refused rows adds is none."""
    shown = {card.choice.column for card in cards}
    return sum(choice.column not in {*shown, *REASON_COLUMNS} for choice in choices)


def _preview(base: Recipe, choices: list[ColumnChoice], look: Look) -> dict[str, Any]:
    """Real rows before and after, or why there are none."""
    columns = [choice.column for choice in choices]
    try:
        recipe = recipe_from(base, choices)
        told = previewed(recipe, columns, look.rows)
        shown = not set(base.columns()) <= set(columns) or shows_whole(base, columns)
    except DomainError as error:
        return {"problem": error, "text": to_text(base), "whole": True}
    return {**told, "text": to_text(recipe if shown else base), "whole": shown}
