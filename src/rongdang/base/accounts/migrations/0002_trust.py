"""Two people for a change of roles, the seal on roles, and a fence in the database: three officers apart.

The fence counts by person: two accounts of one ID number are one person. It stands on every path that
ends in a row: page, command, import, fixture, SQL. A later migration that makes SQLite copy one of
the two tables must raise it again.
"""

import django.db.models.deletion
import rongdang.base.ids
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from rongdang.base.accounts import seals

OFFICERS = "('system', 'security', 'audit')"
LOCK = 0x524F4C45  # two transactions must not each give the half of what the fence refuses
SAME = "(a.id = b.id OR (a.person <> '' AND a.person = b.person))"
# A second role of NEW's person, where one of the two is an officer's.
ROLE_CLASHES = f"""
EXISTS (SELECT 1 FROM accounts_roleassignment held
  JOIN accounts_user a ON a.id = held.user_id JOIN accounts_user b ON b.id = NEW.user_id
  WHERE held.id <> NEW.id AND {SAME} AND (held.role IN {OFFICERS} OR NEW.role IN {OFFICERS}))
"""
# An account said to be of a person whose roles, with its own, are more than one and an officer's.
PERSON_CLASHES = f"""
NEW.person <> '' AND EXISTS (SELECT 1 FROM accounts_roleassignment mine, accounts_roleassignment held
  JOIN accounts_user a ON a.id = held.user_id
  WHERE mine.user_id = NEW.id AND a.id <> NEW.id AND a.person = NEW.person
    AND (held.role IN {OFFICERS} OR mine.role IN {OFFICERS}))
"""
FENCES = (
    ("officers_apart_given", "INSERT", "accounts_roleassignment", ROLE_CLASHES),
    ("officers_apart_changed", "UPDATE", "accounts_roleassignment", ROLE_CLASHES),
    ("officers_apart_person", "UPDATE OF person", "accounts_user", PERSON_CLASHES),
)
SAID = "the three officers are three people and hold no other role"


def raise_fence(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for name, act, table, clashes in FENCES:
        if postgresql:
            schema_editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"PERFORM pg_advisory_xact_lock({LOCK}); "
                f"IF {clashes} THEN RAISE EXCEPTION '{SAID}' USING ERRCODE = '23514'; END IF; "
                f"RETURN NEW; END $$"
            )
            body = f"EXECUTE FUNCTION {name}()"
        else:
            body = f"WHEN {clashes} BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
        schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW {body}")


def lower_fence(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for name, _act, table, _clashes in FENCES:
        place = f" ON {table}" if postgresql else ""
        schema_editor.execute(f"DROP TRIGGER {name}{place}")
        if postgresql:
            schema_editor.execute(f"DROP FUNCTION {name}()")


def seal_what_is_held(apps, schema_editor):
    """Roles given until now are taken as they stand; from here on each change seals anew."""
    entries = apps.get_model("ledger", "Entry").objects
    for user in apps.get_model("accounts", "User").objects.all():
        told = entries.filter(
            subject_kind="accounts.user",
            subject_id=str(user.pk),
            event__in=("role:assign", "role:withdraw"),
        )
        rows = list(user.roles.values_list("role", "unit_id"))
        user.roles_serial = told.count()
        user.roles_seal = seals.seal(user, rows) if rows or user.roles_serial else ""
        user.password_at = timezone.now()
        user.save()


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('ledger', '0002_fence'),
        ('orgs', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='epoch',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='user',
            name='password_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='person',
            field=models.CharField(blank=True, db_index=True, max_length=64),
        ),
        migrations.AddField(
            model_name='user',
            name='roles_seal',
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name='user',
            name='roles_serial',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name='FormerPassword',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128)),
                ('at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Refusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64)),
                ('address', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['name', 'at'], name='refusal_name'), models.Index(fields=['address', 'at'], name='refusal_address')],
            },
        ),
        migrations.CreateModel(
            name='RoleChange',
            fields=[
                ('id', models.UUIDField(default=rongdang.base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('act', models.CharField(choices=[('assign', '分配岗位'), ('withdraw', '收回岗位'), ('reset', '重设第二验证')], max_length=8)),
                ('role', models.CharField(blank=True, choices=[('clerk', 'clerk'), ('reviewer', 'reviewer'), ('leader', 'leader'), ('system', 'system'), ('security', 'security'), ('audit', 'audit')], max_length=16)),
                ('reason', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('open', '等另一位同志批准'), ('approved', '已批准'), ('refused', '没有同意'), ('taken-back', '提出人撤回')], default='open', max_length=10)),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.unit')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-proposed_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('act', 'user', 'role', 'unit'), name='role_change_waits_once'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'taken-back']), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='role_change_takes_two'), models.CheckConstraint(condition=models.Q(models.Q(('user', models.F('proposed_by')), _negated=True), models.Q(('decided_by', None), models.Q(('user', models.F('decided_by')), _negated=True), _connector='OR')), name='role_change_of_another')],
            },
        ),
        migrations.RunPython(seal_what_is_held, migrations.RunPython.noop),
        migrations.RunPython(raise_fence, lower_fence),
    ]
