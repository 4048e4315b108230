"""The API: what the pages of the desk show and the simplest of what they do, for programmes."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from rongdang.web.api import (
    changes,
    files,
    finding,
    house,
    intake,
    problems,
    reasons,
    register,
    standard,
)


class Plain(JSONRenderer):
    """JSON in which Chinese stands as Chinese."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title=_("荣档接口"),
    version="1.0.0",
    description=_("与页面同样的规则：看得到的才有，办的都记账，拒绝的说明原因和办法。"),
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    renderer=Plain(),
)
problems.install(api)
for module in (register, files, reasons, intake, finding, house, changes, standard):
    api.add_router("", module.router)
