"""Refusals for programmes: RFC 9457, with what happened and what to do in both languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from rongdang.base.alarms.denied import note_forbidden, note_unseen
from rongdang.base.alarms.refusals import AlarmingRefusalError, tell
from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.web.desk.access import NotSeenError

MEDIA_TYPE = "application/problem+json"
Wrong = Sequence[dict[str, str]]


def problem(error: DomainError, *, wrong: Wrong = ()) -> HttpResponse:
    """The answer; `wrong` names the parts of what was sent that are not as they should be."""
    english = (get_language() or "").startswith("en")
    body = {
        "type": f"urn:rongdang:problem:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": error.en if english else error.zh,
        "hint": error.hint_en if english else error.hint_zh,
        "zh": error.zh,
        "en": error.en,
        "hint_zh": error.hint_zh,
        "hint_en": error.hint_en,
        "wrong": list(wrong),
    }
    answer = JsonResponse(body, status=error.status, json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = MEDIA_TYPE
    if error.status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def not_there() -> HttpResponse:
    """Not there, or not for whoever asks: the answer is the same."""
    return problem(
        DomainError(
            "没有这个，或者不在您的权限之内。",
            "There is no such thing, or it is not for you.",
            code="not-found",
            status=404,
        )
    )


def install(api: NinjaAPI) -> None:
    """Every exception a view can raise, in one form."""
    told: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        DomainError: _refused,
        Http404: _unseen,
        ValidationError: _misread,
        AuthenticationError: _unknown,
        HttpError: _http,
    }
    for kind, handler in told.items():
        api.add_exception_handler(kind, handler)


def _refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    if isinstance(error, AlarmingRefusalError):
        tell(error)  # the act is undone by now
    if isinstance(error, NotPermittedError) and request.user.is_authenticated:
        note_forbidden(request.user, act=_name(request), code=error.code)
    return problem(error)


def _unseen(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, NotSeenError) and request.user.is_authenticated:
        note_unseen(request.user, kind=error.kind, key=error.key)
    return not_there()


def _misread(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Names the place and the rule, never what was sent: it may be somebody's number."""
    wrong = [
        {"where": ".".join(str(step) for step in one["loc"]), "rule": str(one["type"])}
        for one in error.errors
    ]
    refusal = DomainError(
        "请求里有的内容不合规定，什么都没有办。",
        "Parts of the request are not as they should be; nothing was done.",
        hint_zh="看 wrong 里的位置和规则，照接口说明改。",
        hint_en="See the places and rules under “wrong” and the description of the interface.",
        code="not-valid",
        status=422,
    )
    return problem(refusal, wrong=wrong)


def _unknown(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(
        DomainError(
            "没有登录，也没有出示访问令牌，什么都没有办。",
            "Nobody is signed in and no access token was shown; nothing was done.",
            hint_zh="请登录，或在 Authorization 里写 Bearer 加令牌。",
            hint_en="Sign in, or send the token as Authorization: Bearer.",
            code="no-token",
            status=401,
        )
    )


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the library itself refuses: a body that is no JSON, a form without its token."""
    foreign = error.status_code == HTTPStatus.FORBIDDEN
    return problem(
        DomainError(
            "请求没有防伪令牌，什么都没有办。" if foreign else "请求读不懂，什么都没有办。",
            "The request lacks its CSRF token; nothing was done."
            if foreign
            else "The request cannot be read; nothing was done.",
            code="csrf" if foreign else "unreadable",
            status=error.status_code,
        )
    )


def _name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def schema() -> dict[str, Any]:
    """What `problem` answers, for the description of the interface."""
    text = {"type": "string"}
    pair = {"type": "object", "properties": {"where": text, "rule": text}}
    texts = ("type", "title", "code", "detail", "hint", "zh", "en", "hint_zh", "hint_en")
    properties: dict[str, Any] = dict.fromkeys(texts, text)
    properties["status"] = {"type": "integer"}
    properties["wrong"] = {"type": "array", "items": pair | {"required": ["where", "rule"]}}
    return {
        "title": "Problem",
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }
