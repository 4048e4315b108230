"""People of one unit with something of every kind to mend."""

import pytest

from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.linkage.models import Pair
from rongdang.describe.people.projecting import project
from rongdang.describe.people.services import FactValue, confirm_facts, create_person


@pytest.fixture
def people(station, clerk):
    """Four of the station: one whose two dates of birth do not agree, two that may be one."""
    made = [create_person(unit=station, name=f"林长{n}", acting_user=clerk) for n in "河江海湖"]
    open_case_file(made[0], acting_user=clerk)
    project(made[0], None)
    for born in ("1938-04", "1941"):
        confirm_facts(made[1], [FactValue("出生日期", born)], acting_user=clerk)
    first, second = sorted((made[2].pk, made[3].pk))
    Pair.objects.create(first_id=first, second_id=second, scope=station.path, probability=0.9)
    return made
