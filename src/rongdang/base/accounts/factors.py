"""A person's second factors: authenticator app (RFC 6238), passkeys, recovery codes.

Storage and algorithms are django-allauth's; that a code counts once, in whichever process it
arrives, is held here in the database.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import quote

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.db import transaction

from rongdang.base.accounts import entry, tokens
from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import OFFICERS
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record

Type = Authenticator.Type
FIRST = (Type.TOTP, Type.WEBAUTHN)  # recovery codes only stand in for one of these
STEP = 30  # seconds a code is shown


def has_one(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=FIRST).exists())


def is_asked_of(user: User) -> bool:
    """Must this person come in with a second factor (setting RONGDANG_SECOND_FACTOR)?"""
    if settings.SECOND_FACTOR == "everybody":
        return True
    return any(role in OFFICERS for role, _path in user.held)


def may_put_off() -> bool:
    """Only the demonstration asks without insisting."""
    return bool(settings.SECOND_FACTOR == "ask")


def check_has_one(user: User) -> None:
    if not has_one(user):
        raise DomainError(
            "这位同志还没有设第二验证，不用重设。",
            "This person has set up no second factor; there is nothing to reset.",
            code="no-factor",
            status=409,
        )


@transaction.atomic
def code_fits(user: User, code: str) -> bool:
    """Is this the present code of the app, or an unused recovery code? Either counts once."""
    digits = "".join(code.split())
    if not digits.isdecimal():
        return False
    rows = Authenticator.objects.select_for_update().filter(user=user)
    for row in rows.exclude(type=Type.WEBAUTHN).order_by("-type"):
        if row.type == Type.TOTP and _app_code_fits(row, digits):
            return True
        if row.type == Type.RECOVERY_CODES and RecoveryCodes(row).validate_code(digits):
            row.refresh_from_db()
            row.record_usage()
            record("factor:use-recovery", actor=user, subject=user)
            return True
    return False


def _app_code_fits(row: Authenticator, digits: str) -> bool:
    """The step of the code must be later than the last one used: a code seen over a shoulder is spent."""
    secret = totp.decrypt(row.data["secret"])
    now = int(time.time()) // STEP
    for step in (now - 1, now, now + 1):
        fits = totp.compare_user_code(
            actual=digits, expected=totp.format_hotp_value(totp.hotp_value(secret, step))
        )
        if not fits:
            continue
        if step <= row.data.get("step", 0):
            _tell_reused(row.user)
            return False
        row.data["step"] = step
        row.save(update_fields=["data"])
        row.record_usage()
        return True
    return False


def _tell_reused(user: User) -> None:
    """Somebody may have looked over a shoulder."""
    from rongdang.base.alarms.services import raise_alarm

    raise_alarm(kind="second-factor-reused", about=user, subject=user)


def new_secret() -> str:
    """Base32, for an app; kept in the session until a first code has shown that the app has it."""
    return str(totp.generate_totp_secret())


def address_of(user: User, secret: str) -> str:
    """What the picture on the screen says to the app (otpauth)."""
    name = quote(f"荣档:{user.username}")
    return f"otpauth://totp/{name}?secret={secret}&issuer={quote('荣档')}"


def held(user: User) -> list[Authenticator]:
    """What the person has set up, the oldest first."""
    return list(Authenticator.objects.filter(user=user).order_by("created_at"))


def code_is_of(secret: str, code: str) -> bool:
    return bool(totp.validate_totp_code(secret, "".join(code.split())))


@transaction.atomic
def add_app(user: User, secret: str) -> list[str]:
    """Take the authenticator app into use; answers the recovery codes, shown this once."""
    entry.require_intact(user)
    Authenticator.objects.filter(user=user, type__in=(Type.TOTP, Type.RECOVERY_CODES)).delete()
    totp.TOTP.activate(user, secret)
    codes = _codes(user)
    record("factor:add", actor=user, subject=user, detail={"type": "totp"})
    return codes


@transaction.atomic
def renew_codes(user: User) -> list[str]:
    """New recovery codes; the old ones count no more."""
    check_has_one(user)
    entry.require_intact(user)
    Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
    codes = _codes(user)
    record("factor:renew-codes", actor=user, subject=user)
    return codes


def _codes(user: User) -> list[str]:
    codes = list(RecoveryCodes.activate(user).generate_codes())
    entry.settle(user)
    return codes


@transaction.atomic
def reset(user: User, *, actor: User, how: Mapping[str, str]) -> None:
    """Forget every factor; the person sets one up at the next login, open sessions and tokens end."""
    entry.require_intact(user)
    Authenticator.objects.filter(user=user).delete()
    user.epoch += 1
    user.save(update_fields=["epoch"])
    entry.settle(user)
    tokens.end_all(user, acting_user=actor)
    record("factor:reset", actor=actor, subject=user, detail=dict(how))
