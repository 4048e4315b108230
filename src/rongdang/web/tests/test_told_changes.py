"""Changes told outside are events that the house has words for."""

from rongdang.provide.changes.kinds import kinds
from rongdang.web.event_words import EVENTS


def test_every_event_told_has_its_words():
    assert set(kinds()) <= set(EVENTS)
