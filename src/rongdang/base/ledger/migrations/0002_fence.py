"""The database itself refuses to change or remove what the log says."""

from django.db import migrations

TABLES = {
    "ledger_entry": ("UPDATE", "DELETE"),
    "ledger_node": ("UPDATE", "DELETE"),
    "ledger_head": ("UPDATE", "DELETE"),
    "ledger_detail": ("UPDATE",),  # a detail may be erased by law; the erasure is an entry
}
FUNCTION = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
"""


def raise_fence(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute(FUNCTION)
    for table, acts in TABLES.items():
        for act in acts:
            body = (
                "FOR EACH ROW EXECUTE FUNCTION ledger_refuse()"
                if postgresql
                else "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
            name = f"{table}_no_{act.lower()}"
            schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} {body}")
        if postgresql:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
            )


def lower_fence(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table, acts in TABLES.items():
        for act in (*acts, *(("TRUNCATE",) if postgresql else ())):
            place = f" ON {table}" if postgresql else ""
            schema_editor.execute(f"DROP TRIGGER {table}_no_{act.lower()}{place}")
    if postgresql:
        schema_editor.execute("DROP FUNCTION ledger_refuse()")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_log")]
    operations = [migrations.RunPython(raise_fence, lower_fence)]
