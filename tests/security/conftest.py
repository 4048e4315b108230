"""The people and units of the rooms' own tests, and the scripted engine."""

from rongdang.capture.conftest import engine  # noqa: F401
from rongdang.conftest import *  # noqa: F403
from rongdang.conftest import _own_places  # noqa: F401
