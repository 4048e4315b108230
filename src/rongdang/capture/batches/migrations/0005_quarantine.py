from django.db import migrations, models



class Migration(migrations.Migration):
    dependencies = [("batches", "0004_encrypted")]

    operations = [
        migrations.AlterField(
            model_name="upload",
            name="state",
            field=models.CharField(
                choices=[
                    ("receiving", "正在上传"),
                    ("stored", "已存好"),
                    ("quarantine", "已隔离"),
                    ("split", "已分页"),
                    ("partial", "部分读出"),
                    ("refused", "没有收下"),
                    ("duplicate", "以前交过"),
                ],
                default="receiving",
                max_length=12,
            ),
        ),
    ]
