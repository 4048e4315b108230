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
from rongdang.web.waiting import note_act

ModelT = TypeVar("ModelT", bound=models.Model)


class SignedInRequest(HttpRequest):
    """A request after `signed_in`: its user is one of ours."""

    user: User
    htmx: Any


View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Only for people who are logged in; others are led to the login page and back."""

    @wraps(view)
    def seen(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
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
                raise Http404
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return guard


def fetch(rows: models.QuerySet[ModelT], pk: uuid.UUID) -> ModelT:
    """The row if it is visible, else 404: whether it exists is not told."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
