from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    """No fence looks into this table: it may be copied while they stand."""

    dependencies = [("accounts", "0005_password_by_two")]
    operations = [
        migrations.AlterField("rolechange", "reason", columns.EncryptedTextField()),
        encrypting("accounts", "RoleChange", "reason"),
    ]
