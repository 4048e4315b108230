"""入库 from a person's page: asked for, followed while it goes on, and told how it ended."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.describe.casefiles.sealing_requests import ask_to_seal
from rongdang.web.desk.access import SignedInRequest, holding
from rongdang.web.desk.prints import case_file_of


@require_POST
@holding(Permission.CASEFILE_SEAL)
def seal(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """The file as it stands shall become one more sealed version."""
    ask_to_seal(case_file_of(request, person_id), acting_user=request.user)
    return redirect("people:detail", person_id)


@require_safe
@holding(Permission.CASEFILE_SEE)
def progress(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Asked again by the page itself while the sealing goes on; once it has ended the page follows."""
    case_file = case_file_of(request, person_id)
    response = render(request, "people/_sealing.html", {"case_file": case_file})
    if case_file.sealing_by_id is None:
        if not case_file.trouble_zh:
            messages.success(
                request, gettext("已入库，第 %(version)s 版。") % {"version": case_file.version}
            )
        response["HX-Refresh"] = "true"
    return response
