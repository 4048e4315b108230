from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("casefiles", "0007_encrypted")]
    operations = [
        migrations.AlterField("item", "note", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("casefile", "trouble_zh", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("casefile", "trouble_en", columns.EncryptedTextField(blank=True)),
        encrypting("casefiles", "Item", "note"),
        encrypting("casefiles", "CaseFile", "trouble_zh", "trouble_en"),
    ]
