from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [
        migrations.AlterField("job", "error", columns.EncryptedTextField(blank=True)),
        encrypting("jobs", "Job", "error"),
    ]
