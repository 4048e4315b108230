"""A file for one piece of work is encrypted on the disk and reads back from any place."""

import io
import os

import pytest

from rongdang.base.cipher.errors import DamagedError
from rongdang.base.cipher.spool import CHUNK, Spool
from rongdang.base.cipher.suites import SM

WORDS = "离休干部荣誉证".encode()


def filled(data, piece, number=1):
    spool = Spool(number)
    for start in range(0, len(data), piece):
        assert spool.write(data[start : start + piece]) == len(data[start : start + piece])
    return spool


@pytest.mark.parametrize("number", [1, SM.number])
@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 777])
def test_what_was_written_in_pieces_reads_back_from_any_place(number, size):
    data = os.urandom(size)
    with filled(data, 50_001, number) as spool:
        assert spool.tell() == size == spool.seek(0, io.SEEK_END)
        for place in (0, size // 2, max(0, size - 3), CHUNK - 1):
            spool.seek(place)
            assert spool.read(CHUNK + 9) == data[place : place + CHUNK + 9]
        spool.seek(0)
        assert spool.readall() == data


def test_the_disk_holds_no_word_of_it():
    with filled(WORDS * 20_000, 4096) as spool:
        file = spool._file
        file.seek(0)
        held = file.read()
        assert len(held) > 2 * CHUNK and WORDS not in held


def test_a_changed_byte_on_the_disk_is_refused():
    with filled(b"a" * 3 * CHUNK, CHUNK) as spool:
        spool._file.seek(CHUNK + 100)
        byte = spool._file.read(1)
        spool._file.seek(CHUNK + 100)
        spool._file.write(bytes([byte[0] ^ 1]))
        spool.seek(CHUNK)
        with pytest.raises(DamagedError):
            spool.read(10)


def test_it_is_written_at_its_end_only():
    with filled(b"abc", 3) as spool:
        spool.seek(1)
        with pytest.raises(io.UnsupportedOperation):
            spool.write(b"x")
        spool.seek(0, io.SEEK_END)
        spool.write(b"d")
        spool.seek(0)
        assert spool.read() == b"abcd"
