"""What does not agree of a person, who decided what holds, and by which rules a unit decides itself."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from rongdang.base.accounts.roles import Permission
from rongdang.base.cipher.blind import blind_index
from rongdang.base.cipher.keyring import BLIND_INDEX
from rongdang.base.columns.fields import EncryptedJSONField, EncryptedTextField
from rongdang.base.ids import uuid7
from rongdang.base.orgs.models import within
from rongdang.describe.access.predicate import Columns, Purpose, content
from rongdang.describe.people.key_dates import KEY_DATES

if TYPE_CHECKING:
    from rongdang.base.accounts.models import User

FIRST = Columns("scope", "field", "person", "person__case_file", fields=True)
SECOND = FIRST._replace(level="other")
RULINGS = Columns("person__scope", "field", "person", "person__case_file", fields=True)


class Severity(models.TextChoices):
    WRONG = "wrong", "不能同时成立"
    ASK = "ask", "应当核问"


class DoubtState(models.TextChoices):
    OPEN = "open", "等着定"
    LATER = "later", "以后再定"
    STANDS = "stands", "核过，不用改"


class DoubtQuerySet(models.QuerySet["Doubt"]):
    def visible_to(self, user: User, purpose: Purpose) -> Self:
        """Where both fields it speaks of are shown; else it would tell of what is hidden."""
        return self.filter(
            content(user, purpose, FIRST), Q(other="") | content(user, purpose, SECOND)
        )

    def waiting(self) -> Self:
        return self.filter(state=DoubtState.OPEN)


class Doubt(models.Model):
    """Something of a person's record that does not agree: sources of one field, or fields by a rule.

    Found by `people.projecting` whenever his claims change, and gone when they agree. What somebody
    said of it stays until what is said changes (`digest`).
    """

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="doubts")
    scope = models.CharField(max_length=64)
    code = models.CharField(max_length=40)  # "sources" and the field's code, or a rule's name
    field = models.CharField(max_length=24)
    other = models.CharField(max_length=24, blank=True)  # a second field it speaks of
    severity = models.CharField(max_length=6, choices=Severity)
    digest = models.CharField(max_length=64)  # keyed, of what is said
    zh = EncryptedTextField()
    en = EncryptedTextField()
    clause = models.CharField(max_length=120, blank=True)
    since = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=6, choices=DoubtState, default=DoubtState.OPEN)
    said_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    said_at = models.DateTimeField(null=True, blank=True)
    why = EncryptedTextField(blank=True)

    objects = DoubtQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["scope", "state", "severity", "id"], name="doubt_scope_state")
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "code"], name="doubt_once_for_a_person"),
            models.CheckConstraint(
                condition=Q(state=DoubtState.OPEN)
                | Q(said_by__isnull=False, said_at__isnull=False),
                name="doubt_put_off_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.person_id}"

    @property
    def is_of_sources(self) -> bool:
        return self.code.startswith("sources:")

    @classmethod
    def digest_of(cls, text: str) -> str:
        """Stands for what is said, so that a change of it is noticed; read by nobody."""
        key = settings.KEYRING.secret(BLIND_INDEX)
        return blind_index(key, "conflicts_doubt.digest", text)


class RulingState(models.TextChoices):
    ASKED = "asked", "等另一位同志同意"
    HOLDS = "holds", "有效"
    REFUSED = "refused", "没有同意"
    REPLACED = "replaced", "已被后来的决定代替"


class RulingQuerySet(models.QuerySet["Ruling"]):
    def visible_to(self, user: User, purpose: Purpose) -> Self:
        return self.filter(content(user, purpose, RULINGS))

    def holding(self) -> Self:
        return self.filter(state=RulingState.HOLDS)


class Ruling(models.Model):
    """A person's decision which value of a field holds, though a rule might say another.

    It outranks the rule for the claims it was made on (`weighed`). A claim that disagrees and was
    not among them puts the matter before somebody again.
    """

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="rulings")
    field = models.CharField(max_length=24)
    value = EncryptedTextField()
    cites = EncryptedTextField()  # id of the claim it goes by
    weighed = EncryptedJSONField(default=list)  # [[key of the claim's place, its value], …]
    reason = EncryptedTextField()
    state = models.CharField(max_length=8, choices=RulingState)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    agreed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RulingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "field"],
                condition=Q(state=RulingState.HOLDS),
                name="one_ruling_holds",
            ),
            models.UniqueConstraint(
                fields=["person", "field"],
                condition=Q(state=RulingState.ASKED),
                name="one_ruling_asked",
            ),
            models.CheckConstraint(
                condition=~Q(state=RulingState.HOLDS, field__in=KEY_DATES)
                | Q(agreed_by__isnull=False, agreed_at__isnull=False),
                name="key_date_ruled_by_two",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("decided_by")),
                name="ruling_agreed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.state}"


class RuleChangeState(models.TextChoices):
    ASKED = "asked", "等另一位同意"
    HOLDS = "holds", "有效"
    REFUSED = "refused", "没有同意"
    ENDED = "ended", "已不用"


class RuleChangeQuerySet(models.QuerySet["RuleChange"]):
    def visible_to(self, user: User) -> Self:
        """Of the units whose rules one sets, agrees to, or whose files one keeps."""
        scopes = {
            path
            for right in (Permission.RECORD_RULE, Permission.RULE_SET, Permission.PERSON_EDIT)
            for path in user.scopes(right)
        }
        return self.filter(within("unit__path", sorted(scopes)))

    def holding(self) -> Self:
        return self.filter(state=RuleChangeState.HOLDS)


class RuleChange(models.Model):
    """A unit decides a field by other criteria than the standard: asked by one, agreed by another."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    unit = models.ForeignKey("orgs.Unit", models.PROTECT, related_name="+")
    field = models.CharField(max_length=24)
    by = models.JSONField()  # criteria of `people.projection`, left to right; [] = as the standard
    reason = EncryptedTextField()
    clause = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=RuleChangeState, default=RuleChangeState.ASKED)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    agreed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RuleChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "field"],
                condition=Q(state=RuleChangeState.HOLDS),
                name="one_own_rule_holds",
            ),
            models.UniqueConstraint(
                fields=["unit", "field"],
                condition=Q(state=RuleChangeState.ASKED),
                name="one_own_rule_asked",
            ),
            models.CheckConstraint(
                condition=~Q(state=RuleChangeState.HOLDS)
                | Q(agreed_by__isnull=False, agreed_at__isnull=False),
                name="own_rule_agreed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("asked_by")),
                name="own_rule_takes_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.field} {self.state}"
