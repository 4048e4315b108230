from django.db import migrations, models


class Migration(migrations.Migration):
    """Words only: no table is copied, so the fence of the officers stays up."""

    dependencies = [("accounts", "0004_access_tokens")]
    operations = [
        migrations.AlterField(
            "rolechange",
            "act",
            models.CharField(
                choices=[
                    ("assign", "分配岗位"),
                    ("withdraw", "收回岗位"),
                    ("reset", "重设第二验证"),
                    ("password", "重设口令"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            "rolechange",
            "state",
            models.CharField(
                choices=[
                    ("open", "等另一位同志批准"),
                    ("approved", "已批准"),
                    ("refused", "没有同意"),
                    ("taken-back", "提出人撤回"),
                    ("used", "已批准并办过"),
                ],
                default="open",
                max_length=10,
            ),
        ),
    ]
