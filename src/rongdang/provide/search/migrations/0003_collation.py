from django.db import migrations

# Unit paths are compared byte by byte; PostgreSQL must not sort them by a language's rules.
COLUMNS = (
    ("orgs_unit", "path", 64),
    ("people_person", "scope", 64),
    ("casefiles_casefile", "scope", 64),
    ("batches_batch", "scope", 64),
    ("review_material", "scope", 64),
    ("search_document", "scope", 64),
)


def compare_by_bytes(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, column, size in COLUMNS:
        schema_editor.execute(
            f'ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({size}) COLLATE "C"'
        )


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0002_index"),
        ("orgs", "0001_initial"),
        ("people", "0001_initial"),
        ("casefiles", "0002_relations"),
        ("batches", "0001_initial"),
        ("review", "0001_initial"),
    ]
    operations = [migrations.RunPython(compare_by_bytes, migrations.RunPython.noop)]
