"""The key ring the environment speaks of; asked for no key, so it may be empty, shut or lost."""

from __future__ import annotations

from pathlib import Path

from rongdang.base.cipher.keyring import Keyring
from rongdang.base.cipher.roots import PROVIDERS, RootAccess
from rongdang.config import env

SUITES = {"aes": 1, "sm": 2}


def key_folder() -> Path:
    return env.folder("RONGDANG_KEYS", env.folder("RONGDANG_VAR", Path.cwd() / "var") / "keys")


def keyring() -> Keyring:
    """RONGDANG_ROOT_KEY is what a first run makes; afterwards the ring says what its root is."""
    folder = key_folder()
    return Keyring(
        folder,
        suite=SUITES[env.text("RONGDANG_SUITE", "aes", choices=tuple(SUITES))],
        access=RootAccess(
            folder=env.folder("RONGDANG_ROOT_FOLDER", folder),
            kind=env.text("RONGDANG_ROOT_KEY", "file", choices=PROVIDERS),
            passphrase_file=env.file("RONGDANG_ROOT_PASSPHRASE_FILE"),
            module=env.text("RONGDANG_PKCS11_MODULE", ""),
            token=env.text("RONGDANG_PKCS11_TOKEN", ""),
            pin_file=env.file("RONGDANG_PKCS11_PIN_FILE"),
        ),
    )
