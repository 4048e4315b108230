"""A person changes his own password; the old one is asked for first."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts.services import set_password
from rongdang.base.errors import DomainError
from rongdang.web.desk.access import SignedInRequest, signed_in


@require_http_methods(["GET", "POST"])
@signed_in
def change(request: SignedInRequest) -> HttpResponse:
    """Every other session of this account ends with the change."""
    if request.method != "POST":
        return render(request, "registration/password.html")
    try:
        _change(request)
    except DomainError as error:
        context = {"problem": error.message(get_language() or "zh-hans")}
        return render(request, "registration/password.html", context, status=error.status)
    update_session_auth_hash(request, request.user)
    messages.success(request, gettext("口令已改，别处的登录已退出。"))
    return redirect("home")


def _change(request: SignedInRequest) -> None:
    user, new = request.user, request.POST.get("password", "")
    if not user.check_password(request.POST.get("old", "")):
        raise DomainError(
            "现在的口令不对，没有改。",
            "The present password is wrong; nothing changed.",
            status=422,
        )
    if new != request.POST.get("again", ""):
        raise DomainError(
            "两次写的新口令不一样，没有改。",
            "The two new passwords differ; nothing changed.",
            status=422,
        )
    set_password(user=user, password=new, acting_user=user)
