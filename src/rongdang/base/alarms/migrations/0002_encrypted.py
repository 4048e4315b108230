from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("alarms", "0001_initial")]
    operations = [
        migrations.AlterField("alarm", "detail", columns.EncryptedJSONField(default=dict)),
        migrations.AlterField("alarm", "note", columns.EncryptedTextField(blank=True)),
        encrypting("alarms", "alarm", "detail", "note"),
    ]
