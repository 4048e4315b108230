from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("casefiles", "0002_relations")]

    operations = [
        migrations.AddField("item", "paper_only", models.BooleanField(default=False)),
    ]
