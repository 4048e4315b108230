"""N27: an exchanged or cut object; N30: a missing key ring, a wrong key. Nothing is opened by halves."""

import os

import pytest

from rongdang.base.cipher.errors import KeyringError
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.errors import DomainError
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.queries import verify_objects

pytestmark = pytest.mark.django_db
CHUNK = 65536 + 16


@pytest.fixture
def two(settings, tmp_path):
    settings.KEYRING = Keyring(tmp_path / "keys")
    return [objects.put(os.urandom(3 * 65536 + n)) for n in range(2)]


def file_of(stored, settings):
    return settings.OBJECT_ROOT / objects.key_of(stored.pk)


@pytest.mark.parametrize("attack", ["exchanged", "row too", "cut", "chunks swapped", "other chunk"])
def test_n27_another_valid_object_a_cut_and_swapped_chunks_are_refused(two, settings, attack):
    one, other = two
    first, second = (file_of(stored, settings) for stored in two)
    data, others = first.read_bytes(), second.read_bytes()
    head = len(data) - 3 * CHUNK - 16
    changed = {
        "exchanged": others,
        "row too": others,
        "cut": data[: head + 2 * CHUNK],
        "chunks swapped": data[:head]
        + data[head + CHUNK : head + 2 * CHUNK]
        + data[head : head + CHUNK]
        + data[head + 2 * CHUNK :],
        "other chunk": data[:head] + others[head : head + CHUNK] + data[head + CHUNK :],
    }[attack]
    first.write_bytes(changed)
    if attack == "row too":  # with the other's wrapped key, as who owns the database might
        StoredObject.objects.filter(pk=one.pk).update(wrapped_key=bytes(other.wrapped_key))
    with pytest.raises(DomainError) as refused:
        objects.read(StoredObject.objects.get(pk=one.pk))
    assert refused.value.status == 500 and refused.value.hint_zh
    assert [finding.name for finding in verify_objects()] == [objects.key_of(one.pk)]


@pytest.mark.parametrize("lost", ["ring.json", "root.key", "both"])
def test_n30_without_the_ring_nothing_opens_and_nothing_is_made_over_the_loss(
    two, settings, tmp_path, lost
):
    keys = tmp_path / "keys"
    for name in ("ring.json", "root.key") if lost == "both" else (lost,):
        (keys / name).unlink()
    settings.KEYRING = Keyring(keys)
    with pytest.raises(KeyringError) as refused:
        objects.read(StoredObject.objects.get(pk=two[0].pk))
    assert refused.value.hint_zh and refused.value.hint_en
    if lost != "both":
        assert not (keys / lost).exists()
        with pytest.raises(KeyringError):
            objects.put(b"nothing is written without keys")
    assert StoredObject.objects.count() == 2


def test_n30_another_houses_ring_opens_nothing(two, settings, tmp_path):
    settings.KEYRING = Keyring(tmp_path / "elsewhere")
    objects.put(b"a ring of its own")
    for stored in two:
        with pytest.raises(KeyringError, match="holds no key"):
            objects.read(StoredObject.objects.get(pk=stored.pk))
