"""What follows from rows of a source: people are found by name and number, relatives stay shut."""

import pytest

from rongdang.base.accounts.services import create_user
from rongdang.base.jobs.worker import run_one
from rongdang.capture.sources import services
from rongdang.capture.sources.models import Run
from rongdang.describe.access.models import Avoidance
from rongdang.describe.people.models import Person
from rongdang.describe.statements.services import make_source
from rongdang.provide.search.models import Document

from .roster import HEAD, LIN, RECIPE, ZHAO, stream

pytestmark = pytest.mark.django_db
WITH_WIFE = RECIPE.replace('leave = ["备注"]', "leave = []") + (
    '\n[[take]]\nfield = "配偶"\ncolumns = ["备注"]\n'
)


def work():
    while run_one():
        pass


@pytest.fixture
def run(station, clerk):
    source = make_source(unit=station, name="名册", kind="table", acting_user=clerk)
    recipe = services.save_recipe(source, WITH_WIFE, why="", acting_user=clerk)

    def reading(*rows):
        delivery = services.deliver(
            source, [("r.csv", stream(*rows, head=HEAD))], table="r", acting_user=clerk
        )
        made = services.start(delivery, recipe, acting_user=clerk)
        work()
        return Run.objects.get(pk=made.pk)

    return reading


def found(kind="n"):
    return sorted(Document.objects.filter(kind=kind).values_list("person__name", flat=True))


def test_whom_a_batch_tells_of_is_in_the_index_until_it_is_taken_back(run, clerk):
    made = run(LIN, ZHAO)
    assert made.state == "done"
    assert {"林长河", "赵小兰"} == set(found())
    texts = [one.text.words for one in Document.objects.filter(person__name="林长河")]
    assert any(LIN[2] in text for text in texts)
    services.undo(made, acting_user=clerk)
    work()
    assert found() == []


def test_ones_own_record_and_a_relatives_are_shut(run):
    wife = create_user(
        username="zhao", display_name="赵小兰", password="correct horse 42", acting_user=None
    )
    run((*LIN[:5], "赵小兰1936年"), ZHAO)
    shut = Avoidance.objects.filter(user=wife).values_list("person__name", flat=True)
    assert "林长河" in shut
    assert Person.objects.count() == 2
