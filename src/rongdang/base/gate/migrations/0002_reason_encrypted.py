from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("gate", "0001_initial")]
    operations = [
        migrations.AlterField("gateopening", "reason", columns.EncryptedTextField()),
        encrypting("gate", "GateOpening", "reason"),
    ]
