"""Who may do what: one table an officer can read. Three officers hold no business right."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from rongdang.base.vocab.purposes import ALL_LEVELS


class Permission(StrEnum):
    BATCH_UPLOAD = "batch:upload"
    BATCH_SEE = "batch:see"
    MATERIAL_REVIEW = "material:review"
    MATERIAL_CHECK = "material:check"  # the second check, by another person
    CASEFILE_SEE = "casefile:see"
    CASEFILE_EDIT = "casefile:edit"
    CASEFILE_SEAL = "casefile:seal"
    PERSON_EDIT = "person:edit"
    PERSON_EXPORT = "person:export"
    SOURCE_SEE = "source:see"  # an old system or table, its recipe, what its runs did
    SOURCE_EDIT = "source:edit"  # to bring one in, and say what its columns mean
    SOURCE_RUN = "source:run"  # to let it write into people's records, and to take that back
    UNIT_EDIT = "unit:edit"
    RULE_SET = "unit:set-rule"  # the rules a unit works by, such as confirming in batches
    RECORD_RULE = "record:set-rule"  # to ask that a unit decide a field by another rule: takes two
    USER_EDIT = "user:edit"
    ROLE_ASSIGN = "role:assign"  # to propose it: a change of roles takes two people
    ROLE_APPROVE = "role:approve"
    SECRET_SETTLE = "secret:settle"
    SECRET_GATE = "secret:gate"  # to open it for some hours: takes two
    LEDGER_READ = "ledger:read"
    JOB_SEE = "job:see"
    HEALTH_SEE = "health:see"
    KEY_MANAGE = "key:manage"  # rotate, split, escrow, change the root: never sees content
    ALARM_SEE = "alarm:see"
    ALARM_SETTLE = "alarm:settle"
    GRANT_ASK = "grant:ask"
    GRANT_APPROVE = "grant:approve"
    GRANT_WATCH = "grant:watch"  # to see what was granted, and take it back
    HOST_ALLOW = "host:allow"  # machines outside the house may connect to: takes two
    EMERGENCY_NAME = "emergency:name"
    EMERGENCY_CONFIRM = "emergency:confirm"
    EMERGENCY_REVIEW = "emergency:review"
    EMERGENCY_READ = "emergency:read"  # of no role: only an emergency grant gives it


ROLES = {
    "clerk": _("档案员"),
    "reviewer": _("审核员"),
    "leader": _("领导"),
    "system": _("系统管理员"),
    "security": _("安全保密员"),
    "audit": _("安全审计员"),
}
OFFICERS = ("system", "security", "audit")

P = Permission
GRANTING = (P.GRANT_ASK, P.GRANT_APPROVE, P.GRANT_WATCH, P.EMERGENCY_CONFIRM)
TABLE: dict[str, frozenset[Permission]] = {
    "clerk": frozenset(
        {
            P.BATCH_UPLOAD,
            P.BATCH_SEE,
            P.MATERIAL_REVIEW,
            P.CASEFILE_SEE,
            P.CASEFILE_EDIT,
            P.PERSON_EDIT,
            P.GRANT_ASK,
            P.SOURCE_SEE,
            P.SOURCE_EDIT,
            P.SOURCE_RUN,
        }
    ),
    "reviewer": frozenset(
        {
            P.BATCH_SEE,
            P.MATERIAL_REVIEW,
            P.MATERIAL_CHECK,
            P.CASEFILE_SEE,
            P.CASEFILE_EDIT,
            P.CASEFILE_SEAL,
            P.PERSON_EDIT,
            P.GRANT_ASK,
            P.PERSON_EXPORT,
            P.SOURCE_SEE,
            P.SOURCE_RUN,
        }
    ),
    # Pages nobody has decided on have no level yet: a leader, who sees two levels, sees none of them.
    "leader": frozenset({P.CASEFILE_SEE, P.RULE_SET, P.ROLE_APPROVE, *GRANTING}),
    "system": frozenset(
        {P.UNIT_EDIT, P.USER_EDIT, P.JOB_SEE, P.HEALTH_SEE, P.SECRET_GATE, P.HOST_ALLOW}
    ),
    "security": frozenset(
        {
            P.ROLE_ASSIGN,
            P.ROLE_APPROVE,
            P.SECRET_SETTLE,
            P.SECRET_GATE,
            P.RECORD_RULE,
            P.HOST_ALLOW,
            P.KEY_MANAGE,
            P.HEALTH_SEE,
            P.ALARM_SEE,
            P.ALARM_SETTLE,
            P.GRANT_WATCH,
            P.EMERGENCY_NAME,
            P.EMERGENCY_CONFIRM,
            P.EMERGENCY_REVIEW,
        }
    ),
    "audit": frozenset({P.LEDGER_READ, P.HEALTH_SEE, P.ALARM_SEE}),
}

# Which levels of content (category levels of the data standard) a role sees of a visible file.
LEVELS: dict[str, tuple[str, ...]] = {
    "clerk": ALL_LEVELS,
    "reviewer": ALL_LEVELS,
    "leader": ("基本", "奖惩"),
}
