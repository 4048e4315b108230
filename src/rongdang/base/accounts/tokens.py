"""Access tokens: made by the account's owner, scoped, ending, kept as a MAC, every step on the ledger."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rongdang.base.accounts import lockout, sessions, vouching
from rongdang.base.accounts.models import AccessToken, User
from rongdang.base.accounts.token_rows import AccessTokenQuerySet
from rongdang.base.cipher.suites import AES
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record

PREFIX = "rdt_"
SCOPES = {
    "units": _("看机构"),
    "people": _("看人员名册，不含档案内容"),
    "files": _("看已说明事由的档案：事实、材料、页面文字和图像"),
    "openings": _("说明查阅事由"),
    "search": _("检索"),
    "batches": _("看批次和每页的状态"),
    "upload": _("交扫描件"),
    "grants": _("看和申请授权"),
    "changes": _("取变更通知"),
    "ledger": _("取账本证明"),
    "health": _("看运行状况"),
}
MOST = 10  # live tokens of one account
LONGEST_DAYS = 366
NOTED_MINUTES = 15  # a use is noted when it comes from elsewhere, or after so long a pause
OUTSIDE_MINUTES = 5  # the same for accounts another service keeps, which is asked each time


class TokenError(DomainError):
    """The token opens nothing; why is on the ledger, not in the answer."""

    status, code = 401, "no-token"


@transaction.atomic
def make(
    user: User, *, name: str, scopes: Iterable[str], days: int, acting_user: User
) -> tuple[AccessToken, str]:
    """(the row, the token itself: shown this once). Raises DomainError for another's account, a name,
    scope or time that is none, and beyond `MOST`.
    """
    _require_own(user, acting_user)
    name, wanted = name.strip()[:60], sorted(set(scopes))
    if not name or not wanted or set(wanted) - set(SCOPES) or not 0 < days <= LONGEST_DAYS:
        raise DomainError(
            f"名称、用途和期限（1 到 {LONGEST_DAYS} 天）都要写，没有办理。",
            f"Name, uses and a time of 1 to {LONGEST_DAYS} days are needed; no token was made.",
            code="token-incomplete",
            status=422,
        )
    User.objects.select_for_update().get(pk=user.pk)
    if AccessToken.objects.filter(user=user).live().count() >= MOST:
        raise ConflictError(
            f"已有 {MOST} 个没到期的令牌，没有再办。",
            f"{MOST} tokens are in force already; no other was made.",
            hint_zh="先收回不用的。",
            hint_en="Withdraw one that is not used first.",
            code="too-many-tokens",
        )
    refuse_marks(name, scope="", acting_user=acting_user, place="token-name")
    token = AccessToken(user=user, name=name, scopes=wanted)
    token.until = timezone.now() + dt.timedelta(days=days)
    secret = secrets.token_urlsafe(32)
    token.digest = _digest(token, secret)
    token.save(force_insert=True)
    told = {"name": name, "scopes": wanted, "until": token.until.isoformat()}
    record("token:make", actor=acting_user, subject=token, detail=told)
    return token, f"{PREFIX}{token.pk.hex}_{secret}"


@transaction.atomic
def withdraw(token: AccessToken, *, acting_user: User) -> None:
    """It opens nothing from now on; what was done with it stays on the ledger."""
    _require_own(token.user, acting_user)
    _end(AccessToken.objects.filter(pk=token.pk), acting_user)


def end_all(user: User, *, acting_user: User | None) -> None:
    """Password set anew, account closed or opened again, a role lost: no programme goes on in its name."""
    _end(AccessToken.objects.filter(user=user), acting_user)


def _end(tokens: AccessTokenQuerySet, acting_user: User | None) -> None:
    for token in tokens.live():
        # Without its digest it cannot be brought back by hand either.
        AccessToken.objects.filter(pk=token.pk).update(withdrawn_at=timezone.now(), digest="")
        record("token:withdraw", actor=acting_user, subject=token)


def owner_of(shown: str, *, address: str) -> tuple[User, AccessToken]:
    """Who shows this token; raises TokenError, alike for whatever is wrong with it, and the refusal
    of a login when the account was changed behind the system.

    A wrong one counts for the lock-out of the address, and a shut door is shut for programmes too.
    Of an account that another service keeps, that service is asked whether it still knows the person.
    """
    token = _row(shown)
    user = token.user if token else None
    name = user.username if user else PREFIX
    if lockout.shut(name, address):
        raise _shut()
    if token is None or user is None or not user.is_active:
        # Counted under what was shown: a guesser is held by his address, nobody's account is shut.
        sessions.refuse(shown[:200], address=address)
        raise _no_token()
    if not sessions.is_intact(user):
        sessions.refuse_forged(user, address)
    _note_use(token, user, address)
    return user, token


def _row(shown: str) -> AccessToken | None:
    key, _, secret = shown.removeprefix(PREFIX).partition("_")
    try:
        wanted = uuid.UUID(hex=key)
    except ValueError:
        return None
    token = AccessToken.objects.live().select_related("user").filter(pk=wanted).first()
    if token is None or not hmac.compare_digest(token.digest, _digest(token, secret)):
        return None
    return token


def _digest(token: AccessToken, secret: str) -> str:
    told = [token.pk.hex, token.user_id.hex, token.until.isoformat(), *token.scopes, secret]
    key = settings.KEYRING.secret("access-tokens")
    return AES.mac(key, "\n".join(["access token", *told]).encode()).hex()


def _note_use(token: AccessToken, user: User, address: str) -> None:
    now = timezone.now()
    minutes = NOTED_MINUTES if user.has_usable_password() else OUTSIDE_MINUTES
    pause = dt.timedelta(minutes=minutes)
    if token.used_at and token.used_from == address[:64] and now - token.used_at < pause:
        return
    if vouching.is_gone(user):
        with transaction.atomic():
            end_all(user, acting_user=None)
        raise _no_token()
    with transaction.atomic():
        AccessToken.objects.filter(pk=token.pk).update(used_at=now, used_from=address[:64])
        record("token:use", actor=user, subject=token, detail={"address": address})


def _require_own(user: User, acting_user: User) -> None:
    if user.pk != acting_user.pk:
        raise DomainError(
            "访问令牌只能由本人办理和收回，没有改动。",
            "Only its owner makes and withdraws a token; nothing changed.",
            code="not-own",
            status=403,
        )


def _no_token() -> TokenError:
    return TokenError(
        "访问令牌不对、已收回或已到期，什么都没有办。",
        "The access token is wrong, withdrawn or over; nothing was done.",
        hint_zh="请在“访问令牌”页另办一个。",
        hint_en="Make another on the page of access tokens.",
    )


def _shut() -> DomainError:
    return DomainError(
        "这个地址或账号因多次不对暂时锁住，什么都没有办。",
        "This address or account is locked after failures; nothing was done.",
        hint_zh="过一刻钟再试。",
        hint_en="Try again in a quarter of an hour.",
        code="locked",
        status=429,
    )
