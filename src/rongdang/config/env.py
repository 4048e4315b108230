"""Strict readers of the environment: a wrong value stops the start and says which."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rongdang.base.virus import Scanner

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingError(ValueError):
    """A setting has a value that cannot be meant."""


def text(name: str, default: str, *, choices: tuple[str, ...] = ()) -> str:
    value = os.environ.get(name, default)
    if choices and value not in choices:
        raise SettingError(f"{name}={value!r}: 只能是 / must be one of {', '.join(choices)}")
    return value


def boolean(name: str, *, default: bool) -> bool:
    return text(name, "yes" if default else "no", choices=("yes", "no")) == "yes"


def integer(name: str, default: int, *, least: int = 0) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdecimal() or int(value) < least:
        raise SettingError(
            f"{name}={value!r}: 要一个不小于 {least} 的整数 / a whole number ≥ {least}"
        )
    return int(value)


def words(name: str, default: str) -> list[str]:
    return [word for word in os.environ.get(name, default).split(",") if word]


def file(name: str) -> Path | None:
    """The file a setting names; None when it is not set."""
    value = os.environ.get(name, "")
    return Path(value).resolve() if value else None


def pairs(name: str) -> dict[str, str]:
    """name=value,name=value; a name may hold a “=”, a value not."""
    found: dict[str, str] = {}
    for word in words(name, ""):
        left, between, right = word.rpartition("=")
        if not between or not left or not right:
            raise SettingError(f"{name}={word!r}: 要写成 名=值 / must be written name=value")
        found[left] = right
    return found


def folder(name: str, default: Path) -> Path:
    return Path(os.environ.get(name, default)).resolve()


def ldap() -> dict[str, str]:
    """A directory to ask for passwords; empty when RONGDANG_LDAP_URL is not set."""
    url = text("RONGDANG_LDAP_URL", "")
    if not url:
        return {}
    host = urlsplit(url)
    if host.scheme != "ldaps" and host.hostname not in LOOPBACK:
        raise SettingError(
            f"RONGDANG_LDAP_URL={url!r}: 口令只能走 ldaps:// / passwords travel by ldaps:// only"
        )
    return {
        "url": url,
        "base": _needed("RONGDANG_LDAP_BASE"),
        "filter": text("RONGDANG_LDAP_FILTER", "(uid={name})"),
        "bind_dn": text("RONGDANG_LDAP_BIND_DN", ""),
        "bind_password": text("RONGDANG_LDAP_BIND_PASSWORD", ""),
        "ca_file": text("RONGDANG_LDAP_CA_FILE", ""),
    }


def oidc() -> list[dict[str, Any]]:
    """The identity provider in django-allauth's form; empty when RONGDANG_OIDC_ISSUER is not set."""
    issuer = text("RONGDANG_OIDC_ISSUER", "")
    if not issuer:
        return []
    host = urlsplit(issuer)
    if host.scheme != "https" and (host.scheme != "http" or host.hostname not in LOOPBACK):
        raise SettingError(f"RONGDANG_OIDC_ISSUER={issuer!r}: 只能是 https:// / https:// only")
    return [
        {
            "provider_id": "oidc",
            "name": text("RONGDANG_OIDC_NAME", "OIDC"),
            "client_id": _needed("RONGDANG_OIDC_CLIENT_ID"),
            "secret": text("RONGDANG_OIDC_CLIENT_SECRET", ""),
            "settings": {
                "server_url": issuer,
                "fetch_userinfo": False,
                "name_claim": text("RONGDANG_OIDC_NAME_CLAIM", "preferred_username"),
            },
        }
    ]


def scanner() -> Scanner:
    """The virus scanner (clamd) that examines files before they are opened; none when not set."""
    address = text("RONGDANG_CLAMD", "")
    place = urlsplit(address)
    tcp = place.scheme == "tcp" and place.hostname and place.port
    if address and not tcp and not (place.scheme == "unix" and place.path):
        raise SettingError(
            f"RONGDANG_CLAMD={address!r}: 要写成 tcp://主机:端口 或 unix:///路径 / tcp:// or unix://"
        )
    return Scanner(address, days=integer("RONGDANG_CLAMD_DAYS", 30))


def _needed(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingError(f"{name}: 没有设 / is not set")
    return value
