"""Reed–Solomon with two check blocks over GF(256): any two of a group's files can be made again.

P is the sum of all members, Q the sum of member i times 2^i (polynomial 0x11d): the code of RAID 6
(H. P. Anvin, "The mathematics of RAID-6"). Members of unequal length count as if filled with zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.uint8]
PIECE = 1 << 18  # bytes of each member at a time: all of a group stay in the processor's cache
MOST = 255  # members a group can have


def _tables() -> tuple[list[int], list[int]]:
    power, log, value = [0] * 255, [0] * 256, 1
    for exponent in range(255):
        power[exponent], log[value] = value, exponent
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return power, log


POWER, LOG = _tables()
_LOW, _HIGH, _POLYNOMIAL = (np.uint64(n) for n in (0xFEFEFEFEFEFEFEFE, 0x0101010101010101, 0x1D))


def encode(
    members: Sequence[BinaryIO], block: int, write: Callable[[bytes, bytes], object]
) -> None:
    """Hand over P and Q piece by piece; each is `block` bytes long, a multiple of 8."""
    for length in _pieces(block):
        p, q = np.zeros(length, np.uint8), np.zeros(length, np.uint8)
        for member in reversed(members):
            data = _read(member, length)
            p ^= data
            q = _doubled(q) ^ data
        write(p.tobytes(), q.tobytes())


def rebuild(
    whole: Mapping[int, BinaryIO],
    lost: Sequence[int],
    block: int,
    p: BinaryIO | None,
    q: BinaryIO | None,
) -> Iterator[tuple[bytes, ...]]:
    """Pieces of the lost members, in their order, from the whole ones and what is left of P and Q.

    Raises ValueError when more is lost than there are check blocks.
    """
    if len(lost) > (p is not None) + (q is not None):
        raise ValueError("too much is lost")
    for length in _pieces(block):
        p_sum = np.zeros(length, np.uint8) if p is None else _read(p, length)
        q_sum = np.zeros(length, np.uint8) if q is None else _read(q, length)
        for place, member in whole.items():
            data = _read(member, length)
            p_sum ^= data
            q_sum ^= _times(data, POWER[place])
        yield tuple(piece.tobytes() for piece in _solve(lost, p_sum, q_sum, by_p=p is not None))


def _solve(lost: Sequence[int], p_sum: Block, q_sum: Block, *, by_p: bool) -> tuple[Block, ...]:
    if len(lost) == 1:
        return (p_sum if by_p else _times(q_sum, _inverse(POWER[lost[0]])),)
    x, y = POWER[lost[0]], POWER[lost[1]]
    first = _times(_times(p_sum, y) ^ q_sum, _inverse(x ^ y))
    return first, p_sum ^ first


def _pieces(block: int) -> Iterator[int]:
    for start in range(0, block, PIECE):
        yield min(PIECE, block - start)


def _read(file: BinaryIO, length: int) -> Block:
    data = np.zeros(length, np.uint8)
    held = file.read(length)
    data[: len(held)] = np.frombuffer(held, np.uint8)
    return data


def _doubled(data: Block) -> Block:
    """Times 2, eight bytes at once."""
    words = data.view(np.uint64)
    carry = words >> np.uint64(7) & _HIGH
    doubled: Block = (words << np.uint64(1) & _LOW ^ carry * _POLYNOMIAL).view(np.uint8)
    return doubled


def _times(data: Block, factor: int) -> Block:
    table = np.zeros(256, np.uint8)
    if factor:
        table[1:] = [POWER[(LOG[value] + LOG[factor]) % 255] for value in range(1, 256)]
    return table[data]


def _inverse(value: int) -> int:
    return POWER[-LOG[value] % 255]
