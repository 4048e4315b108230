"""The key ring: one root → keys by purpose and version → a key for each object.

The root wraps the keys in `ring.json`; those wrap the objects' keys. Rotating a purpose adds a
version: new things use it, old ones stay readable. The ring is written before its root, so a root
without a ring, or a filled ring without its root, is a loss and never a first run.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rongdang.base.cipher import ring_file
from rongdang.base.cipher.errors import KeyringError, damaged
from rongdang.base.cipher.ring_file import RingKey
from rongdang.base.cipher.roots import FILE, ROOT_HEAD, Record, Root, RootAccess, SecretRoot
from rongdang.base.cipher.suites import AES, NONCE_SIZE, Aead, Signer, suite

__all__ = ["ROOT_HEAD", "Keyring", "RingKey"]

OBJECTS, DATABASE, BLIND_INDEX, LEDGER = "objects", "database", "blind-index", "ledger"
COLUMNS, SEALED, LEDGER_DETAILS = "columns", "sealed", "ledger-details"
LOOK_SECONDS = 1.0  # so long a process may still write with a key that another one replaced
REPLACEABLE = (OBJECTS, COLUMNS)  # all that an earlier key holds can be put under a later one


class Keyring:
    """Keys in a folder; opened at first use, safe between threads and processes.

    `suite` is the number of the suite that writes; both are read whatever it is.
    """

    def __init__(
        self, folder: Path, *, suite: int = AES.number, access: RootAccess | None = None
    ) -> None:
        self.folder, self.suite = folder, suite
        self.access = access or RootAccess(folder=folder)
        self._keys: dict[str, RingKey] = {}
        self._active: dict[str, RingKey] = {}
        self._seen: tuple[int, ...] = ()  # of the ring's file when it was last read
        self._look_again = 0.0
        self._ciphers: dict[tuple[str, int, bytes], Aead] = {}
        self._signers: dict[tuple[str, int], Signer] = {}
        self._guard = threading.RLock()

    def active(self, purpose: str) -> RingKey:
        """The newest key of a purpose; made on first use."""
        with self._guard:
            now = time.monotonic()
            if now >= self._look_again:
                self._look_again = now + LOOK_SECONDS
                if self._stamp() != self._seen:  # another process rotated
                    self._read()
            if purpose not in self._active:
                self._active[purpose] = self._newest(purpose) or self._add(purpose, versions=0)
            return self._active[purpose]

    def key(self, key_id: str) -> RingKey:
        """The key of that name; raises KeyringError if this ring does not hold it."""
        with self._guard:
            if key_id not in self._keys:
                self._read()
            if key_id in self._keys:
                return self._keys[key_id]
        raise KeyringError(
            f"密钥环里没有密钥“{key_id}”，用它加密的内容现在打不开，但没有丢。",
            f"The key ring holds no key “{key_id}”; what it encrypts cannot be opened, yet is there.",
            hint_zh="请安全保密员把原来的密钥文件放回密钥目录。",
            hint_en="Ask the security officer to put the original key files back.",
            code="no-such-key",
        )

    def held(self) -> list[RingKey]:
        """All of them as the file holds them now, by purpose and version."""
        with self._guard:
            self._read()
            return sorted(self._keys.values(), key=lambda key: (key.purpose, key.version))

    def rotate(self, purpose: str) -> RingKey:
        """Start a new version of a purpose; earlier ones only decrypt from now on."""
        with self._guard:
            return self._add(purpose, versions=self.active(purpose).version)

    def secret(self, purpose: str) -> bytes:
        """32 bytes that stay the same for the life of the ring, even when keys rotate."""
        self.active(purpose)
        return min(
            (key for key in self._keys.values() if key.purpose == purpose),
            key=lambda key: key.version,
        ).material

    def secret_text(self, purpose: str) -> str:
        """The same in 64 hex digits."""
        return self.secret(purpose).hex()

    def signer(self, purpose: str = LEDGER) -> Signer:
        """Signs with the suite that writes."""
        return self._signer(self.active(purpose), self.suite)

    def public_key(self, key_id: str, number: int = AES.number) -> bytes:
        """What anyone needs to check signatures made under that key with that suite."""
        return self._signer(self.key(key_id), number).public_key

    def wrap(
        self, purpose: str, secret: bytes, aad: bytes, *, number: int | None = None
    ) -> tuple[str, bytes]:
        """(key id, suite ‖ nonce ‖ ciphertext); `aad` binds it to the row it belongs to."""
        key, number = self.active(purpose), number or self.suite
        nonce = os.urandom(NONCE_SIZE)
        cipher = self.cipher(key, number, b"rongdang wrap")
        sealed = cipher.encrypt(nonce, secret, _bound(key.id, number, aad))
        return key.id, bytes((number,)) + nonce + sealed

    def unwrap(self, key_id: str, wrapped: bytes, aad: bytes) -> bytes:
        """Raises KeyringError for an unknown key, DamagedError for a changed or moved blob."""
        if len(wrapped) <= 1 + NONCE_SIZE:
            raise damaged("密钥信封是空的", "the wrapped key is empty")
        key, number = self.key(key_id), wrapped[0]
        nonce, sealed = wrapped[1 : 1 + NONCE_SIZE], wrapped[1 + NONCE_SIZE :]
        cipher = self.cipher(key, number, b"rongdang wrap")
        return cipher.decrypt(nonce, sealed, _bound(key_id, number, aad))

    def cipher(self, key: RingKey, number: int, info: bytes) -> Aead:
        """The AEAD of a key for one use, named by `info`; kept, since deriving costs more than using."""
        cipher = self._ciphers.get((key.id, number, info))
        if cipher is None:
            chosen = suite(number)
            cipher = chosen.aead(chosen.derive(key.material, info))
            self._ciphers[key.id, number, info] = cipher
        return cipher

    def change_root(self, access: RootAccess) -> Record:
        """Wrap the ring by a new root made by `access`; a file of the old one is removed.

        The ring is replaced by one rename: before it the old root opens, after it the new one.
        """
        with self._locked():
            self._read()
            old = ring_file.read(self.folder)
            root = access.make(number=self.suite, name=f"root-{os.urandom(4).hex()}.key")
            access.establish(root)
            ring_file.write(self.folder, root, self._keys.values(), suite=self.suite)
            self.access = access
            if old.root.get("provider") == FILE:
                (self.access.folder / old.root["file"]).unlink(missing_ok=True)
            return root.record

    def root_secret(self) -> bytes:
        """For split custody; raises KeyringError for a root that cannot leave its token."""
        root, _ring = self._root()
        if isinstance(root, SecretRoot):
            return root.secret
        raise KeyringError(
            "根密钥在密码设备里，取不出来，不能拆分；没有写任何文件。",
            "The root key cannot leave its token, so it cannot be split; no file was written.",
            hint_zh="请用密码设备自己的备份和分割办法，另存密钥托管（rongdang keys escrow）。",
            hint_en="Use the token's own backup and splitting, and keep an escrow (rongdang keys escrow).",
            code="root-in-token",
        )

    def recover(self, secret: bytes) -> Record:
        """Put a root back from its 32 bytes, after trying them on the ring.

        A file comes back under its name; in place of a passphrase that is lost comes a file.
        """
        with self._locked():
            ring = ring_file.read(self.folder)
            keys = ring.keys(SecretRoot(secret, ring.root, ring.suite))
            record = ring.root
            if record.get("provider") != FILE:
                record = {"provider": FILE, "file": f"root-{os.urandom(4).hex()}.key"}
            root = SecretRoot(secret, record, ring.suite)
            self.access.establish(root)
            if record != ring.root:
                ring_file.write(self.folder, root, keys, suite=ring.suite)
            return record

    def take_over(self, keys: Iterable[RingKey]) -> None:
        """Make a ring of an escrow's keys, under a new root; only where there is no ring yet."""
        with self._locked():
            ring_file.begin(self.folder, self.access, suite=self.suite)
            root, ring = self._root()
            if ring.rows:
                raise KeyringError(
                    "这里已有密钥环，没有覆盖。",
                    "There is a key ring here already; it was not overwritten.",
                    code="ring-exists",
                )
            ring_file.write(self.folder, root, keys, suite=ring.suite)
            self._read()

    def change_suite(self) -> None:
        """Wrap the ring itself with the suite that writes; a token wraps in its own way."""
        with self._locked():
            self._read()
            record = ring_file.read(self.folder).root
            root = self.access.open(record, self.suite)
            ring_file.write(self.folder, root, self._keys.values(), suite=self.suite)

    def forget(self, key_id: str) -> None:
        """Destroy a version that is not the newest: what it wrapped, also in old copies, is gone."""
        with self._locked():
            key = self.key(key_id)
            if key.purpose not in REPLACEABLE:
                raise KeyringError(
                    f"用途“{key.purpose}”的旧密钥一直要用，没有销毁。",
                    f"Earlier keys of “{key.purpose}” stay in use; none was destroyed.",
                    code="key-needed",
                )
            if self._newest(key.purpose) == key:
                raise KeyringError(
                    f"密钥“{key_id}”正在使用，没有销毁。",
                    f"The key “{key_id}” is in use; it was not destroyed.",
                    hint_zh="先轮换这个用途的密钥。",
                    hint_en="Rotate that purpose first.",
                    code="key-active",
                )
            root, ring = self._root()
            kept = [other for other in self._keys.values() if other.id != key_id]
            ring_file.write(self.folder, root, kept, suite=ring.suite)
            self._keys.pop(key_id)

    def root_record(self) -> Record:
        """What the ring says of its root; nothing secret."""
        self.active(DATABASE)
        return ring_file.read(self.folder).root

    def ring_suite(self) -> int:
        """The suite that wraps the ring itself."""
        return ring_file.read(self.folder).suite

    def _signer(self, key: RingKey, number: int) -> Signer:
        signer = self._signers.get((key.id, number))
        if signer is None:
            signer = suite(number).signer(key.id, key.material)
            self._signers[key.id, number] = signer
        return signer

    def _newest(self, purpose: str) -> RingKey | None:
        mine = [key for key in self._keys.values() if key.purpose == purpose]
        return max(mine, key=lambda key: key.version, default=None)

    def _add(self, purpose: str, *, versions: int) -> RingKey:
        """Append a version beyond `versions`, unless another process did so meanwhile."""
        with self._locked():
            self._read()
            newest = self._newest(purpose)
            if newest is not None and newest.version > versions:
                return newest
            version = (newest.version if newest else 0) + 1
            key_id = f"{purpose}.{version}.{os.urandom(4).hex()}"
            made = datetime.now(UTC).isoformat(timespec="seconds")
            key = RingKey(key_id, purpose, version, os.urandom(32), made)
            root, ring = self._root()
            ring_file.write(self.folder, root, [*self._keys.values(), key], suite=ring.suite)
            self._keys[key_id] = key
            self._active.pop(purpose, None)
            return key

    def _read(self) -> None:
        if not ring_file.whole(self.folder, self.access):
            with self._locked():
                ring_file.begin(self.folder, self.access, suite=self.suite)
        seen = self._stamp()  # first: what changes while it is read is read again
        root, ring = self._root()
        self._keys = {key.id: key for key in ring.keys(root)}
        self._active, self._seen = {}, seen

    def _stamp(self) -> tuple[int, ...]:
        """What tells one state of the ring's file from another: each write is a new file."""
        try:
            told = (self.folder / ring_file.NAME).stat()
        except FileNotFoundError:
            return (-1,)
        return told.st_ino, told.st_mtime_ns, told.st_size

    def _root(self) -> tuple[Root, ring_file.RingFile]:
        ring = ring_file.read(self.folder)
        try:
            return self.access.open(ring.root, ring.suite), ring
        except FileNotFoundError:  # another process changed the root between the two reads
            ring = ring_file.read(self.folder)
            return self.access.open(ring.root, ring.suite), ring

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time changes the ring; re-entrant within this one."""
        with self._guard:
            depth = getattr(self, "_depth", 0)
            if depth:
                self._depth = depth + 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.folder / "ring.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0


def _bound(key_id: str, number: int, aad: bytes) -> bytes:
    return f"rongdang wrap {number} {key_id} ".encode() + aad
