"""Relatives named by facts that were confirmed before anybody looked for them.

The job queue does the work: it goes on where it was cut off, and finding twice is finding once.
"""

from itertools import islice

from django.conf import settings
from django.db import migrations

CHUNK = 1000
KIN_FIELDS = ("配偶", "家庭成员")
TASKS = "rongdang.describe.access.tasks"


def look_for_kin(apps, _editor):
    """One job for each file that names relatives, and one for each account that may be one."""
    job = apps.get_model("jobs", "Job")
    facts = apps.get_model("people", "Fact").objects.filter(field__in=KIN_FIELDS, state="confirmed")
    known = apps.get_model("access", "NamedKin").objects.values("fact_id")
    people = facts.exclude(pk__in=known).order_by().values_list("person_id", flat=True).distinct()
    users = apps.get_model("accounts", "User").objects.filter(is_active=True)
    for name, ids in (("find_relatives", people), ("find_own_files", users.values_list("pk", flat=True))):
        waiting = ids.iterator(CHUNK)
        while chunk := list(islice(waiting, CHUNK)):
            job.objects.bulk_create(
                job(path=f"{TASKS}.{name}", arguments={"args": [str(one)], "kwargs": {}})
                for one in chunk
            )


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("jobs", "0001_initial"),
        ("people", "0003_encrypted"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(look_for_kin, migrations.RunPython.noop)]
