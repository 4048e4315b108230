"""Logging in and out: Django's own views, and a line on the ledger for each."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse

from rongdang.base.accounts import sessions
from rongdang.base.accounts.models import User


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


class LoginView(views.LoginView):
    """Five failures lock for a quarter of an hour (settings, AXES_*); every try is on record."""

    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        sessions.note_login(form.get_user(), address=address_of(self.request))
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        sessions.note_refusal(
            self.request.POST.get("username", "")[:64],
            address=address_of(self.request),
            locked=bool(getattr(self.request, "axes_locked_out", False)),
        )
        return super().form_invalid(form)


class LogoutView(views.LogoutView):
    """Only by POST; says who went."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(request.user, User):
            sessions.note_logout(request.user)
        return super().post(request, *args, **kwargs)
