"""Two digests where the SM suite writes: both kept, both compared, both carried along."""

import io

import pytest

from rongdang.base.cipher.keyring import Keyring
from rongdang.base.errors import DomainError
from rongdang.keep.backups.comparing import opens_at
from rongdang.keep.objects import rewrapping, services
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.queries import verify_objects

pytestmark = pytest.mark.django_db
# GB/T 32905-2016, annex A.1: the digest of "abc".
ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
LONG = b"abc" * 50_000


@pytest.fixture
def aes(settings, tmp_path):
    settings.KEYRING = Keyring(tmp_path / "keys")
    return settings.KEYRING


@pytest.fixture
def sm(aes, settings):
    settings.KEYRING = Keyring(aes.folder, suite=2)
    return settings.KEYRING


def test_the_sm_suite_keeps_sm3_beside_sha256_and_the_other_suite_does_not(aes, settings):
    assert services.put(b"ab").digest_sm3 == ""
    settings.KEYRING = Keyring(aes.folder, suite=2)
    assert services.put(b"abc").digest_sm3 == ABC
    streamed = services.put(io.BytesIO(LONG))
    assert len(streamed.digest_sm3) == 64 and services.put(LONG).pk == streamed.pk
    many = services.put_many([(b"one", ""), (LONG + b"!", "")])
    assert all(one.digest_sm3 for one in many) and list(verify_objects()) == []
    assert [services.read(one) for one in many] == [b"one", LONG + b"!"]


@pytest.mark.parametrize("field", ["digest", "digest_sm3"])
def test_bytes_that_fit_one_digest_only_are_refused_everywhere(sm, settings, field):
    stored = services.put(LONG)
    path = settings.OBJECT_ROOT / services.key_of(stored.pk)
    assert opens_at(stored, path, sm)
    setattr(stored, field, "0" * 64)
    stored.save()
    with pytest.raises(DomainError) as refused:
        services.read(stored)
    assert refused.value.code == "object-damaged"
    assert [one.code for one in verify_objects()] == ["damaged"]
    assert not opens_at(stored, path, sm)


def test_what_comes_to_the_sm_suite_gets_its_digest_and_keeps_it(aes, settings):
    stored = services.put(b"abc")
    settings.KEYRING = Keyring(aes.folder, suite=2)
    early = services.put(LONG)
    StoredObject.objects.filter(pk=early.pk).update(
        digest_sm3=""
    )  # as written before there was one
    assert rewrapping.other_suite() == 2 == rewrapping.reencrypt()
    assert rewrapping.other_suite() == 0 and not StoredObject.objects.filter(digest_sm3="").exists()
    assert StoredObject.objects.get(pk=stored.pk).digest_sm3 == ABC
    settings.KEYRING = aes
    assert rewrapping.reencrypt() == 2
    assert StoredObject.objects.get(pk=stored.pk).digest_sm3 == ABC
    assert list(verify_objects()) == []


def test_bytes_that_fit_no_longer_are_not_carried_over(sm, aes, settings):
    stored = services.put(LONG)
    StoredObject.objects.update(digest_sm3="0" * 64)
    settings.KEYRING = aes
    with pytest.raises(DomainError) as refused:
        rewrapping.reencrypt()
    assert refused.value.code == "damaged"
    assert StoredObject.objects.get(pk=stored.pk).suite == 2
