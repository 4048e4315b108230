"""Large files are never held: neither by the job that opens them nor by the caged child."""

import io
import os
import signal
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from rongdang.capture.opening import reader
from rongdang.capture.opening.pages import open_pages
from rongdang.capture.opening.reader import read_pages
from rongdang.capture.opening.tests.factories import scanned_pdf
from rongdang.capture.opening.values import End, PageFound, Trouble

PAGES, PAGE_BYTES = 60, 400_000


def noise(number):
    """A JPEG of about `PAGE_BYTES`, all of them different."""
    out = io.BytesIO()
    side = 400
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(out, "JPEG", quality=95)
    return out.getvalue() + bytes(PAGE_BYTES - out.tell()) + bytes([number])


def pdf(jpegs):
    return scanned_pdf(jpegs, pixels=(400, 400), points=(96, 96))


def archive(jpegs):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for number, jpeg in enumerate(jpegs):
            bundle.writestr(f"{number}.jpg", jpeg)
    return out.getvalue()


class Watched(io.BytesIO):
    """Counts the bytes it gave."""

    given = 0

    def read(self, size=-1):
        data = super().read(size)
        self.given += len(data)
        return data


@pytest.fixture(params=[pdf, archive], ids=["pdf", "zip"])
def large(request, tmp_path):
    path = tmp_path / f"large.{request.param.__name__}"
    path.write_bytes(request.param([noise(number) for number in range(PAGES)]))
    return path, {"pdf": "a.pdf", "archive": "a.zip"}[request.param.__name__]


def pages_and_peak(messages):
    """How many pages came, and the most Python memory held meanwhile."""
    tracemalloc.start()
    try:
        found = sum(isinstance(message, PageFound) for message in messages)
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_job_holds_one_page_of_a_large_file_at_a_time(large):
    path, name = large
    with path.open("rb") as file:
        found, peak = pages_and_peak(read_pages(file, name))
    assert found == PAGES
    assert peak < 5 * PAGE_BYTES < path.stat().st_size / 4


def test_the_child_holds_a_few_pages_of_a_large_file(large):
    path, name = large
    with path.open("rb") as file:
        found, peak = pages_and_peak(open_pages(file, name))
    assert found == PAGES
    assert peak < 12 * PAGE_BYTES < path.stat().st_size / 4


def test_the_first_page_comes_before_the_last_is_read(large):
    path, name = large
    source = Watched(path.read_bytes())
    first = next(m for m in read_pages(source, name) if isinstance(m, PageFound))
    assert first.number == 0
    assert source.given < len(source.getvalue()) / 2


JPEG = noise(1)


def opened(data, name="a.jpg", **options):
    return list(read_pages(io.BytesIO(data), name, **options))


def children_of(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_every_file_has_a_child_of_its_own_that_is_gone_when_its_pages_are_there():
    opened(JPEG)
    host = reader._idle[-1]
    messages = read_pages(io.BytesIO(JPEG), "a.jpg")
    next(messages)
    (first,) = children_of(host._process.pid)
    messages.close()
    assert children_of(host._process.pid) == []
    messages = read_pages(io.BytesIO(JPEG), "a.jpg")
    next(messages)
    assert children_of(host._process.pid) != [first]
    messages.close()


def test_two_files_may_be_open_side_by_side():
    one, other = (read_pages(io.BytesIO(JPEG), "a.jpg") for _ in range(2))
    pages = [next(one), next(other), *one, *other]
    assert sum(isinstance(m, PageFound) for m in pages) == 2
    assert sum(isinstance(m, End) for m in pages) == 2


def test_a_host_that_was_killed_is_replaced_and_its_child_ends_with_it():
    opened(JPEG)
    host = reader._idle[-1]
    messages = read_pages(io.BytesIO(JPEG), "a.jpg")
    next(messages)
    (child,) = children_of(host._process.pid)
    os.kill(host._process.pid, signal.SIGKILL)
    list(messages)
    end = time.monotonic() + 30
    while Path(f"/proc/{child}").exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert not Path(f"/proc/{child}").exists()
    assert host not in reader._idle
    assert isinstance(opened(JPEG)[0], PageFound)


def test_a_host_that_died_while_it_waited_is_replaced():
    opened(JPEG)
    host = reader._idle[-1]
    os.kill(host._process.pid, signal.SIGKILL)
    host._process.wait()
    assert not any(isinstance(m, Trouble) for m in opened(JPEG))


def test_a_source_that_breaks_off_is_the_callers_error_not_the_files():
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        list(read_pages(Broken(JPEG), "a.jpg"))
    assert isinstance(opened(JPEG)[0], PageFound)
