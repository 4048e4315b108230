import uuid

import pytest

from rongdang.base.ids import uuid7
from rongdang.describe.statements.missing import keys_read
from rongdang.describe.statements.recording import Row, record_batch
from rongdang.describe.statements.said import Said
from rongdang.describe.statements.services import make_source
from rongdang.describe.statements.taking_back import take_back

# Numbers of an area that was never issued, with their check digits.
NUMBERS = ("990101193405120014", "990101193607230027", "990101193801010036")


def says(name, number="", **more):
    told = {"姓名": name, **({"公民身份号码": number} if number else {}), **more}
    return {field: Said(value) for field, value in told.items()}


def rows(*said, first=2):
    """(key, sayings) … as rows numbered from `first`."""
    return [Row(at, key, sayings) for at, (key, sayings) in enumerate(said, first)]


@pytest.fixture
def payroll(station, clerk):
    return make_source(unit=station, name="工资表", kind="table", acting_user=clerk)


@pytest.fixture
def read(clerk):
    """Record rows as one run of one batch; (run, what became of them)."""

    def record(source, taken, run=None) -> tuple[uuid.UUID, object]:
        run = run or uuid7()
        span = (taken[0].number, taken[-1].number) if taken else (0, 0)
        told = record_batch(
            source, taken, run=run, span=span, seen=keys_read(run), acting_user=clerk
        )
        return run, told

    return record


@pytest.fixture
def undo(clerk):
    def back(source, run):
        after = None
        while (after := take_back(source, run, after=after, acting_user=clerk)) is not None:
            pass

    return back
