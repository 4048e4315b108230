from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("batches", "0003_scan_state")]
    operations = [
        migrations.AlterField("scan", "layer", columns.EncryptedBinaryField(default=b"")),
        migrations.AlterField("upload", "name", columns.EncryptedTextField()),
        encrypting("batches", "Scan", "layer"),
        encrypting("batches", "Upload", "name"),
    ]
