"""People who act. A right is a role in a unit; nobody is above the table."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.crypto import salted_hmac

from rongdang.base.accounts import seals
from rongdang.base.accounts.roles import LEVELS, OFFICERS, ROLES, TABLE, Permission
from rongdang.base.accounts.token_rows import AccessToken  # one of the tables
from rongdang.base.columns.fields import EncryptedTextField
from rongdang.base.errors import DomainError
from rongdang.base.ids import uuid7
from rongdang.base.orgs.models import within
from rongdang.base.prepared import KEY, Prepared

__all__ = ["AccessToken", "RoleAssignment", "RoleChange", "User"]


class UserManager(BaseUserManager["User"]):
    """Fetches only; accounts are made by `accounts.services.create_user`."""

    def get(self, *args: Any, **kwargs: Any) -> User:
        """By its key an account is fetched at every request."""
        if args or kwargs.keys() != {"pk"} or not isinstance(kwargs["pk"], uuid.UUID):
            return super().get(*args, **kwargs)
        found = ACCOUNT.rows(kwargs["pk"])
        if not found:
            raise User.DoesNotExist
        return User.from_db(
            self.db, [field.attname for field in User._meta.concrete_fields], found[0]
        )

    def create_superuser(self, **_fields: object) -> NoReturn:
        """What `createsuperuser` asks for; there is no such person here."""
        raise DomainError(
            "本系统没有超级用户，没有建账号。",
            "Nobody is above the table of roles here; no account was made.",
            hint_zh="首次安装请用：rongdang officers begin",
            hint_en="At first installation use: rongdang officers begin",
            code="no-superuser",
            status=403,
        )


class User(AbstractBaseUser):
    """One person who acts in the system (PREMIS agent)."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    username = models.CharField(max_length=64, unique=True)
    display_name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)
    # Blind index of the ID number: two accounts of one person are one person. "" = not known.
    person = models.CharField(max_length=64, blank=True, db_index=True)
    password_at = models.DateTimeField(null=True)  # when its owner chose it; null: he has to
    epoch = models.PositiveIntegerField(default=0)  # sessions of an earlier number are over
    roles_serial = models.PositiveIntegerField(default=0)  # changes of roles so far
    roles_seal = models.CharField(max_length=160, blank=True)  # see `seals`
    entry_seal = models.CharField(max_length=160, blank=True)  # see `seals`

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.display_name

    @cached_property
    def held(self) -> list[tuple[str, str]]:
        """(role, path of the unit it is held in), read once a request.

        Rows that were not written by the services do not fit the seal, and then none of them holds.
        """
        if not self.is_active:
            return []
        rows = ROLES_HELD.rows(self.pk)
        if not seals.holds(self, [(role, unit) for role, _path, unit in rows]):
            return []
        return [(role, path) for role, path, _unit in rows]

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Ties a session to the password and to `epoch`: a new number ends every open session."""
        told = f"{self.password} {self.epoch}"
        salt = "rongdang.base.accounts.session"
        return salted_hmac(salt, told, secret=secret, algorithm="sha256").hexdigest()

    def check_password(self, raw_password: str | None) -> bool:
        """A hash of an older kind is renewed at the right password, and sealed anew.

        Not one that was put there behind the system: its seal is broken, and stays so.
        """

        def renew(raw: str) -> None:
            if not seals.entry_holds(self, self.factors()):
                return
            self.password = make_password(raw)
            self.entry_seal = seals.seal_entry(self, self.factors())
            self.save(update_fields=["password", "entry_seal"])

        return check_password(raw_password, self.password, renew)

    def factors(self) -> list[tuple[str, int]]:
        """(type, number) of the second factors, for the seal."""
        from allauth.mfa.models import Authenticator

        return list(Authenticator.objects.filter(user=self).values_list("type", "pk"))

    def is_same_person(self, other: User) -> bool:
        """One account, or two accounts of one ID number."""
        return self.pk == other.pk or bool(self.person and self.person == other.person)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """What may be done at least somewhere."""
        return frozenset().union(*(TABLE[role] for role, _path in self.held))

    def may(self, permission: str, scope: str = "") -> bool:
        """Is this act this person's to do (in the unit at path `scope`, if one is named)?"""
        if not scope:
            return permission in self.permissions
        return any(f"{scope}.".startswith(f"{path}.") for path in self.scopes(permission))

    def scopes(self, permission: str) -> list[str]:
        """Paths of the units in whose subtrees the permission is held."""
        return sorted({path for role, path in self.held if permission in TABLE[role]})

    def levels(self, permission: str = Permission.CASEFILE_SEE) -> dict[str, tuple[str, ...]]:
        """Path of unit → levels of content seen there."""
        seen: dict[str, tuple[str, ...]] = {}
        for role, path in self.held:
            if permission in TABLE[role]:
                merged = {*seen.get(path, ()), *LEVELS.get(role, ())}
                seen[path] = tuple(sorted(merged))
        return seen

    @property
    def role_names(self) -> list[Any]:
        return [ROLES[role] for role, _path in self.held]


