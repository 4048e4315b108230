import re

from django.db import migrations

from rongdang.provide.search.engines import postgres

SCOPE = re.compile(r"u\d{4}(x\d{4})*|c\d{1,2}(x\d)?|y\d{4}")  # unit, class, year
TABLES = ("search_pages", "search_people")


def mask(apps, schema_editor):
    """PostgreSQL: put digests in the place of the words."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        for table in TABLES:
            last = 0
            while True:
                cursor.execute(
                    f"SELECT id, tokens, body FROM {table} WHERE id > %s ORDER BY id LIMIT 1000",
                    [last],
                )
                rows = cursor.fetchall()
                if not rows:
                    break
                last = rows[-1][0]
                changed = []
                for row, held, text in rows:
                    scope = [token for token in held if SCOPE.fullmatch(token)]
                    changed.append((postgres.masked_tokens(text, scope), postgres.masked(text), row))
                cursor.executemany(
                    f"UPDATE {table} SET tokens = %s, body = %s WHERE id = %s", changed
                )


class Migration(migrations.Migration):
    dependencies = [("search", "0004_encrypted")]
    operations = [migrations.RunPython(mask, migrations.RunPython.noop)]
