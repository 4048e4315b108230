"""Shares: any two of three give the secret, one tells nothing; against arithmetic of another kind."""

import itertools
import os

import pytest

from rongdang.base.cipher import shamir
from rongdang.base.cipher.errors import KeyringError
from rongdang.base.cipher.shamir import Share


def by_polynomials(a, b):
    """Product of two polynomials over GF(2), then the remainder by x^8+x^4+x^3+x+1: by long division."""
    product = 0
    for bit in range(8):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(15, 7, -1):
        if product >> bit & 1:
            product ^= 0x11B << (bit - 8)
    return product


def test_the_field_agrees_with_long_division_everywhere():
    for a, b in itertools.product(range(256), repeat=2):
        assert shamir.multiply(a, b) == by_polynomials(a, b)
    for b in range(1, 256):
        assert by_polynomials(shamir.divide(7, b), b) == 7
    assert by_polynomials(0x57, 0x83) == 0xC1  # FIPS 197, 4.2


def test_shares_computed_by_hand_join():
    # Secret 0x53 0x00 0xff with slopes 0xca 0x01 0x02, worked out with `by_polynomials`.
    points = {
        x: bytes(s ^ by_polynomials(c, x) for s, c in ((0x53, 0xCA), (0, 1), (0xFF, 2)))
        for x in (1, 2, 3)
    }
    assert (
        points[1].hex() == "9901fd" and points[2].hex() == "dc02fb" and points[3].hex() == "1603f9"
    )
    for one, other in itertools.permutations((1, 2, 3), 2):
        pair = [Share("00000000", 2, x, points[x]) for x in (one, other)]
        assert shamir.join(pair) == bytes.fromhex("5300ff")


def test_each_share_lies_on_a_line_found_by_trying_all_of_them():
    secret = os.urandom(1)
    shares = shamir.split(secret)
    for at, byte in enumerate(secret):
        lines = [
            (s, c)
            for s, c in itertools.product(range(256), repeat=2)
            if all(s ^ by_polynomials(c, share.x) == share.y[at] for share in shares)
        ]
        assert [s for s, _c in lines] == [byte]


@pytest.mark.parametrize("shares,threshold", [(3, 2), (5, 3), (2, 2)])
def test_any_threshold_of_them_is_enough_and_fewer_are_not(shares, threshold):
    secret = os.urandom(32)
    made = shamir.split(secret, shares=shares, threshold=threshold)
    for chosen in itertools.combinations(made, threshold):
        assert shamir.join(chosen) == secret
    with pytest.raises(KeyringError, match="different ones are needed"):
        shamir.join(made[: threshold - 1])
    with pytest.raises(KeyringError, match="different ones"):
        shamir.join([made[0]] * threshold)


def test_one_share_tells_nothing():
    # For every secret there is a line through the one point: so the point rules out none of them.
    share = shamir.split(b"\x2a")[0]
    for secret in range(256):
        slope = shamir.divide(secret ^ share.y[0], share.x)
        assert secret ^ by_polynomials(slope, share.x) == share.y[0]


def test_a_share_survives_paper_and_a_slip_of_the_pen_is_found():
    share = shamir.split(os.urandom(32))[1]
    text = share.to_text()
    assert Share.from_text(f"  {text}\n") == share
    for at in range(0, len(text), 7):
        wrong = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
        with pytest.raises(KeyringError):
            Share.from_text(wrong)
    with pytest.raises(KeyringError):
        Share.from_text("")


def test_shares_of_two_sets_do_not_mix_and_no_split_is_refused():
    one, other = shamir.split(bytes(32)), shamir.split(bytes(32))
    with pytest.raises(KeyringError, match="not of one split"):
        shamir.join([one[0], other[1]])
    with pytest.raises(ValueError, match="no split"):
        shamir.split(b"x", shares=3, threshold=1)
