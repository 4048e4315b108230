"""Grants: what a person may see, print or export beyond his role, given by another, until a moment."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from rongdang.base.accounts.models import RoleAssignment
from rongdang.base.accounts.roles import OFFICERS, Permission
from rongdang.base.columns.fields import EncryptedJSONField, EncryptedTextField
from rongdang.base.ids import uuid7
from rongdang.base.orgs.models import within
from rongdang.base.vocab import purposes
from rongdang.describe.grants.rules import EXPORT, PRINT
from rongdang.describe.grants.terms import Terms

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User


class GrantState(models.TextChoices):
    ASKED = "asked", "待批"
    GIVEN = "given", "已批"
    REFUSED = "refused", "未批"
    WITHDRAWN = "withdrawn", "已收回"


class GrantQuerySet(models.QuerySet["Grant"]):
    def visible_to(self, user: User) -> Self:
        """One's own; and of one's units, for those who approve or watch over them."""
        watched = within("scope", user.scopes(Permission.GRANT_WATCH))
        return self.filter(Q(user=user) | watched)

    def to_decide(self, user: User) -> Self:
        """What waits for this person's word: of his units, and not his own."""
        mine = within("scope", user.scopes(Permission.GRANT_APPROVE))
        return self.filter(mine, state=GrantState.ASKED).exclude(user=user)

    def holding(self, at: dt.datetime | None = None) -> Self:
        """Given and not over, now or `at`: at the very second of its end it is.

        A grant widens what a role does; who has lost his, or has become one of the three officers,
        sees nothing by it.
        """
        at_work = RoleAssignment.objects.filter(user=OuterRef("user")).exclude(role__in=OFFICERS)
        return self.filter(Exists(at_work), state=GrantState.GIVEN, until__gt=at or timezone.now())

    def with_terms(self) -> Self:
        """With what `asked`, `given` and what is left are read from, in two queries for all."""
        covered = Covered.objects.select_related("case_file")
        named = covered.only("grant", "level", "case_file__number")
        return self.prefetch_related("allowances", models.Prefetch("covered", named))


