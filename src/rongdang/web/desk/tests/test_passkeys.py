"""Passkeys from end to end: a key made in software answers as a browser's would, honestly and not."""

import json
import os
import struct
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse
from fido2 import cbor
from fido2.utils import websafe_encode

from rongdang.base.accounts import factors
from rongdang.base.accounts.models import User
from rongdang.base.ledger.models import Entry
from rongdang.web.desk.tests.world import proved

pytestmark = pytest.mark.django_db
HERE, PRESENT, VERIFIED, ATTESTED = "http://localhost", 1, 4, 64


class Key:
    """A WebAuthn authenticator (level 2, 6): one credential, attestation "none"."""

    def __init__(self, house="localhost"):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.name, self.house = os.urandom(32), house

    def registers(self, challenge, origin=HERE):
        point = self.private.public_key().public_numbers()
        places = {-2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        credential = bytes(16) + struct.pack(">H", 32) + self.name
        credential += cbor.encode({1: 2, 3: -7, -1: 1, **places})
        data = self._data(PRESENT | VERIFIED | ATTESTED) + credential
        told = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", challenge, origin)
        return self._answer(clientDataJSON=said, attestationObject=told)

    def signs(self, challenge, origin=HERE):
        data, said = self._data(PRESENT | VERIFIED), self._said("webauthn.get", challenge, origin)
        signature = self.private.sign(data + sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=said, authenticatorData=data, signature=signature)

    def _data(self, flags):
        return sha256(self.house.encode()).digest() + struct.pack(">BI", flags, 0)

    def _said(self, kind, challenge, origin):
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()

    def _answer(self, **response):
        name = websafe_encode(self.name)
        coded = {key: websafe_encode(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": coded})


def browser():
    return Client(headers={"host": "localhost"})


def challenge_of(client):
    return client.session["mfa.webauthn.state"]["challenge"]


def add(user, key, **how):
    """At the page of one's own factors; answers its status."""
    client = browser()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    proved(client)
    client.get(reverse("factors"))
    credential = key.registers(challenge_of(client), **how)
    told = {"what": "passkey", "name": "钥匙", "credential": credential}
    return client.post(reverse("factors"), told).status_code


def half_way(username):
    """A login that waits for the second proof."""
    client = browser()
    body = {"username": username, "password": "correct horse 42"}
    assert client.post(reverse("login"), body).headers["Location"] == reverse("login-code")
    client.get(reverse("login-code"))
    return client


def comes_in(client, credential):
    client.post(reverse("login-code"), {"credential": credential})
    return client.get(reverse("home")).status_code == 200


@pytest.fixture
def key(clerk):
    made = Key()
    assert add(clerk, made) == 302
    return made


def test_a_passkey_is_added_and_opens_the_door_with_the_password(clerk, key):
    assert factors.has_one(User.objects.get(pk=clerk.pk))
    client = half_way(clerk.username)
    assert comes_in(client, key.signs(challenge_of(client)))
    opened = Entry.objects.filter(event="session:open").last()
    assert b"passkey" in bytes(opened.side.body)


def test_an_answer_counts_once_and_only_in_the_login_it_was_asked_in(clerk, key):
    client, other = half_way(clerk.username), half_way(clerk.username)
    answer = key.signs(challenge_of(client))
    assert not comes_in(other, answer)
    assert comes_in(client, answer)
    assert not comes_in(half_way(clerk.username), answer)


@pytest.mark.parametrize("what", ["another key", "another site", "another house", "changed"])
def test_what_does_not_fit_opens_nothing_and_counts(clerk, key, what):
    client = half_way(clerk.username)
    asked = challenge_of(client)
    stranger = Key()
    stranger.name = key.name
    key.house = "elsewhere.example" if what == "another house" else key.house
    answer = {
        "another key": lambda: stranger.signs(asked),
        "another site": lambda: key.signs(asked, origin="https://elsewhere.example"),
        "another house": lambda: key.signs(asked),
        "changed": lambda: key.signs(asked[:-2] + "AA"),
    }[what]()
    assert not comes_in(client, answer)
    assert Entry.objects.filter(event="session:refuse", subject_id=str(clerk.pk)).count() == 1


def test_a_colleague_s_passkey_opens_only_his_own_account(clerk, reviewer, key):
    hers = Key()
    assert add(reviewer, hers) == 302
    client = half_way(clerk.username)
    assert not comes_in(client, hers.signs(challenge_of(client)))


def test_a_key_made_for_another_site_or_another_asking_is_not_added(clerk):
    assert add(clerk, Key(), origin="https://elsewhere.example") == 422
    assert add(clerk, Key("elsewhere.example")) == 422
    assert not factors.has_one(clerk)
