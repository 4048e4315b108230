"""What anybody may see of the log, without signing in: its heads. And the door of a witness.

A head says how many entries there are, never what they are.
"""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from rongdang.base.errors import DomainError
from rongdang.base.ledger import queries, witnessing
from rongdang.base.ledger.models import Head
from rongdang.base.ledger.witnessing import RefusedError

SHOWN = 20
LARGEST = 1 << 16  # bytes of what is handed to a witness


@require_safe
def heads(request: HttpRequest) -> HttpResponse:
    """The newest signed heads, as a page or as JSON: to be noted down, and compared later."""
    log = queries.log_id() if queries.size() else ""
    shown = [head.signed(log) for head in Head.objects.order_by("-size")[:SHOWN]]
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"heads": [head.to_dict() for head in shown]})
    return render(request, "ledger/heads.html", {"heads": shown, "log": log})


@csrf_exempt  # no session is looked at: what counts is the signature of the head
@require_POST
def witness(request: HttpRequest) -> HttpResponse:
    """Co-sign the head of a log named in the settings, if it continues what was seen of it."""
    if not settings.LEDGER_WATCHED:
        return JsonResponse({"code": "no-witness"}, status=404)
    try:
        told = json.loads(request.body) if len(request.body) <= LARGEST else None
        return JsonResponse(witnessing.cosign(told if isinstance(told, dict) else {}))
    except ValueError:
        return JsonResponse({"code": "no-head"}, status=422)
    except RefusedError as error:
        return JsonResponse({"code": error.code, "seen": error.seen}, status=error.status)
    except DomainError as error:
        return JsonResponse(
            {"code": error.code, "message": error.message("en")}, status=error.status
        )


@require_safe
def witnessed(request: HttpRequest, log: str) -> HttpResponse:
    """The newest head of a log that was co-signed here."""
    last = witnessing.seen(log)
    if last is None:
        return JsonResponse({"code": "not-seen"}, status=404)
    return JsonResponse({"seen": last.signed})
