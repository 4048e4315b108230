from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("people", "0003_encrypted")]
    operations = [
        migrations.AlterField("fact", "withdrawn_why", columns.EncryptedTextField(blank=True)),
        encrypting("people", "Fact", "withdrawn_why"),
    ]
