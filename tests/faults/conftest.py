"""The people of the rooms' own tests, in a house that lies on a disk."""

from rongdang.capture.conftest import engine  # noqa: F401
from rongdang.conftest import *  # noqa: F403
from rongdang.conftest import _own_places  # noqa: F401
from rongdang.keep.backups.tests.conftest import empty_database, house, tmp_path  # noqa: F401
