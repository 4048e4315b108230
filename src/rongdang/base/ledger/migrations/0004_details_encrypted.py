from django.db import migrations

import rongdang.base.ledger.models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_outside")]
    # The column's type is what it was, and the fence stands round the table: nothing is done to it.
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "detail", "body", rongdang.base.ledger.models.DetailField()
                )
            ]
        )
    ]
