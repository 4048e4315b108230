"""The scripted engine of intake, for pages of the desk."""

from rongdang.capture.conftest import engine  # noqa: F401  # a fixture
