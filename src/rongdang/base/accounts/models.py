"""People who act. A right is a role in a unit; nobody is above the table."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from rongdang.base.accounts.roles import LEVELS, OFFICERS, ROLES, TABLE, Permission
from rongdang.base.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Fetches only; accounts are made by `accounts.services.create_user`."""


class User(AbstractBaseUser):
    """One person who acts in the system (PREMIS agent)."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    username = models.CharField(max_length=64, unique=True)
    display_name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.display_name

    @cached_property
    def held(self) -> list[tuple[str, str]]:
        """(role, path of the unit it is held in), read once a request."""
        if not self.is_active:
            return []
        return list(self.roles.select_related("unit").values_list("role", "unit__path"))

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
