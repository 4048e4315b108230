"""Reed–Solomon over GF(256): whatever two are lost, the bytes come back."""

import io
import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongdang.keep.backups import parity


def blocks(members, block):
    p, q = io.BytesIO(), io.BytesIO()
    parity.encode([io.BytesIO(m) for m in members], block, lambda a, b: (p.write(a), q.write(b)))
    return p.getvalue(), q.getvalue()


def slow_times(a, b):
    """The field from its definition: polynomials modulo x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    for bit in range(8):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(14, 7, -1):
        if product >> bit & 1:
            product ^= 0x11D << bit - 8
    return product


def test_the_field_is_the_field():
    every = parity.np.arange(256, dtype=parity.np.uint8)
    for b in range(256):
        assert parity._times(every, b).tolist() == [slow_times(a, b) for a in range(256)]
    assert all(slow_times(a, parity._inverse(a)) == 1 for a in range(1, 256))


def test_the_blocks_are_the_sums_of_the_definition():
    members = [bytes([n * 37 % 256, n, 255 - n]) for n in range(20)]
    p, q = blocks(members, 8)
    for place in range(3):
        want_p = want_q = 0
        for number, member in enumerate(members):
            weight = 1
            for _ in range(number):
                weight = slow_times(weight, 2)
            want_p ^= member[place]
            want_q ^= slow_times(member[place], weight)
        assert (p[place], q[place]) == (want_p, want_q)
    assert p[3:] == q[3:] == bytes(5)


def back(members, block, lost, p, q):
    whole = {n: io.BytesIO(m) for n, m in enumerate(members) if n not in lost}
    made = [bytearray() for _ in lost]
    for pieces in parity.rebuild(
        whole,
        lost,
        block,
        None if p is None else io.BytesIO(p),
        None if q is None else io.BytesIO(q),
    ):
        for one, piece in zip(made, pieces, strict=True):
            one += piece
    return [bytes(one[: len(members[n])]) for one, n in zip(made, lost, strict=True)]


def test_every_pair_of_twenty_comes_back():
    rng = random.Random(3)
    members = [rng.randbytes(rng.randrange(1, 2000)) for _ in range(20)]
    p, q = blocks(members, 2000)
    for pair in itertools.combinations(range(20), 2):
        assert back(members, 2000, list(pair), p, q) == [members[n] for n in pair]


def test_members_longer_than_is_read_at_a_time_come_back():
    rng, block = random.Random(4), 2 * parity.PIECE + 64
    members = [rng.randbytes(size) for size in (block, 3, parity.PIECE, parity.PIECE + 1)]
    p, q = blocks(members, block)
    assert len(p) == len(q) == block
    for pair in itertools.combinations(range(4), 2):
        assert back(members, block, list(pair), p, q) == [members[n] for n in pair]


@settings(max_examples=60, deadline=None)
@given(
    members=st.lists(st.binary(min_size=0, max_size=300), min_size=2, max_size=24),
    data=st.data(),
)
def test_one_lost_member_comes_back_from_either_block(members, data):
    block = -(-max(map(len, members)) // 8) * 8
    lost = data.draw(st.integers(0, len(members) - 1))
    p, q = blocks(members, block)
    for left in ((p, None), (None, q), (p, q)):
        assert back(members, block, [lost], *left) == [members[lost]]


def test_more_lost_than_there_are_blocks_is_refused():
    with pytest.raises(ValueError):
        back([b"a", b"b", b"c"], 8, [0, 1], b"12345678", None)
