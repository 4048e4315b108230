"""Who calls: a programme by its owner's token, or a page of this house by the session it has.

Either way the request's user is the person himself: what he may is asked of the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from rongdang.base.accounts import tokens
from rongdang.base.accounts.models import AccessToken, User
from rongdang.base.errors import NotPermittedError
from rongdang.web.desk.access import NotSeenError
from rongdang.web.desk.entering import address_of


class Caller(HttpRequest):
    """A request after the door: its user is one of ours; `token` is None in a browser's session."""

    user: User
    token: AccessToken | None


class Token(HttpBearer):
    """Authorization: Bearer, of somebody who asked for this use."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> User:
        owner, row = tokens.owner_of(token, address=address_of(request))
        request.user, request.token = owner, row  # type: ignore[attr-defined]
        if self.scope and self.scope not in row.scopes:
            raise NotPermittedError(
                "这个令牌办理时没有选这一用途，什么都没有办。",
                "The token was not made for this use; nothing was done.",
                hint_zh="请另办一个，选上这一用途。",
                hint_en="Make another one for this use.",
                code="token-scope",
            )
        return owner


class Browser(APIKeyCookie):
    """The session of a signed-in person; what changes something bears the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Any:
        request.token = None  # type: ignore[attr-defined]
        return super().__call__(request) if request.user.is_authenticated else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return request.user


def doors(scope: str = "") -> Sequence[Callable[[HttpRequest], Any]]:
    """Both ways in; a token needs the use `scope` ("" = any)."""
    return [Token(scope), Browser()]


def holding(request: Caller, *permissions: str) -> None:
    """Go on for whoever holds one of the permissions somewhere; for others it is not there."""
    if not any(request.user.may(permission) for permission in permissions):
        name = request.resolver_match.view_name if request.resolver_match else ""
        raise NotSeenError("web.page", name)
