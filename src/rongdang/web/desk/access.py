"""Who is asking: a typed request for pages that need a person, and fetching that tells nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase

from rongdang.base.accounts.models import User
from rongdang.base.alarms.denied import note_unseen
from rongdang.web.waiting import note_act

ModelT = TypeVar("ModelT", bound=models.Model)


class NotSeenError(Http404):
    """Not there for whoever asks; the answer says no more, the ledger says what was asked for."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__()
        self.kind, self.key = kind, str(key)


class SignedInRequest(HttpRequest):
    """A request after `signed_in`: its user is one of ours."""

    user: User
    htmx: Any


View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Only for people who are logged in; others are led to the login page and back."""

    @wraps(view)
    def seen(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            answer = view(request, *args, **kwargs)
        except NotSeenError as missed:
            note_unseen(request.user, kind=missed.kind, key=missed.key)
            raise
        if request.method not in ("GET", "HEAD"):
            note_act(answer)
        return answer

    return login_required(seen)


def holding(*permissions: str) -> Callable[[View], View]:
    """Only for people who hold one of the permissions somewhere; for others the page is not there."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.user.may(permission) for permission in permissions):
                raise NotSeenError("web.page", _page(request))
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return guard


def fetch(rows: models.QuerySet[ModelT], pk: uuid.UUID) -> ModelT:
    """The row if it is visible, else 404: whether it exists is not told, and the asking is noted."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotSeenError(rows.model._meta.label_lower, pk)
    return found


def fetch_one(rows: models.QuerySet[ModelT], kind: str, key: object) -> ModelT:
    """The one row of what the address names by another key, such as the file of a person."""
    found = rows.first()
    if found is None:
        raise NotSeenError(kind, key)
    return found


def _page(request: HttpRequest) -> str:
    """The name of an address, without whatever it was asked for."""
    return request.resolver_match.view_name if request.resolver_match else ""
