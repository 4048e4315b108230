from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting

TEXTS = {
    "grant": {"reason": False, "note": True, "withdrawn_why": True},
    "emergencyreader": {"why": False, "ended_why": True},
    "emergencyuse": {"finding": True},
}


class Migration(migrations.Migration):
    dependencies = [("grants", "0001_initial")]
    operations = [
        migrations.AlterField(
            model, name, columns.EncryptedTextField(blank=True) if blank else columns.EncryptedTextField()
        )
        for model, names in TEXTS.items()
        for name, blank in names.items()
    ] + [encrypting("grants", model, *names) for model, names in TEXTS.items()]
