import shutil

import pytest

from rongdang.cli.tests.houses import House


@pytest.fixture(scope="session")
def new_house(tmp_path_factory):
    """Keys and an empty database, made once by the command itself."""
    made = House(tmp_path_factory.mktemp("new"))
    code, said = made.rongdang("migrate")
    assert code == 0, said
    return made


@pytest.fixture
def house(tmp_path, new_house):
    """A house of the test's own as it is after `rongdang migrate`."""
    own = House(tmp_path / "house")
    shutil.copytree(new_house.var, own.var)
    return own
