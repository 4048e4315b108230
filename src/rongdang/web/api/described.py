"""The interface described: OpenAPI in the reader's language, and a plain page made of the same."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe

from rongdang.web.api import problems
from rongdang.web.api.served import api

WORDS = ("title", "description", "summary")
TAGS = {
    "register": _("机构和名册"),
    "files": _("档案内容"),
    "reasons": _("事由和授权"),
    "intake": _("收件"),
    "search": _("检索"),
    "house": _("账本证明和运行状况"),
    "standard": _("数据标准"),
}
REFUSAL = {
    "description": _("没有办：发生了什么、对数据意味着什么、怎么办（RFC 9457）"),
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
REFUSALS = {"4XX": REFUSAL, "503": REFUSAL, "507": REFUSAL}


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The whole description; says nothing of what is kept, so it needs no door."""
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    told = description()
    operations = [
        {"path": path, "method": method.upper(), **details}
        for path, methods in told["paths"].items()
        for method, details in methods.items()
    ]
    groups = [
        {
            "name": tag["description"],
            "operations": [o for o in operations if tag["name"] in o["tags"]],
        }
        for tag in told["tags"]
    ]
    schemas = [
        (name, [(field, one.get("description", "")) for field, one in schema["properties"].items()])
        for name, schema in told["components"]["schemas"].items()
    ]
    context = {"groups": groups, "schemas": schemas, "info": told["info"]}
    return render(request, "api/page.html", context)


def description() -> dict[str, Any]:
    """OpenAPI 3.1 of what is served, with the refusals every operation may answer."""
    told = dict(api.get_openapi_schema())
    told["tags"] = [{"name": name, "description": word} for name, word in TAGS.items()]
    told["components"]["schemas"]["Problem"] = problems.schema()
    for methods in told["paths"].values():
        for details in methods.values():
            details["responses"] = {
                **{str(status): one for status, one in details["responses"].items()},
                **REFUSALS,
            }
    whole: dict[str, Any] = _in_words(told)
    whole["info"]["x-language"] = get_language() or ""
    return whole


def _in_words(told: Any) -> Any:
    """A copy in which everything that is read by people is in the reader's language."""
    if isinstance(told, dict):
        return {
            name: gettext(one) if name in WORDS and isinstance(one, str) and one else _in_words(one)
            for name, one in told.items()
        }
    return [_in_words(one) for one in told] if isinstance(told, list | tuple) else told
