from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


class Migration(migrations.Migration):
    dependencies = [("search", "0003_collation")]
    operations = [
        migrations.AlterField("documenttext", "anchored", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("documenttext", "places", columns.EncryptedBinaryField(default=b"")),
        migrations.AlterField("documenttext", "words", columns.EncryptedTextField()),
        encrypting("search", "DocumentText", "anchored", "places", "words"),
    ]
