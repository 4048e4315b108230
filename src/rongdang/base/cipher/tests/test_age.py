"""Our stream of the age format against the library's, both ways; what is not whole is refused."""

import io
import subprocess
import sys

import pyrage
import pytest

from rongdang.base.cipher import age

WORD = "梧桐 Harbour-41"
SIZES = [0, 1, age.CHUNK - 1, age.CHUNK, age.CHUNK + 1, 3 * age.CHUNK]


def sealed(data, piece=10_000, word=WORD):
    chunks = (data[at : at + piece] for at in range(0, len(data), piece))
    return b"".join(age.encrypted(chunks, word, work=4))


def opened(data, word=WORD):
    return b"".join(age.decrypted(io.BytesIO(data), word))


@pytest.mark.parametrize("size", SIZES)
def test_the_library_opens_what_we_write_and_we_what_we_wrote(size):
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    assert pyrage.passphrase.decrypt(sealed(data), WORD) == data
    assert opened(sealed(data)) == data


def test_we_open_what_the_library_writes():
    data = b"page" * 50_000
    assert opened(pyrage.passphrase.encrypt(data, WORD)) == data


def test_two_files_of_the_same_have_nothing_in_common():
    one, two = sealed(b"x" * 1000), sealed(b"x" * 1000)
    assert one[:22] == two[:22] == age.INTRO and one[60:] != two[60:]


def changed(at, by=b"A"):
    def change(data):
        place = at if at >= 0 else len(data) + at
        spoilt = by if data[place : place + 1] != by else b"B"
        return data[:place] + spoilt + data[place + 1 :]

    return change


WHOLE = sealed(b"x" * (2 * age.CHUNK))


@pytest.mark.parametrize(
    "change",
    [
        changed(5),
        changed(40),  # the salt
        changed(70),  # the wrapped key
        changed(150),
        changed(-1),
        changed(len(WHOLE) // 2),
        lambda data: data[:-1],
        lambda data: data[: -age.CHUNK - age.TAG],  # a whole part is missing at the end
        lambda data: data[:100],
        lambda data: data[:22],
        lambda data: b"",
        lambda data: data + b"x",
        lambda data: data.replace(b"scrypt", b"X25519", 1),
        lambda data: data.replace(b" 4\n", b" 40\n", 1),
        lambda data: data.replace(b" 4\n", b" 4000000000\n", 1),
        lambda data: data.replace(b" 4\n", b" -4\n", 1),
    ],
)
def test_what_is_not_as_it_was_written_is_refused(change):
    with pytest.raises(age.AgeError):
        opened(change(WHOLE))


def test_another_word_opens_nothing():
    with pytest.raises(age.AgeError, match="wrong passphrase"):
        opened(WHOLE, "梧桐 Harbour-42")


PEAK = """
import os, resource
from rongdang.base.cipher import age
class Sink:
    size = 0
sent = Sink()
def pieces(count):
    for _ in range(count):
        yield os.urandom(1 << 20)
def run(count):
    for part in age.encrypted(pieces(count), "x", work=4):
        sent.size += len(part)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
small = run(2)
print(run(80) - small)
"""


def test_eighty_megabytes_need_no_more_memory_than_two():
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 10  # MiB
