"""Passwords kept by a directory (LDAP): found by name, tried by a bind, over TLS.

Only for accounts without a password of their own (`linking`). The directory is asked the same for
names it does not know, so that the time of an answer tells nothing (security.md, N06). When it does
not answer, nobody comes in by it.
"""

from __future__ import annotations

import logging
import secrets
import ssl
from typing import Any

import ldap3
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from rongdang.base.accounts.linking import outside_account
from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError

SECONDS = 5
# Answers of a search that say how many such entries there are; any other says nothing.
FOUND = (ldap3.core.results.RESULT_SUCCESS, ldap3.core.results.RESULT_SIZE_LIMIT_EXCEEDED)
log = logging.getLogger(__name__)


class _NoAnswerError(LDAPException):  # type: ignore[misc]  # ldap3 ships no types
    """The directory is there and says nothing of the person."""


class DirectoryBackend(ModelBackend):
    """The second of the backends: a local password is looked at first."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        user = outside_account(username or "")
        # An empty password would be an anonymous bind, which a directory grants to anybody.
        asked = bool(user and password)
        name = username if asked and username else secrets.token_hex(8)
        fits = bind(name, password if asked and password else secrets.token_hex(8))
        return user if asked and fits else None


def bind(name: str, password: str) -> bool:
    """Does the directory hold exactly one such name, and does the password open it?"""
    server = _server()
    try:
        place = _place(server, name) or f"cn={secrets.token_hex(8)},{settings.LDAP['base']}"
        with _connection(server, place, password) as found:
            return bool(found.bind())
    except LDAPException as error:
        # A refused bind is an answer; anything else means that the directory is out of reach.
        if getattr(error, "result", None) != ldap3.core.results.RESULT_INVALID_CREDENTIALS:
            log.warning("the directory does not answer: %s", type(error).__name__)
        return False


def holds(name: str) -> bool:
    """Does the directory hold exactly one such entry? DomainError when it does not say."""
    try:
        return bool(_place(_server(), name))
    except LDAPException as error:
        log.warning("the directory does not answer: %s", type(error).__name__)
        raise DomainError(
            "统一目录没有答复，不知道这个账号还在不在用，什么都没有办。",
            "The directory does not say whether this account is still in use; nothing was done.",
            hint_zh="过一会儿再试；一直不行，请系统管理员查目录服务。",
            hint_en="Try again later; if it goes on, the system officer looks at the directory.",
            code="directory-away",
            status=503,
        ) from error


def _server() -> ldap3.Server:
    told = settings.LDAP
    return ldap3.Server(told["url"], tls=_tls(told), connect_timeout=SECONDS, get_info=ldap3.NONE)


def _place(server: ldap3.Server, name: str) -> str:
    """The distinguished name of the one entry, "" for none or many."""
    told = settings.LDAP
    with _connection(server, told["bind_dn"], told["bind_password"]) as seeking:
        if not seeking.bind():
            log.warning("the directory refuses the account of this house")
            raise _NoAnswerError
        wanted = told["filter"].format(name=escape_filter_chars(name))
        seeking.search(told["base"], wanted, attributes=[ldap3.NO_ATTRIBUTES], size_limit=2)
        if seeking.result["result"] not in FOUND:
            raise _NoAnswerError(seeking.result["description"])
        places = [row["dn"] for row in seeking.response if row["type"] == "searchResEntry"]
    return str(places[0]) if len(places) == 1 else ""


def _connection(server: ldap3.Server, place: str, password: str) -> ldap3.Connection:
    return ldap3.Connection(
        server,
        user=place or None,
        password=password or None,
        authentication=ldap3.SIMPLE if place else ldap3.ANONYMOUS,
        receive_timeout=SECONDS,
        auto_referrals=False,
        read_only=True,
        auto_bind=ldap3.AUTO_BIND_NONE,
    )


def _tls(told: dict[str, str]) -> ldap3.Tls | None:
    if not told["url"].startswith("ldaps:"):
        return None  # the settings let that pass on this machine only
    return ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=told["ca_file"] or None)
