"""A person changes his own password; the old one is asked for first."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts import lockout, sessions
from rongdang.base.accounts.services import set_password
from rongdang.base.errors import DomainError
from rongdang.web.desk import entering
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
    _check_old(request)
    if new != request.POST.get("again", ""):
        raise DomainError(
            "两次写的新口令不一样，没有改。",
            "The two new passwords differ; nothing changed.",
            status=422,
        )
    set_password(user=user, password=new, acting_user=user)


def _check_old(request: SignedInRequest) -> None:
    """Guessing at an open page is guessing: it counts like a failure of the login."""
    user, address = request.user, entering.address_of(request)
    if not lockout.shut(user.username, address) and user.check_password(
        request.POST.get("old", "")
    ):
        return
    if sessions.refuse(user.username, address=address):
        raise DomainError(
            "现在的口令多次不对，账号在这里暂时锁住，没有改。",
            "The present password was wrong too often; the account is locked here and nothing changed.",
            hint_zh="过一刻钟再试；忘了口令请找系统管理员。",
            hint_en="Try again in a quarter of an hour; if it is forgotten, ask the system officer.",
            code="locked",
            status=429,
        )
    raise DomainError(
        "现在的口令不对，没有改。",
        "The present password is wrong; nothing changed.",
        code="wrong-password",
        status=422,
    )
