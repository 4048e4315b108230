from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("casefiles", "0006_sealing")]
    operations = [
        migrations.AlterField("earliertext", "layer", columns.EncryptedBinaryField()),
        migrations.AlterField("page", "layer", columns.EncryptedBinaryField(default=b"")),
        encrypting("casefiles", "EarlierText", "layer"),
        encrypting("casefiles", "Page", "layer"),
    ]
