"""Second factors: asked at login, set up there by whom they are required of, kept on a page of one's own.

Everything works without script but passkeys, which are the browser's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts import factors, lockout, passkeys, passwords, sessions
from rongdang.base.accounts.models import User
from rongdang.base.accounts.services import set_password
from rongdang.base.errors import DomainError
from rongdang.web.desk import entering, login
from rongdang.web.desk.access import SignedInRequest, signed_in

SECRET, CODES = "factor-secret", "factor-codes"
Step = Callable[[HttpRequest, User, entering.Entry], HttpResponse]


def on_the_way_in(step: Step) -> Callable[[HttpRequest], HttpResponse]:
    """For whoever has given the first proof a moment ago; others begin at the login page."""

    @sensitive_post_parameters()
    @never_cache
    @require_http_methods(["GET", "POST"])
    @wraps(step)
    def view(request: HttpRequest) -> HttpResponse:
        waiting = entering.pending(request)
        if waiting is None:
            return redirect("login")
        return step(request, *waiting)

    return view


@on_the_way_in
def ask_code(request: HttpRequest, user: User, entry: entering.Entry) -> HttpResponse:
    """The code of the app, a recovery code, or a passkey; wrong ones count for the lock-out."""
    problem = ""
    if request.method == "POST":
        if lockout.shut(user.username, entering.address_of(request)):
            return _shut(request, user)
        by = proof_of(request, user)
        if by:
            return entering.prove(request, user, entry, by=by)
        if sessions.refuse(user.username, address=entering.address_of(request)):
            return _shut(request, user)
        problem = gettext("验证码不对、已经用过，或已经过时。请等下一个码再试。")
    context = {"problem": problem, "passkey": _question(request, user)}
    return render(request, "registration/code.html", context)


@on_the_way_in
def set_up(request: HttpRequest, user: User, entry: entering.Entry) -> HttpResponse:
    """An officer's first login: the app is set up before anything opens."""
    if factors.has_one(user):
        if request.session.pop(CODES, None):
            return entering.prove(request, user, entry, by="code")
        return redirect("login-code")
    if request.method == "POST" and "later" in request.POST and factors.may_put_off():
        return entering.prove(request, user, entry, by="later")
    codes, problem = _take_app(request, user)
    if codes:
        request.session[CODES] = True
        return render(request, "registration/codes.html", {"codes": codes, "onward": request.path})
    context = {**_offer(request, user), "problem": problem, "may_put_off": factors.may_put_off()}
    return render(request, "registration/factor.html", context)


@on_the_way_in
def renew_password(request: HttpRequest, user: User, entry: entering.Entry) -> HttpResponse:
    """The password was set by somebody else, or is too old: its owner chooses another."""
    if not passwords.is_due(user):
        return entering.go_on(request, user, entry)
    context: dict[str, object] = {}
    if request.method == "POST":
        try:
            _new_password(user, request)
        except DomainError as error:
            context = {"problem": error}
        else:
            return entering.go_on(request, user, entry)
    return render(request, "registration/due.html", context, status=200 if not context else 422)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@signed_in
def confirm(request: SignedInRequest) -> HttpResponse:
    """Who is it really? Asked again before roles are changed and files leave the house."""
    user, onward, problem = request.user, _onward(request), ""
    with_code = factors.has_one(user)
    if request.method == "POST":
        address = entering.address_of(request)
        by = proof_of(request, user) if with_code else _password_of(request, user)
        if by and not lockout.shut(user.username, address):
            request.session[entering.FACTOR_AT] = entering.now()
            sessions.note_confirmed(user, by=by)
            return redirect(onward)
        if sessions.refuse(user.username, address=address):
            return login.locked(request)
        problem = gettext("没有对上，请再试一次。")
    context = {"with_code": with_code, "problem": problem, "next": onward}
    if with_code:
        context["passkey"] = _question(request, user)
    return render(request, "registration/confirm.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@entering.require_recent_factor
def own(request: SignedInRequest) -> HttpResponse:
    """One's own second factors: the app, passkeys, recovery codes."""
    user, problem = request.user, ""
    what = request.POST.get("what", "")
    if what == "app":
        codes, problem = _take_app(request, user)
        if codes:
            return render(request, "registration/codes.html", {"codes": codes, "onward": "/"})
    elif what == "codes":
        fresh = {"codes": factors.renew_codes(user), "onward": "/"}
        return render(request, "registration/codes.html", fresh)
    elif what == "passkey":
        passkeys.add(user, request.POST.get("name", ""), request.POST.get("credential", ""))
        messages.success(request, gettext("通行密钥已加上。"))
        return redirect("factors")
    context: dict[str, object] = {**_offer(request, user), "problem": problem}
    context["held"] = factors.held(user)
    if passkeys.are_possible(request.get_host()):
        context["to_add"] = passkeys.options_to_add(user)
    return render(request, "registration/factors.html", context)


def proof_of(request: HttpRequest, user: User) -> str:
    """By what the person is proved ("code", "passkey"); "" when what was posted is not his."""
    credential = request.POST.get("credential", "")
    if credential:
        return "passkey" if passkeys.fits(user, credential) else ""
    return "code" if factors.code_fits(user, request.POST.get("code", "")) else ""


def _password_of(request: HttpRequest, user: User) -> str:
    return "password" if user.check_password(request.POST.get("password", "")) else ""


def _question(request: HttpRequest, user: User) -> dict[str, Any] | None:
    if not passkeys.are_possible(request.get_host()):
        return None
    return passkeys.options_to_ask(user)


def _take_app(request: HttpRequest, user: User) -> tuple[list[str], str]:
    """(recovery codes, "") once a first code shows that the app has the secret."""
    if request.method != "POST" or "code" not in request.POST:
        return [], ""
    secret = request.session.get(SECRET, "")
    if not secret or not factors.code_is_of(secret, request.POST["code"]):
        return [], gettext("这不是现在的验证码。请看手机上的时间对不对，再输一遍。")
    del request.session[SECRET]
    codes = factors.add_app(user, secret)
    factors.code_fits(user, request.POST["code"])  # spent: it does not open the door as well
    return codes, ""


def _offer(request: HttpRequest, user: User) -> dict[str, object]:
    """The secret to be typed or photographed; the same until it is used."""
    secret = request.session.setdefault(SECRET, factors.new_secret())
    picture = segno.make(factors.address_of(user, secret), error="m")
    return {
        "secret": " ".join(secret[n : n + 4] for n in range(0, len(secret), 4)),
        "picture": picture.svg_data_uri(scale=4, dark="#000", light="#fff"),
    }


def _new_password(user: User, request: HttpRequest) -> None:
    new = request.POST.get("password", "")
    if new != request.POST.get("again", ""):
        raise DomainError(
            "两次写的新口令不一样，没有改。",
            "The two new passwords differ; nothing changed.",
            code="passwords-differ",
            status=422,
        )
    if user.check_password(new):
        raise DomainError(
            "新口令和现在的一样，没有改。",
            "The new password is the present one; nothing changed.",
            code="same-password",
            status=422,
        )
    set_password(user=user, password=new, acting_user=user)


def _onward(request: HttpRequest) -> str:
    return entering.inside(request, request.POST.get("next", request.GET.get("next", "")))


def _shut(request: HttpRequest, user: User) -> HttpResponse:
    request.session.pop(entering.ENTRY, None)
    return login.locked(request)
