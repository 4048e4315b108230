from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("objects", "0002_digest")]

    operations = [
        migrations.AddField(
            model_name="storedobject",
            name="digest_sm3",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
    ]
