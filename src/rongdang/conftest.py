"""People and units every test may ask for: Zhou the clerk, Qin the reviewer, and Charlie from elsewhere."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_places(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    settings.OBJECT_ROOT = settings.VAR_DIR / "objects"
    settings.SEALED_ROOT = settings.VAR_DIR / "sealed"
    settings.WATCH_ROOT = settings.VAR_DIR / "inbox"
    settings.VAR_DIR.mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def shared_data():
    """Real scans and public fixtures, when they lie beside the project."""
    import os

    folder = Path(os.environ.get("RONGDANG_SHARED", Path(__file__).parents[3] / "shared" / "data"))
    return folder if folder.is_dir() else None


@pytest.fixture
def city(db):
    from rongdang.base.orgs.services import create_unit

    return create_unit(
        code="9900", name="梧桐市军休中心", parent=None, acting_user=None, fonds="X001"
    )


@pytest.fixture
def station(city):
    from rongdang.base.orgs.services import create_unit

    return create_unit(
        code="990001", name="梧桐里军休所", parent=city, acting_user=None, fonds="X002"
    )


@pytest.fixture
def elsewhere(city):
    from rongdang.base.orgs.services import create_unit

    return create_unit(
        code="990002", name="银杏路军休所", parent=city, acting_user=None, fonds="X003"
    )


@pytest.fixture
def person_in(db):
    """Make an account with one role in one unit."""
    from rongdang.base.accounts.services import assign_role, create_user

    def make(username, role, unit):
        user = create_user(
            username=username, display_name=username, password="correct horse 42", acting_user=None
        )
        assign_role(user=user, role=role, unit=unit, acting_user=None)
        return user

    return make


@pytest.fixture
def reset_password(person_in, city):
    """Set somebody's password as the system officer does: proposed by him, approved by a leader."""
    from rongdang.base.accounts import role_changes
    from rongdang.base.accounts.services import set_password

    def reset(user, password, officer):
        change = role_changes.propose(
            act="password", user=user, unit=city, reason="忘了口令", acting_user=officer
        )
        role_changes.approve(change, acting_user=person_in("approver", "leader", city))
        set_password(user=user, password=password, acting_user=officer)

    return reset


@pytest.fixture
def clerk(person_in, station):
    return person_in("zhou", "clerk", station)


@pytest.fixture
def reviewer(person_in, station):
    return person_in("qin", "reviewer", station)


@pytest.fixture
def stranger(person_in, elsewhere):
    return person_in("charlie", "clerk", elsewhere)
