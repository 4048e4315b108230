from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("access", "0002_kin_of_earlier_facts")]
    operations = [
        migrations.AlterField("opening", "note", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("avoidance", "relation", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("avoidance", "cleared_why", columns.EncryptedTextField(blank=True)),
        encrypting("access", "Opening", "note"),
        encrypting("access", "Avoidance", "relation", "cleared_why"),
    ]