class RoleAssignment(models.Model):
    """A role one person holds in one unit and all below it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="roles")
    role = models.CharField(max_length=16, choices=[(key, key) for key in ROLES])
    unit = models.ForeignKey("orgs.Unit", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "unit"], name="role_held_once"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(role__in=OFFICERS), name="one_officer_role_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


ACCOUNT = Prepared(
    lambda pk: (
        QuerySet(User).filter(pk=pk).values_list(*(f.attname for f in User._meta.concrete_fields))
    ),
    KEY,
)
ROLES_HELD = Prepared(
    lambda pk: RoleAssignment.objects.filter(user=pk).values_list("role", "unit__path", "unit_id"),
    KEY,
)


class RoleChangeQuerySet(models.QuerySet["RoleChange"]):
    def visible_to(self, user: User) -> RoleChangeQuerySet:
        """Changes in the units in whose subtrees the person proposes or approves them."""
        paths = {
            *user.scopes(Permission.ROLE_ASSIGN),
            *user.scopes(Permission.ROLE_APPROVE),
            *user.scopes(Permission.USER_EDIT),
        }
        return self.filter(within("unit__path", sorted(paths)))


class RoleChange(models.Model):
    """A role to be given or taken, a second factor or a password to be set anew: asked by one, decided by another."""

    class Act(models.TextChoices):
        ASSIGN = "assign", "分配岗位"
        WITHDRAW = "withdraw", "收回岗位"
        RESET = "reset", "重设第二验证"
        PASSWORD = "password", "重设口令"

    class State(models.TextChoices):
        OPEN = "open", "等另一位同志批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "没有同意"
        TAKEN_BACK = "taken-back", "提出人撤回"
        USED = "used", "已批准并办过"  # a password is set once

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    act = models.CharField(max_length=8, choices=Act)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=16, blank=True, choices=[(key, key) for key in ROLES])
    unit = models.ForeignKey("orgs.Unit", models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = RoleChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["act", "user", "role", "unit"],
                condition=Q(state="open"),
                name="role_change_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "taken-back"])
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
                name="role_change_takes_two",
            ),
            models.CheckConstraint(
                condition=~Q(user=F("proposed_by"))
                & (Q(decided_by=None) | ~Q(user=F("decided_by"))),
                name="role_change_of_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.role} {self.user}"


class FormerPassword(models.Model):
    """Hash of a password once used; kept only under a policy that refuses the last few."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    password = models.CharField(max_length=128)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"


class Refusal(models.Model):
    """One failed attempt to come in, for the lock-out; names are blind indexes, never what was typed."""

    name = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["name", "at"], name="refusal_name"),
            models.Index(fields=["address", "at"], name="refusal_address"),
        ]

    def __str__(self) -> str:
        return f"{self.name[:8]} {self.at}"
