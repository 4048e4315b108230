"""What was asked for stands beside what was given; so far the two were the same. Numbers are as a
person typed them: encrypted like his reason.
"""

from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone

import rongdang.base.columns.fields as columns
from rongdang.base.columns.migrating import encrypting


def as_given(apps, _schema_editor):
    """May run twice."""
    apps.get_model("grants", "Grant").objects.update(asked_until=F("until"))
    apps.get_model("grants", "Allowance").objects.update(asked=F("allowed"))


class Migration(migrations.Migration):
    dependencies = [("grants", "0002_encrypted")]
    operations = [
        migrations.AddField(
            "grant", "asked_until", models.DateTimeField(default=timezone.now), preserve_default=False
        ),
        migrations.AddField(
            "allowance", "asked", models.PositiveIntegerField(blank=True, null=True)
        ),
        migrations.AlterField("grant", "numbers", columns.EncryptedJSONField(default=list)),
        migrations.RunPython(as_given, migrations.RunPython.noop),
        encrypting("grants", "Grant", "numbers"),
        migrations.AddConstraint(
            "grant",
            models.CheckConstraint(
                condition=Q(until__lte=F("asked_until")), name="given_no_longer_than_asked"
            ),
        ),
        migrations.AddConstraint(
            "allowance",
            models.CheckConstraint(
                condition=Q(allowed=None) | Q(asked__isnull=False, allowed__lte=F("asked")),
                name="allowed_within_asked",
            ),
        ),
    ]
