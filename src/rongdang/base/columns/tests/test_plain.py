"""Every text column that the owner of the database can read is named here, with what stands in it."""

from django.apps import apps
from django.db import models

from rongdang.base.columns.fields import BlindIndexField, EncryptedField

# Of a list of people or papers: sorted, matched and counted in SQL (docs/decisions/0012).
LISTED = {
    "people.Person": "name name_keys sex birth retirement",
    "people.Fact": "field formed",
    "casefiles.CaseFile": "number scheme room rack layer box",
    "casefiles.Item": "category title formed",
    "review.Material": "person_name title title_source category formed",
    "batches.Batch": "number source",
    "orgs.Unit": "code name name_en fonds",
    "accounts.User": "username display_name",
    "accounts.AccessToken": "name",
    "access.Identity": "birth",
    "access.NamedKin": "relation birth",
    "changes.Subscription": "name",
    "hosts.AllowedHost": "host",
    "search.Document": "kind category year",
    "statements.Source": "name",
}
# Codes, levels, places in the tree of units, versions of engines, figures, boxes on a page.
CODES = {
    "access.Opening": "purpose task unmasked",
    "accounts.AccessToken": "scopes used_from",
    "alarms.Alarm": "kind scope subject_kind subject_id",
    "batches.Batch": "scope",
    "batches.Scan": "quality separator engine",
    "casefiles.CaseFile": "scope",
    "conflicts.Doubt": "code field other clause scope",
    "conflicts.RuleChange": "field by clause",
    "conflicts.Ruling": "field",
    "linkage.Pair": "scope model",
    "quality.Measurement": "scope measure",
    "sources.Run": "counts",
    "statements.Batch": "again",
    "statements.Source": "scope",
    "statements.Statement": "scope",
    "casefiles.EarlierText": "engine",
    "casefiles.Item": "level",
    "casefiles.Page": "engine",
    "grants.Allowance": "action",
    "grants.Covered": "level",
    "grants.Grant": "purpose levels scope",
    "jobs.Job": "path arguments",
    "ledger.Attestation": "source",
    "ledger.Entry": "event actor subject_kind subject_id",
    "ledger.Verification": "asked_by report",
    "orgs.Unit": "path",
    "people.Fact": "box",
    "people.Person": "scope",
    "review.Material": "scope confidence",
    "search.Document": "scope level",
    "backups.Run": "target copy result error",
    "backups.Part": "target name key",
    "backups.Unlisted": "target key since",
    "backups.KeptFile": "name",
    "objects.StoredObject": "media_type",
}
# Digests, seals, signatures and names of keys.
PROOFS = {
    "access.NamedKin": "name_index",
    "accounts.AccessToken": "digest",
    "accounts.FormerPassword": "password",
    "accounts.Refusal": "name address",
    "accounts.User": "password person roles_seal entry_seal",
    "backups.KeptFile": "digest",
    "conflicts.Doubt": "digest",
    "sources.Delivery": "digest",
    "sources.Run": "digest",
    "backups.ParityGroup": "p_digest q_digest",
    "backups.Part": "digest",
    "ledger.Attestation": "key_id",
    "ledger.Head": "key_id",
    "ledger.WatchedHead": "log signed",
    "objects.StoredObject": "digest digest_sm3 key_id",
}


def test_no_text_column_is_plain_but_those_that_were_decided_on():
    known = {
        f"{model}.{name}"
        for table in (LISTED, CODES, PROOFS)
        for model, names in table.items()
        for name in names.split()
    }
    assert _plain() == known


def _plain():
    ours = (model for model in apps.get_models() if model.__module__.startswith("rongdang."))
    return {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in ours
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not isinstance(field, EncryptedField | BlindIndexField)
        and not field.choices
    }