class Grant(models.Model):
    """One asking with its answer. An emergency one is given by nobody: see `EmergencyUse`."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="grants")
    emergency = models.BooleanField(default=False)
    purpose = models.CharField(max_length=16)  # code of the closed list
    reason = EncryptedTextField()
    # As they were asked for; what was given of them stands in `Covered`.
    numbers = EncryptedJSONField(default=list)  # 档号, or whatever was written in their place
    levels = models.JSONField(default=list)  # levels of content
    # The lowest unit above all the files; whoever decides must hold the right there.
    scope = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=GrantState, default=GrantState.ASKED)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_until = models.DateTimeField()
    until = models.DateTimeField()  # the end that holds: as asked, or as given
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    note = EncryptedTextField(blank=True)
    withdrawn_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = EncryptedTextField(blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "state", "until"], name="grant_of_user"),
            models.Index(fields=["scope", "state"], name="grant_of_scope"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="grant_has_a_reason"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("user")),
                name="grant_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(emergency=True)
                | Q(state__in=["asked", "withdrawn"], decided_by=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="grant_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=GrantState.WITHDRAWN)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawn_why=""),
                name="grant_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(until__lte=F("asked_until")), name="given_no_longer_than_asked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state} {self.until:%Y-%m-%d %H:%M}"

    @property
    def entry(self) -> purposes.PurposeEntry:
        return purposes.reasons()[self.purpose]

    @property
    def shown_state(self) -> str:
        """The state as a person sees it: one that is over says so, though no job wrote it."""
        over = self.state == GrantState.GIVEN and self.until <= timezone.now()
        return "over" if over else self.state

    @property
    def asked(self) -> Terms:
        """What was asked for, whatever was given of it."""
        counts = {one.action: one.asked or 0 for one in self.allowances.all()}
        return self._terms(self.numbers, self.levels, counts, self.asked_until)

    @property
    def given(self) -> Terms | None:
        """What was given, be it over by now; None where nothing ever was."""
        covered = list(self.covered.all())
        if not covered:
            return None
        numbers = sorted({row.case_file.number for row in covered})
        levels = {row.level for row in covered}
        counts = {one.action: one.allowed or 0 for one in self.allowances.all()}
        return self._terms(
            sorted(numbers, key=lambda n: self.numbers.index(n) if n in self.numbers else 0),
            [level for level in self.levels if level in levels],
            counts,
            self.until,
        )

    @property
    def is_narrowed(self) -> bool:
        """Was less given than was asked for?"""
        given = self.given
        return given is not None and given.size != self.asked.size

    def _terms(
        self, numbers: list[str], levels: list[str], counts: dict[str, int], until: dt.datetime
    ) -> Terms:
        return Terms(
            numbers=tuple(numbers),
            levels=tuple(levels),
            prints=counts.get(PRINT, 0),
            exports=counts.get(EXPORT, 0),
            until=until,
        )


class Covered(models.Model):
    """One level of one file that a grant opens; written when the grant is given."""

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="covered")
    case_file = models.ForeignKey("casefiles.CaseFile", models.PROTECT, related_name="+")
    level = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grant", "level", "case_file"], name="covered_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_file_id} {self.level}"


class Allowance(models.Model):
    """How often a grant lets one thing be done, of how often was asked; None is for seeing, which
    is not counted, and 0 was asked for and not given.
    """

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="allowances")
    action = models.CharField(max_length=8)  # see, print, export
    asked = models.PositiveIntegerField(null=True, blank=True)
    allowed = models.PositiveIntegerField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grant", "action"], name="allowed_once"),
            models.CheckConstraint(
                condition=Q(allowed=None) | Q(used__lte=F("allowed")), name="used_within_allowed"
            ),
            models.CheckConstraint(
                condition=Q(action="see") | Q(allowed__isnull=False), name="what_leaves_is_counted"
            ),
            models.CheckConstraint(
                condition=Q(allowed=None) | Q(asked__isnull=False, allowed__lte=F("asked")),
                name="allowed_within_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.used}/{self.allowed}"

    @property
    def left(self) -> int | None:
        return None if self.allowed is None else self.allowed - self.used


class ReaderState(models.TextChoices):
    PROPOSED = "proposed", "待批"
    NAMED = "named", "已指定"
    STOPPED = "stopped", "已停"
    ENDED = "ended", "已撤"


class EmergencyReaderQuerySet(models.QuerySet["EmergencyReader"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(
            Q(user=user) | within("unit__path", user.scopes(Permission.EMERGENCY_NAME))
        )

    def standing(self) -> Self:
        return self.filter(state__in=[ReaderState.PROPOSED, ReaderState.NAMED])


class EmergencyReader(models.Model):
    """One of the few who may open a file in an emergency: named by one officer, confirmed by another."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="emergency_roles")
    unit = models.ForeignKey("orgs.Unit", models.PROTECT, related_name="+")
    why = EncryptedTextField()
    state = models.CharField(max_length=12, choices=ReaderState, default=ReaderState.PROPOSED)
    named_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    named_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = EncryptedTextField(blank=True)

    objects = EmergencyReaderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit"],
                condition=Q(state__in=["proposed", "named"]),
                name="emergency_reader_once",
            ),
            models.CheckConstraint(
                condition=~Q(named_by=F("user")), name="emergency_named_by_another"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None)
                | ~Q(confirmed_by=F("user")) & ~Q(confirmed_by=F("named_by")),
                name="emergency_confirmed_by_a_third",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReaderState.NAMED) | Q(confirmed_by__isnull=False),
                name="emergency_named_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state}"


class EmergencyUseQuerySet(models.QuerySet["EmergencyUse"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(
            Q(user=user) | within("reader__unit__path", user.scopes(Permission.EMERGENCY_REVIEW))
        )

    def unreviewed(self) -> Self:
        return self.filter(reviewed_at=None)

    def overdue(self) -> Self:
        """At the very second of its term it is late."""
        return self.unreviewed().filter(due_at__lte=timezone.now())


class EmergencyUse(models.Model):
    """One time somebody opened a file in an emergency, and what another officer says of it."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    reader = models.ForeignKey(EmergencyReader, models.PROTECT, related_name="uses")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    grant = models.OneToOneField(Grant, models.PROTECT, related_name="emergency_use")
    at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    justified = models.BooleanField(null=True)
    finding = EncryptedTextField(blank=True)

    objects = EmergencyUseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["reviewed_at", "due_at"], name="emergency_use_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("user")),
                name="emergency_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, justified=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, justified__isnull=False)
                & ~Q(finding=""),
                name="emergency_reviewed_with_a_finding",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_overdue(self) -> bool:
        return self.reviewed_at is None and self.due_at <= timezone.now()
