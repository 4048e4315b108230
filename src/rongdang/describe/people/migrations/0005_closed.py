from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_reasons_encrypted")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
