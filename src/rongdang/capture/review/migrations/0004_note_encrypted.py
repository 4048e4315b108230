from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("review", "0003_encrypted")]
    operations = [
        migrations.AlterField("material", "note", columns.EncryptedTextField(blank=True)),
        encrypting("review", "Material", "note"),
    ]
