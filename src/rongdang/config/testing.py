"""Loaded by pytest before the settings: a place of its own for keys, objects and database."""

import atexit
import os
import shutil
import tempfile

if "RONGDANG_TEST_VAR" not in os.environ or os.environ.get("PYTEST_XDIST_WORKER"):
    _folder = tempfile.mkdtemp(prefix="rongdang-test-")
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    os.environ["RONGDANG_TEST_VAR"] = _folder
os.environ["RONGDANG_VAR"] = os.environ["RONGDANG_TEST_VAR"]
for _name in ("RONGDANG_KEYS", "RONGDANG_OBJECTS", "RONGDANG_SEALED", "RONGDANG_WATCH"):
    os.environ.pop(_name, None)
os.environ["RONGDANG_OCR"] = "null"
os.environ["RONGDANG_SECOND_CHECK_PERCENT"] = "0"
