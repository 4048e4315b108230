"""Coming in by an identity provider: a small real one on a port of this machine, honest and not."""

import base64
import datetime as dt
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rongdang.base.accounts import factors
from rongdang.base.accounts.services import create_user
from rongdang.base.ledger.models import Entry
from rongdang.config import env

pytestmark = pytest.mark.django_db
KEY, OTHER_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))


class Provider:
    """What an OpenID provider does in the code flow: discovery, token, keys. `claims`, `key`,
    `kid`, `moved` are what a test makes it say."""

    def __init__(self):
        self.codes, self.claims, self.key, self.moved = {}, {}, KEY, False
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def logs_in(self, address, **claims):
        """As the person at the provider's own page: answers the query it sends back to the house."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = (asked, claims)
        return {"code": code, "state": asked["state"]}

    def token(self, form):
        asked, claims = self.codes.pop(form["code"])
        verifier = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() == asked["code_challenge"]
        assert form["redirect_uri"] == asked["redirect_uri"]
        now = int(time.time())
        told = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            **claims,
        }
        token = jwt.encode(told, self.key, algorithm="RS256", headers={"kid": "k1"})
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}

    def discovery(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self):
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return {"keys": [{**key, "kid": "k1", "alg": "RS256", "use": "sig"}]}

    def _handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def _say(self, told):
                content = json.dumps(told).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                if provider.moved and "openid-configuration" in self.path:
                    self.send_response(302)
                    self.send_header("Location", f"{provider.issuer}/elsewhere")
                    self.end_headers()
                    return
                self._say(provider.keys() if self.path == "/keys" else provider.discovery())

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {key: values[0] for key, values in parse_qs(body).items()}
                self._say(provider.token(form))

            def log_message(self, *_args):
                pass

        return Handler


@pytest.fixture(scope="module")
def provider():
    running = Provider()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture(autouse=True)
def as_set(provider, settings, monkeypatch):
    provider.key, provider.moved = KEY, False
    monkeypatch.setenv("RONGDANG_OIDC_ISSUER", provider.issuer)
    monkeypatch.setenv("RONGDANG_OIDC_CLIENT_ID", "rongdang")
    monkeypatch.setenv("RONGDANG_OIDC_CLIENT_SECRET", "s3cret")
    monkeypatch.setenv("RONGDANG_OIDC_NAME", "省统一认证")
    settings.OIDC = env.oidc()
    settings.SIGN_IN_ELSEWHERE = True
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": settings.OIDC}
    }


@pytest.fixture
def mei(db):
    return create_user(username="mei", display_name="梅", password=None, acting_user=None)


def comes(client, provider, *, onward="", **claims):
    """All the way from the button to the house's answer."""
    sent = client.post(reverse("oidc-begin"), {"next": onward})
    assert sent.status_code == 302, sent.content.decode()
    back = provider.logs_in(sent.headers["Location"], **claims)
    return client.get(reverse("oidc-return"), back)


def is_in(client):
    return "_auth_user_id" in client.session


def test_the_login_page_offers_it_by_name(client):
    assert "省统一认证" in client.get(reverse("login")).content.decode()


def test_the_provider_s_word_opens_the_account_and_leads_on(client, provider, mei):
    answer = comes(client, provider, sub="77", preferred_username="mei", onward="/password/")
    assert is_in(client) and answer.headers["Location"] == "/password/"
    assert b'"provider"' in bytes(Entry.objects.get(event="session:open").side.body)
    assert Entry.objects.filter(event="user:link").count() == 1


def test_from_the_second_time_on_the_number_decides_and_not_the_name(client, provider, mei):
    comes(client, provider, sub="77", preferred_username="mei")
    renamed = Client()
    comes(renamed, provider, sub="77", preferred_username="mei-lan")
    assert is_in(renamed)
    thief = Client()
    answer = comes(thief, provider, sub="78", preferred_username="mei")
    assert answer.status_code == 403 and not is_in(thief)


