"""Heads seen from outside, passes over the log, and rows stored under their own number."""

from importlib import import_module

import django.db.models.deletion
import rongdang.base.ids
import rongdang.base.ledger.models
from django.db import migrations, models


fence = import_module("rongdang.base.ledger.migrations.0002_fence")
TABLES = ("ledger_attestation", "ledger_watchedhead")
ACTS = ("UPDATE", "DELETE")


def raise_fence(apps, schema_editor):
    """The refusal of 0002 for the tables made here."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    body = (
        "EXECUTE FUNCTION ledger_refuse()"
        if postgresql
        else "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    )
    for table in TABLES:
        for act in ACTS:
            each = f"BEFORE {act} ON {table} FOR EACH ROW {body}"
            schema_editor.execute(f"CREATE TRIGGER {table}_no_{act.lower()} {each}")
        if postgresql:
            each = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {body}"
            schema_editor.execute(f"CREATE TRIGGER {table}_no_truncate {each}")


def lower_fence(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table in TABLES:
        for act in (*ACTS, *(("TRUNCATE",) if postgresql else ())):
            place = f" ON {table}" if postgresql else ""
            schema_editor.execute(f"DROP TRIGGER {table}_no_{act.lower()}{place}")


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0002_fence'),
    ]

    operations = [
        # SQLite makes an altered table anew, and its triggers go with the old one.
        migrations.RunPython(fence.lower_fence, fence.raise_fence),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.UUIDField(default=rongdang.base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('asked_by', models.CharField(blank=True, max_length=64)),
                ('asked_at', models.DateTimeField()),
                ('total', models.BigIntegerField(default=0)),
                ('done', models.BigIntegerField(default=0)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('report', models.JSONField(blank=True, null=True)),
            ],
        ),
        migrations.AlterField(
            model_name='entry',
            name='seq',
            field=rongdang.base.ledger.models.RowNumber(primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            model_name='node',
            name='id',
            field=rongdang.base.ledger.models.RowNumber(primary_key=True, serialize=False),
        ),
        migrations.CreateModel(
            name='WatchedHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('log', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('root', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('signed', models.JSONField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('log', 'size', 'root'), name='watched_once')],
            },
        ),
        migrations.CreateModel(
            name='Attestation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('witness', 'Witness'), ('time', 'Time'), ('file', 'File')], max_length=8)),
                ('source', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('suite', models.PositiveSmallIntegerField(default=0)),
                ('key_id', models.CharField(blank=True, max_length=64)),
                ('public_key', models.BinaryField(default=bytes)),
                ('evidence', models.BinaryField()),
                ('head', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attestations', to='ledger.head')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('head', 'kind', 'source'), name='attested_once')],
            },
        ),
        migrations.RunPython(fence.raise_fence, fence.lower_fence),
        migrations.RunPython(raise_fence, lower_fence),
    ]
