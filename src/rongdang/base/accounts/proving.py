"""Who sits at the machine's own console: password and second factor, as at the page of the login.

For what is so grave that a command asks for it: a lost officer, a log put back. Two proofs are
worth nothing when one hand can type both, so a first password that somebody else chose proves nobody.
"""

from __future__ import annotations

from django.contrib.auth import authenticate

from rongdang.base.accounts import factors, lockout, passwords, sessions
from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError

CONSOLE = "console"  # where these proofs come from, in the place of an address


def prove(username: str, password: str, code: str) -> User:
    """Whose password and code these are; raises DomainError. Failures count for the lock-out like
    those of the login page, under the console as address.
    """
    user = None
    if not lockout.shut(username, CONSOLE):
        user = authenticate(None, username=username, password=password)
    if not isinstance(user, User) or not sessions.is_intact(user) or not _factor_fits(user, code):
        raise _refused(username)
    _check_own(user)
    lockout.forget(username, CONSOLE)
    return user


def _factor_fits(user: User, code: str) -> bool:
    """A passkey cannot be asked for here; its owner gives a recovery code."""
    return not factors.has_one(user) or factors.code_fits(user, code)


def _check_own(user: User) -> None:
    """The proofs are the person's own: no first password, no factor that is owed still."""
    owed = factors.is_asked_of(user) and not factors.may_put_off() and not factors.has_one(user)
    if not owed and not passwords.is_due(user):
        return
    raise DomainError(
        f"“{user.username}”还没有自己改过口令、设好第二验证，不能在这里确认，没有改动。",
        f"“{user.username}” has not chosen a password of his own or set up the second factor that "
        "is asked of him; he confirms nothing here and nothing changed.",
        hint_zh="请本人先登录一次，按提示改口令、设第二验证。",
        hint_en="He signs in once first: there he chooses a password and sets up the factor.",
        code="no-factor" if owed else "password-due",
        status=403,
    )


def _refused(username: str) -> DomainError:
    """One text whatever was wrong, so that neither proof can be tried out by itself."""
    if sessions.refuse(username, address=CONSOLE):
        return DomainError(
            f"“{username}”因多次不对暂时锁住，没有改动。",
            f"“{username}” is locked after failures; nothing changed.",
            hint_zh="过一刻钟再试；不是本人试的，请查是谁在用这台机器。",
            hint_en="Try again in a quarter of an hour; if it was somebody else, see who uses this machine.",
            code="locked",
            status=429,
        )
    return DomainError(
        f"“{username}”的口令或验证码不对，没有改动。",
        f"Password or code of “{username}” is wrong; nothing changed.",
        hint_zh="有第二验证的，口令和验证码都要对；用过的验证码不能再用。",
        hint_en="With a second factor both must be right; a code counts once.",
        code="not-proved",
        status=403,
    )
