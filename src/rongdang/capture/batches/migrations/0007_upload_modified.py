from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0006_notes_encrypted")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="modified",
            field=models.PositiveBigIntegerField(default=0),
        ),
    ]
