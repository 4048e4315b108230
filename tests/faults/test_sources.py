"""A table on its way into the house, cut off again and again: every row is taken once, or taken back once."""

import io

import pytest
from django.db import DatabaseError, connection

from rongdang.base.durable import disk_trouble
from rongdang.capture.sources import running, services, undoing
from rongdang.capture.sources.models import Run
from rongdang.capture.sources.tests.roster import RECIPE, csv
from rongdang.describe.people.models import Person
from rongdang.describe.statements.models import Batch, Statement
from rongdang.describe.statements.services import make_source

from .kills import died

pytestmark = pytest.mark.django_db
ROWS = 2300  # two chunks


@pytest.fixture
def run(house, station, clerk):
    source = make_source(unit=station, name="名册", kind="table", acting_user=clerk)
    recipe = services.save_recipe(source, RECIPE, why="", acting_user=clerk)
    rows = [(f"{n:05}", f"王建国{n % 97}", "", "男", "1938-01-01", "") for n in range(ROWS)]
    delivery = services.deliver(
        source, [("r.csv", io.BytesIO(csv(*rows)))], table="r", acting_user=clerk
    )
    return services.start(delivery, recipe, acting_user=clerk)


def once(run):
    now = Run.objects.get(pk=run.pk)
    assert (now.state, now.counts["new"], now.counts["read"]) == ("done", ROWS, ROWS)
    assert Statement.objects.count() == Person.objects.count() == ROWS
    assert Statement.objects.values("key").distinct().count() == ROWS
    assert sorted(Batch.objects.values_list("first", flat=True)) == [2, 2002]


def test_killed_again_and_again_every_row_is_taken_once_and_taken_back_once(run, clerk, settings):
    kills = 0
    while died(settings.VAR_DIR, 1 + kills, lambda: running.read_on(run.pk)):
        kills += 1
    assert kills >= 3  # its beginning, its chunks, its end
    once(run)
    services.undo(Run.objects.get(pk=run.pk), acting_user=clerk)
    before = kills
    while died(settings.VAR_DIR, kills - before + 1, lambda: undoing.undo_on(run.pk)):
        kills += 1
    assert kills - before >= 2
    assert Run.objects.get(pk=run.pk).state == "undone"
    assert not Statement.objects.holding().exists()
    assert not Person.objects.open().exists()


def test_on_a_full_disk_the_job_waits_and_goes_on(run):
    """The database takes no page more: the run has not failed, it goes on when there is room."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 40}")
    with pytest.raises(DatabaseError) as told:
        running.read_on(run.pk)
    trouble = disk_trouble(told.value)
    assert trouble is not None and trouble.code == "disk-full"
    assert Run.objects.get(pk=run.pk).state == "running"
    assert not Statement.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")
    running.read_on(run.pk)
    once(run)
