"""Coming in by the identity provider of the settings (OpenID Connect, code flow with PKCE).

The protocol is django-allauth's; here stand what it leaves open: the signature of the ID token and
its nonce are always checked, redirects of the provider are not followed, and whose account it is.
"""

from __future__ import annotations

import secrets
from typing import Any, NoReturn

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from rongdang.base.accounts import linking, sessions
from rongdang.base.errors import DomainError
from rongdang.web.desk import entering
from rongdang.web.middleware import answer

NONCE, PROVIDER, SECONDS = "oidc-nonce", "oidc", 10


class PatientSession(requests.Session):
    """Ten seconds, no redirect, nothing of this machine's own proxies or passwords."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs |= {"allow_redirects": False, "timeout": SECONDS}
        found = super().request(*args, **kwargs)
        if found.is_redirect:
            raise requests.TooManyRedirects(found.url)
        return found


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Where django-allauth asks this house."""

    def get_requests_session(self) -> requests.Session:
        return PatientSession()

    def on_authentication_error(self, request: HttpRequest, *_args: Any, **_more: Any) -> NoReturn:
        sessions.refuse("", address=entering.address_of(request))
        raise ImmediateHttpResponse(answer(request, _failed()))


class ProviderAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """The code flow of this house's one provider."""

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return request.build_absolute_uri(reverse("oidc-return"))

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> NoReturn:
        """The token names the person; from here on it is this house's login like any other."""
        claims = self._claims(app, kwargs["response"].get("id_token", ""))
        nonce = request.session.pop(NONCE, "")
        if not nonce or not secrets.compare_digest(nonce, str(claims.get("nonce", ""))):
            raise OAuth2Error("nonce")
        name = str(claims.get(app.settings["name_claim"], ""))
        try:
            user = linking.account_of(PROVIDER, str(claims["sub"]), name)
        except DomainError as error:
            sessions.refuse(name, address=entering.address_of(request))
            raise ImmediateHttpResponse(answer(request, error)) from error
        onward = request.session.pop(f"{NONCE}-next", "")
        raise ImmediateHttpResponse(entering.begin(request, user, by="provider", onward=onward))

    def _claims(self, app: Any, id_token: str) -> dict[str, Any]:
        config = self.openid_config
        read: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=config["jwks_uri"],
            issuer=config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return read


@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponseBase:
    """To the provider's own login page."""
    adapter = _adapter(request)
    provider = adapter.get_provider()
    provider.oauth2_adapter_class = ProviderAdapter
    request.session[NONCE] = nonce = secrets.token_urlsafe(24)
    request.session[f"{NONCE}-next"] = request.POST.get("next", "")
    provider.get_default_scope = lambda: ["openid", "profile"]
    try:
        sent: HttpResponseBase = provider.redirect(request, "login", auth_params={"nonce": nonce})
    except requests.RequestException:
        sent = answer(request, _failed())
    return sent


@never_cache
@require_safe
def come_back(request: HttpRequest) -> HttpResponseBase:
    """From the provider, with a code that is exchanged for the token."""
    done: HttpResponseBase = OAuth2CallbackView.adapter_view(_adapter(request))(request)
    return done


def _adapter(request: HttpRequest) -> ProviderAdapter:
    if not settings.OIDC:
        raise Http404
    return ProviderAdapter(request, PROVIDER)


def _failed() -> DomainError:
    return DomainError(
        "统一身份认证没有成功，没有登录。",
        "The identity provider did not confirm who you are; you are not signed in.",
        hint_zh="请再试一次；一直不行，请系统管理员核对认证服务的设置和证书。",
        hint_en="Try again; if it keeps failing, ask the system officer to check the provider.",
        code="provider",
        status=403,
    )