def test_an_account_with_its_own_password_is_not_opened(client, provider, clerk):
    answer = comes(client, provider, sub="1", preferred_username="zhou")
    assert answer.status_code == 403 and not is_in(client)
    assert "没有对应的账号" in answer.content.decode()
    assert Entry.objects.filter(event="session:refuse").exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"iss": "http://evil.example"},
        {"aud": "another-house"},
        {"exp": 1_000_000_000},
    ],
    ids=lambda claims: next(iter(claims)),
)
def test_a_token_for_another_time_place_or_login_opens_nothing(client, provider, mei, claims):
    answer = comes(client, provider, sub="77", preferred_username="mei", **claims)
    assert answer.status_code == 403 and not is_in(client)
    assert "没有登录" in answer.content.decode()


def test_a_token_signed_by_somebody_else_opens_nothing(client, provider, mei):
    provider.key = OTHER_KEY
    answer = comes(client, provider, sub="77", preferred_username="mei")
    assert answer.status_code == 403 and not is_in(client)


def test_an_answer_nobody_asked_for_opens_nothing(client, provider, mei):
    sent = client.post(reverse("oidc-begin"))
    back = provider.logs_in(sent.headers["Location"], sub="77", preferred_username="mei")
    other = Client()
    assert other.get(reverse("oidc-return"), back).status_code == 403 and not is_in(other)
    client.get(reverse("oidc-return"), back)
    again = Client()
    assert again.get(reverse("oidc-return"), back).status_code == 403 and not is_in(again)


def test_a_provider_that_sends_elsewhere_is_not_followed(client, provider, mei):
    provider.moved = True
    answer = client.post(reverse("oidc-begin"))
    assert answer.status_code == 403 and not is_in(client)


def test_an_officer_is_asked_for_the_second_factor_all_the_same(client, provider, mei, city):
    from rongdang.base.accounts.services import assign_role

    assign_role(user=mei, role="audit", unit=city, acting_user=None)
    answer = comes(client, provider, sub="77", preferred_username="mei")
    assert answer.headers["Location"] == reverse("login-factor") and not is_in(client)
    factors.add_app(mei, factors.new_secret())
    answer = comes(Client(), provider, sub="77", preferred_username="mei")
    assert answer.headers["Location"] == reverse("login-code")


def test_without_a_provider_its_addresses_are_not_there(client, settings):
    settings.OIDC = []
    assert client.post(reverse("oidc-begin")).status_code == 404
    assert client.get(reverse("oidc-return")).status_code == 404


@pytest.mark.parametrize("issuer", ["http://id.example", "file:///etc/passwd", "ftp://127.0.0.1"])
def test_n05_a_provider_is_reached_by_https_only(monkeypatch, issuer):
    monkeypatch.setenv("RONGDANG_OIDC_ISSUER", issuer)
    with pytest.raises(env.SettingError):
        env.oidc()


def test_tokens_last_as_long_as_the_provider_s_last_word(client, provider, mei):
    """It cannot be asked behind its owner's back: who is closed there comes in no more, and they wait."""
    from rongdang.base.accounts import tokens
    from rongdang.base.accounts.models import AccessToken
    from rongdang.base.errors import DomainError

    told = {"name": "日报", "scopes": ["people"], "days": 30}
    _token, shown = tokens.make(mei, **told, acting_user=mei)

    def opens():
        AccessToken.objects.update(used_at=None)
        try:
            return tokens.owner_of(shown, address="192.0.2.7")[0].username
        except DomainError as error:
            return error.code

    assert opens() == "owner-not-vouched"
    comes(client, provider, sub="77", preferred_username="mei")
    assert opens() == "mei"
    long_ago = timezone.now() - dt.timedelta(hours=25)
    Entry.objects.filter(event="session:open").update(at=long_ago)
    assert opens() == "owner-not-vouched"
    comes(Client(), provider, sub="77", preferred_username="mei")
    assert opens() == "mei"
