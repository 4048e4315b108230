"""The sealed form: opened by a reader that knows only the written format, and shut to all others."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.cipher.sealed import ChunkReader, open_sealed, sealed
from rongdang.keep.packages.ocfl.inventory import VersionNote
from rongdang.keep.packages.sealed import Contents, Member, SealedStore

NOTE = VersionNote(datetime(2026, 11, 24, tzinfo=UTC), "m", "Rongdang", "urn:uuid:1")
OBJECT = "urn:uuid:2"


def member(name, data):
    return Member(name, hashlib.sha256(data).hexdigest(), lambda: data)


def contents(*members):
    return Contents(OBJECT, {"items": [m.digest for m in members]}, "目录\n", tuple(members))


@pytest.fixture
def store(tmp_path):
    return SealedStore(tmp_path / "sealed", Keyring(tmp_path / "keys"))


def put(store, *members):
    store.stage(contents(*members), NOTE).install()


def derive(material, info, size=32):
    return HKDF(hashes.SHA256(), size, None, info).derive(material)


def open_by_the_book(blob, keys):
    """docs/decisions/0004, nothing else: root.key and ring.json, then the volume."""
    root = bytes.fromhex((keys / "root.key").read_text().split("\n")[1])
    ring = {row["id"]: row for row in json.loads((keys / "ring.json").read_text())["keys"]}
    assert blob[:4] == b"RDS1"
    wrapped_end = 6 + int.from_bytes(blob[4:6], "big")
    wrapped, body = blob[6:wrapped_end], blob[wrapped_end:]
    assert body[:4] == b"RDE1"
    file_id, prefix, name_end = body[6:22], body[30:37], 38 + body[37]
    header, key_id = body[: name_end + 32], body[38:name_end].decode()
    row = ring[key_id]
    held = bytes.fromhex(row["wrapped"])
    bound = f"rongdang ring {row['id']} {row['purpose']} {row['version']}".encode()
    material = AESGCM(derive(root, b"rongdang ring")).decrypt(held[:12], held[12:], bound)
    bound = f"rongdang wrap {wrapped[0]} {key_id} ".encode() + file_id
    key = AESGCM(derive(material, b"rongdang wrap")).decrypt(wrapped[1:13], wrapped[13:], bound)
    cipher, chunks = AESGCM(derive(key, b"rongdang content " + file_id)), body[len(header) :]
    size = (1 << body[5]) + 16
    count = -(-len(chunks) // size)
    return b"".join(
        cipher.decrypt(
            prefix + n.to_bytes(4, "big") + bytes((n == count - 1,)),
            chunks[n * size : (n + 1) * size],
            header,
        )
        for n in range(count)
    )


def test_an_independent_reader_opens_a_volume_by_the_written_format(store, tmp_path):
    pages = [member(f"原始图像/1-1-000{n}.jpg", bytes([n]) * 70_000) for n in range(3)]
    put(store, *pages)
    blob = store.root.open(OBJECT, "volume-1.zip.rde").read()

    archive = zipfile.ZipFile(io.BytesIO(open_by_the_book(blob, tmp_path / "keys")))
    assert archive.testzip() is None
    assert archive.namelist() == ["目录.json", "目录.txt", *(page.name for page in pages)]
    for page in pages:
        assert hashlib.sha256(archive.read(page.name)).hexdigest() == page.digest
    places = json.loads(archive.read("目录.json"))["places"]
    assert places == {page.digest: ["volume-1.zip.rde", page.name] for page in pages}


def test_later_versions_point_into_earlier_volumes(store):
    one, two, three = (member(f"{n}.jpg", n.encode() * 9) for n in "abc")
    put(store, one)
    put(store, one, two)
    put(store, two, three)
    assert store.places(OBJECT) == {
        two.digest: ("volume-2.zip.rde", "b.jpg"),
        three.digest: ("volume-3.zip.rde", "c.jpg"),
    }
    assert store.read(OBJECT, two.digest) == b"b" * 9
    assert sorted(store.inventory(OBJECT).state()) == [
        "volume-2.zip.rde",
        "volume-3.zip.rde",
        "说明.txt",
    ]
    assert store.catalogue(OBJECT, "v1")["items"] == [one.digest]


def test_every_seal_has_a_key_and_a_nonce_of_its_own(store):
    first, second = (
        b"".join(sealed(store.keyring, "sealed", io.BytesIO(b"same"))) for _ in range(2)
    )
    assert first[80:] != second[80:]


@pytest.mark.parametrize("at", [0, 5, 30, 120, 200, 66_000, -1])
def test_a_changed_byte_is_never_read(store, at):
    blob = bytearray(b"".join(sealed(store.keyring, "sealed", io.BytesIO(b"x" * 140_000))))
    blob[at] ^= 1
    with pytest.raises((DamagedError, KeyringError)):
        open_sealed(store.keyring, "sealed", io.BytesIO(bytes(blob))).readall()


@pytest.mark.parametrize("left", [0, 3, 6, 40, 300, 65_900, 100_000])
def test_a_cut_volume_is_never_read(store, left):
    blob = b"".join(sealed(store.keyring, "sealed", io.BytesIO(b"x" * 140_000)))
    with pytest.raises((DamagedError, KeyringError)):
        open_sealed(store.keyring, "sealed", io.BytesIO(blob[:left])).readall()


def test_another_purpose_or_another_ring_does_not_open_it(store, tmp_path):
    blob = b"".join(sealed(store.keyring, "objects", io.BytesIO(b"x")))
    with pytest.raises(DamagedError):
        open_sealed(store.keyring, "sealed", io.BytesIO(blob))
    with pytest.raises(KeyringError):
        open_sealed(Keyring(tmp_path / "other"), "objects", io.BytesIO(blob))


def test_a_rotated_ring_still_opens_what_is_old(store):
    put(store, member("a", b"old"))
    store.keyring.rotate("sealed")
    put(store, member("a", b"old"), member("b", b"new"))
    assert store.read(OBJECT, hashlib.sha256(b"old").hexdigest()) == b"old"


def test_chunks_of_any_size_are_read_as_one_file():
    chunks = [b"a", b"", b"bcd" * 5000, b"e"]
    assert io.BufferedReader(ChunkReader(chunks)).read() == b"".join(chunks)
    assert (
        b"".join(iter(lambda: reader.read(7), b"")) == b"".join(chunks)
        if (reader := ChunkReader(chunks))
        else None
    )


def test_memory_holds_one_page_at_a_time(store):
    alive, most = 0, 0

    class Held(bytes):
        def __new__(cls, *arguments):
            nonlocal alive, most
            alive += 1
            most = max(most, alive)
            return super().__new__(cls, *arguments)

        def __del__(self):
            nonlocal alive
            alive -= 1

    members = []
    for n in range(20):
        data = bytes([n]) * 50_000
        members.append(
            Member(
                f"{n}.jpg", hashlib.sha256(data).hexdigest(), lambda d=n: Held(bytes([d]) * 50_000)
            )
        )
    put(store, *members)
    assert most <= 2
