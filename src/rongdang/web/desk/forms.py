"""What a posted form names: a thing, an account, a unit, an act. What names none is refused in words."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from django.db import models

from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError
from rongdang.base.orgs.models import Unit, within
from rongdang.web.desk.access import SignedInRequest

Act = Callable[[SignedInRequest], None]
NO_ID = uuid.UUID(int=0)


def named_id(request: SignedInRequest, field: str) -> uuid.UUID:
    """The id in a field; what is none names nothing that could be found."""
    try:
        return uuid.UUID(request.POST.get(field, ""))
    except ValueError:
        return NO_ID


def named_account(request: SignedInRequest) -> User:
    """The account of that user name."""
    user = User.objects.filter(username=request.POST.get("username", "")).first()
    if user is None:
        raise DomainError(
            "没有这个账号，没有改动。", "There is no such account; nothing changed.", code="choose"
        )
    return user


def units_for(user: User, permission: str) -> models.QuerySet[Unit]:
    """Where the user may do that: the units a form offers, and takes."""
    return Unit.objects.filter(within("path", user.scopes(permission)))


def named_unit(among: models.QuerySet[Unit], code: str) -> Unit:
    """The unit of that code, if it is one of these."""
    unit = among.filter(code=code).first()
    if unit is None:
        raise DomainError(
            "请先选机构，没有改动。", "Choose a unit first; nothing changed.", code="no-unit"
        )
    return unit


def do_named(acts: Mapping[str, Act], request: SignedInRequest, field: str = "act") -> None:
    """Do what the form asks for, if it is one of these acts."""
    act = acts.get(request.POST.get(field, ""))
    if act is None:
        raise DomainError(
            "没有这个操作，没有改动。", "There is no such act; nothing changed.", code="no-act"
        )
    act(request)
