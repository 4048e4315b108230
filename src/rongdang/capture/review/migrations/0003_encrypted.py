from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("review", "0002_note")]
    operations = [
        migrations.AlterField("material", "fields", columns.EncryptedJSONField(default=list)),
        encrypting("review", "Material", "fields"),
    ]
