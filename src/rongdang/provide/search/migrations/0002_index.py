from django.db import migrations

from rongdang.provide.search.engines import fts5, postgres


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in postgres.CREATE:
            schema_editor.execute(statement)
    else:
        schema_editor.execute(fts5.CREATE)


def drop(apps, schema_editor):
    schema_editor.execute(f"DROP TABLE {fts5.TABLE}")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
