"""What a disk makes fail, told in words and apart from our own faults."""

import errno
import json
import os

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from rongdang.base.durable import disk_trouble
from rongdang.web import middleware


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OperationalError("database or disk is full"), "disk-full"),
        (OperationalError("could not extend file: No space left on device"), "disk-full"),
        (OperationalError("attempt to write a readonly database"), "read-only"),
        (OperationalError("cannot execute INSERT in a read-only transaction"), "read-only"),
        (OperationalError("disk I/O error"), "storage"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "disk-full"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "read-only"),
        (OperationalError("database is locked"), None),
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)), None),
        (ValueError("a read-only transaction"), None),
    ],
)
def test_what_a_disk_makes_fail_is_told_apart_from_other_failures(error, code):
    trouble = disk_trouble(error)
    assert (trouble and trouble.code) == code
    assert trouble is None or (trouble.status == 507 and trouble.hint_zh and trouble.hint_en)


def test_to_programs_it_is_told_as_every_other_refusal():
    held = middleware.DomainErrors(lambda _request: None)
    answer = held.process_exception(
        RequestFactory().get("/api/v1/people"), OperationalError("database or disk is full")
    )
    assert answer.status_code == 507 and answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["code"] == "disk-full"
