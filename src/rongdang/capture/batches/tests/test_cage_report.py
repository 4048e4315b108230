"""A cage that does not hold is an alarm, once; one that holds is none."""

import pytest

from rongdang.base.alarms.models import Alarm
from rongdang.capture.batches.cage import report_cage

pytestmark = pytest.mark.django_db


def test_what_did_not_hold_is_put_before_the_officers_once():
    assert report_cage({"network": True, "read": True}) == [] and not Alarm.objects.exists()
    for _ in range(2):
        assert report_cage({"network": True, "read": False}) == ["read"]
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.times, alarm.detail) == ("sandbox-weak", 2, {"acts": ["read"]})
