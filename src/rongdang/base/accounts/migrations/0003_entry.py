"""How an account is opened is sealed too; what django-axes noted of failed logins goes with it.

SQLite copies the table of accounts for a new column: the fence that looks into it is down meanwhile.
"""

from importlib import import_module

from django.db import migrations, models

from rongdang.base.accounts import seals

FENCE = import_module("rongdang.base.accounts.migrations.0002_trust")
# It kept names as they were typed, which may have been passwords.
AXES = ("axes_accessattemptexpiration", "axes_accessattempt", "axes_accessfailurelog", "axes_accesslog")


def seal_as_it_is(apps, schema_editor):
    factors = apps.get_model("mfa", "Authenticator").objects
    for user in apps.get_model("accounts", "User").objects.all():
        held = list(factors.filter(user_id=user.pk).values_list("type", "pk"))
        user.entry_seal = seals.seal_entry(user, held)
        user.save(update_fields=["entry_seal"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_trust"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [
        migrations.RunPython(FENCE.lower_fence, FENCE.raise_fence),
        migrations.AddField(
            model_name="user",
            name="entry_seal",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.RunPython(seal_as_it_is, migrations.RunPython.noop),
        migrations.RunSQL(
            [f"DROP TABLE IF EXISTS {table}" for table in AXES], migrations.RunSQL.noop
        ),
        migrations.RunPython(FENCE.raise_fence, FENCE.lower_fence),
    ]
