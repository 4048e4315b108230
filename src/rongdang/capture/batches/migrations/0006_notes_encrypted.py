from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("batches", "0005_quarantine")]
    operations = [
        migrations.AlterField("batch", "note", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("upload", "reason_zh", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("upload", "reason_en", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("scan", "reason_zh", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("scan", "reason_en", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("tray", "trouble_zh", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("tray", "trouble_en", columns.EncryptedTextField(blank=True)),
        encrypting("batches", "Batch", "note"),
        encrypting("batches", "Tray", "trouble_zh", "trouble_en"),
        encrypting("batches", "Upload", "reason_zh", "reason_en"),
        encrypting("batches", "Scan", "reason_zh", "reason_en"),
    ]
