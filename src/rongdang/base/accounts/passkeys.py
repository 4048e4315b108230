"""Passkeys (WebAuthn level 2): the browser signs a challenge that the session remembers.

Storage and checks are django-allauth's and fido2's. A passkey belongs to the host name of the
address bar; an address of digits has none, and then only the app is offered.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db import transaction

from rongdang.base.accounts import entry
from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record


def are_possible(host: str) -> bool:
    """`host` as the browser names it, port included."""
    name = host.rsplit(":", 1)[0].strip("[]") if not host.endswith("]") else host.strip("[]")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return True
    return False


def options_to_add(user: User) -> dict[str, Any]:
    """What `navigator.credentials.create` is called with; the session keeps the challenge."""
    return dict(auth.begin_registration(user, passwordless=False))


@transaction.atomic
def add(user: User, name: str, credential: str) -> None:
    """Keep the public key the browser answered with; raises DomainError when it does not fit."""
    try:
        answer = json.loads(credential)
        auth.complete_registration(answer)
    except (ValueError, TypeError, KeyError, ValidationError) as error:
        raise DomainError(
            "这个通行密钥没有通过核对，没有加上。",
            "The passkey did not pass the check; it was not added.",
            hint_zh="请再试一次；不行就改用手机上的验证器。",
            hint_en="Try once more, or use the authenticator app instead.",
            code="passkey",
            status=422,
        ) from error
    entry.require_intact(user)
    auth.WebAuthn.add(user, name.strip()[:40] or "passkey", answer)
    entry.settle(user)
    record("factor:add", actor=user, subject=user, detail={"type": "webauthn"})


def options_to_ask(user: User) -> dict[str, Any] | None:
    """What `navigator.credentials.get` is called with; None when the person has no passkey."""
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists():
        return None
    return dict(auth.begin_authentication(user))


def fits(user: User, credential: str) -> bool:
    """Is the answer signed by a passkey of this person, over the challenge of this session?"""
    try:
        row = auth.complete_authentication(user, json.loads(credential))
    except (ValueError, TypeError, KeyError, ValidationError):
        return False
    row.record_usage()
    return True
