from django.db import migrations

from rongdang.provide.search.engines import fts5, postgres

TABLES = ("search_pages", "search_people")


def create(apps, schema_editor):
    engine = postgres if schema_editor.connection.vendor == "postgresql" else fts5
    for table in TABLES:
        for statement in engine.CREATE:
            schema_editor.execute(statement.format(table=table))


def drop(apps, schema_editor):
    for table in TABLES:
        schema_editor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
