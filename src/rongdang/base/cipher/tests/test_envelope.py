"""Envelopes: what is written comes back; every change to it is refused."""

import io
import json
import os
import random
import uuid

import pytest

from rongdang.base.cipher import envelope
from rongdang.base.cipher.errors import DamagedError
from rongdang.base.cipher.keyring import Keyring

CHUNK = 1 << envelope.CHUNK_BITS
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 77)


def sealed(data, key, number=1):
    return envelope.encrypt(data, key, key_id="objects.1.aa", file_id=uuid.uuid4(), number=number)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("size", SIZES)
def test_comes_back_whole_and_from_any_place(size, number):
    data, key = os.urandom(size), envelope.new_key()
    blob = sealed(data, key, number)
    assert envelope.decrypt(blob, key) == data
    reader = envelope.EnvelopeReader(io.BytesIO(blob), key)
    assert reader.header.length == reader.length == size
    places = random.Random(7)
    for _ in range(20):
        start, count = places.randint(0, size + 5), places.randint(0, CHUNK)
        reader.seek(start)
        assert io.BufferedReader(reader).read(count) == data[start : start + count]
        reader = envelope.EnvelopeReader(io.BytesIO(blob), key)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("room", [2, 3, 20])
def test_in_memory_used_again_it_is_the_same_envelope(size, number, room):
    data, key, scratch = os.urandom(size), envelope.new_key(), bytearray(room * CHUNK)
    for _ in range(2):  # what the first left in the memory is in nobody's way
        pieces = envelope.encrypted_in(
            scratch, data, key, key_id="objects.1.aa", file_id=uuid.uuid4(), number=number
        )
        blob = b"".join(map(bytes, pieces))
        reader = envelope.EnvelopeReader(io.BytesIO(blob), key)
        assert b"".join(reader.chunks()) == data == envelope.decrypt(blob, key)
        assert reader.header.length == size and reader.header.suite == number
        assert len(blob) == len(sealed(data, key, number))


def test_a_stream_of_unknown_length_that_gives_little_at_a_time():
    class Trickle(io.RawIOBase):
        left = 2 * CHUNK + 9

        def readable(self):
            return True

        def readinto(self, buffer):
            taken = min(len(buffer), 5000, self.left)
            buffer[:taken] = b"x" * taken
            self.left -= taken
            return taken

    key, counted = envelope.new_key(), []
    parts = envelope.encrypted(
        Trickle(),
        key,
        key_id="k",
        file_id=uuid.uuid4(),
        seen=lambda chunk: counted.append(len(chunk)),
    )
    assert envelope.decrypt(b"".join(parts), key) == b"x" * (2 * CHUNK + 9)
    assert sum(counted) == 2 * CHUNK + 9


def spoil_cases(blob):
    head = envelope.read_header(io.BytesIO(blob))
    start, step = len(head.raw), CHUNK + 16
    first, second, rest = (
        blob[start : start + step],
        blob[start + step : start + 2 * step],
        blob[start + 2 * step :],
    )
    yield "cut at a chunk edge", blob[: start + 2 * step]
    yield "cut at the first chunk edge", blob[: start + step]
    yield "header only", blob[:start]
    yield "last byte gone", blob[:-1]
    yield "swapped chunks", blob[:start] + second + first + rest
    yield "repeated chunk", blob[:start] + first + first + rest
    yield "added chunk", blob + first
    yield "added byte", blob + b"x"
    for at in (*range(0, start, 3), start + 5, len(blob) - 20):
        yield f"bit flipped at {at}", blob[:at] + bytes((blob[at] ^ 0x10,)) + blob[at + 1 :]


@pytest.mark.parametrize("number", [1, 2])
def test_every_change_is_refused(number):
    key = envelope.new_key()
    blob = sealed(os.urandom(2 * CHUNK + 300), key, number)
    for what, spoiled in spoil_cases(blob):
        with pytest.raises(DamagedError):
            envelope.decrypt(spoiled, key)
            pytest.fail(what)


def test_truncation_shows_on_opening_and_not_only_on_reading_the_end():
    key = envelope.new_key()
    # A writer that does not know the length has no length in its header to compare with.
    parts = list(
        envelope.encrypted(io.BytesIO(b"y" * 3 * CHUNK), key, key_id="k", file_id=uuid.uuid4())
    )
    with pytest.raises(DamagedError):
        envelope.EnvelopeReader(io.BytesIO(b"".join(parts[:-1])), key)


def test_another_key_and_a_changed_source_are_refused():
    key = envelope.new_key()
    with pytest.raises(DamagedError, match="key"):
        envelope.decrypt(sealed(b"abc", key), envelope.new_key())
    with pytest.raises(DamagedError, match="length"):
        list(
            envelope.encrypted(io.BytesIO(b"abc"), key, key_id="k", file_id=uuid.uuid4(), length=4)
        )


def test_sealed_blobs_belong_to_their_purpose(tmp_path):
    ring = Keyring(tmp_path)
    blob = envelope.seal(ring, "parts", b"page")
    assert b"page" not in blob
    assert envelope.unseal(Keyring(tmp_path), "parts", blob) == b"page"
    with pytest.raises(DamagedError):
        envelope.unseal(ring, "objects", blob)
    with pytest.raises(DamagedError):
        envelope.unseal(ring, "parts", blob[:-1])
    with pytest.raises(DamagedError):
        envelope.unseal(ring, "parts", b"")


def test_works_without_django():
    import subprocess
    import sys

    code = "import sys, rongdang.base.cipher.envelope; print(json.dumps('django' in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", f"import json; {code}"], capture_output=True, check=True, text=True
    )
    assert json.loads(done.stdout) is False
