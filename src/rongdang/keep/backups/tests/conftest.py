"""A house on a disk: database file, objects and keys of its own; commands run in this process."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from django.db import connection, connections

from rongdang.base.ids import uuid7
from rongdang.keep.backups import backing_up, restoring, secrecy
from rongdang.keep.backups.targets.folder import FolderTarget
from rongdang.keep.objects import services as objects


@pytest.fixture
def tmp_path():
    """In memory where that can be: these tests flush thousands of files, a disk makes them wait."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(dir=memory if usable else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def empty_database(django_db_setup, django_db_blocker, tmp_path_factory):
    """The migrated schema as an encrypted file, made once."""
    if connection.vendor != "sqlite":
        return None
    from django.conf import settings

    path = tmp_path_factory.mktemp("schema") / "rongdang.db"
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            key = settings.KEYRING.secret_text("database")
            cursor.execute(f"ATTACH DATABASE '{path}' AS house KEY \"x'{key}'\"")
            cursor.execute("SELECT sqlcipher_export('house')").fetchall()
            cursor.execute("DETACH DATABASE house")
    return path


class House:
    """What a test needs of the house it has; `identity` opens its backups."""

    def __init__(self, root, settings):
        self.root, self.settings = root, settings
        pairs = [secrecy.new_identity() for _ in range(2)]
        self.identities = [pair[0] for pair in pairs]
        self.recipients = [pair[1] for pair in pairs]

    def put(self, count=6, size=40_000):
        return [objects.put(os.urandom(size + 977 * n)) for n in range(count)]

    def file(self, stored):
        return self.settings.OBJECT_ROOT / objects.key_of(stored.pk)

    def target(self, name="target", *, append_only=False):
        return FolderTarget(self.root / name, append_only=append_only)

    def back_up(self, target=None):
        return backing_up.back_up(target or self.target(), recipients=self.recipients)

    def restore(self, into, *, identity=0, target=None, **options):
        copy = restoring.open_copy(
            target or self.target(),
            identities=[self.identities[identity]],
            keyring=self.settings.KEYRING,
            name=options.pop("copy", ""),
        )
        say = options.pop("say", lambda _text: None)
        return restoring.restore(
            copy, Path(into), keyring=self.settings.KEYRING, say=say, **options
        )


@pytest.fixture
def house(empty_database, django_db_blocker, tmp_path, settings):
    if empty_database is None:
        pytest.skip("the house of these tests is SQLite; PostgreSQL has tests of its own")
    root = tmp_path / "house"
    root.mkdir()
    shutil.copy(empty_database, root / "rongdang.db")
    settings.VAR_DIR = root
    settings.OBJECT_ROOT, settings.SEALED_ROOT = root / "objects", root / "sealed"
    settings.PARITY_ROOT, settings.SECOND_COPY = root / "parity", ""
    with django_db_blocker.unblock(), database_at(root / "rongdang.db"):
        yield House(tmp_path, settings)


class database_at:
    """While it lasts, Django's default database is the encrypted file at `path`."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        from django.conf import settings

        self.before = connections["default"]
        row = {
            **self.before.settings_dict,
            "ENGINE": "rongdang.base.sqlcipher",
            "NAME": str(self.path),
            "OPTIONS": {
                **self.before.settings_dict["OPTIONS"],
                "key": settings.KEYRING.secret_text("database"),
            },
        }
        wrapper = type(self.before)(row, "default")
        connections["default"] = wrapper
        return wrapper

    def __exit__(self, *_):
        connections["default"].close()
        connections["default"] = self.before


def flip(path, place=None):
    """One bit, by XOR: writing a constant might write what stands there."""
    raw = bytearray(Path(path).read_bytes())
    raw[len(raw) // 2 if place is None else place] ^= 1
    Path(path).write_bytes(bytes(raw))


def some_id():
    return uuid7()
