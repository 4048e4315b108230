from django.db import migrations

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting, settle
from rongdang.base.vocab import ids


def index_numbers(apps, schema_editor):
    fact = apps.get_model("people", "Fact")
    digest = fact._meta.get_field("value_index").digest
    for row in fact.objects.filter(field="公民身份号码").iterator():
        fact.objects.filter(pk=row.pk).update(value_index=digest(ids.comparable(row.value)))
    settle(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_withdrawn")]
    operations = [
        migrations.AddField("fact", "value_index", columns.BlindIndexField(default=""), preserve_default=False),
        migrations.AlterField("fact", "original", columns.EncryptedTextField(blank=True)),
        migrations.AlterField("fact", "value", columns.EncryptedTextField()),
        migrations.AlterField("person", "record", columns.EncryptedJSONField(default=dict)),
        encrypting("people", "Fact", "original", "value"),
        encrypting("people", "Person", "record"),
        migrations.RunPython(index_numbers, migrations.RunPython.noop),
    ]
