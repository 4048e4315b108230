"""The root key in a PKCS#11 token (a cryptographic module or machine): it wraps there, and stays there."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rongdang.base.cipher.errors import KeyringError, damaged
from rongdang.base.cipher.suites import NONCE_SIZE, TAG_SIZE

Reach = tuple[str, str]  # path of the library, PIN
_guard = threading.Lock()  # of the library's state: one session at a time in a process


class TokenRoot:
    """AES-256-GCM inside the token; the key is marked never to leave it."""

    def __init__(self, reach: Reach, record: dict[str, Any]) -> None:
        self._reach, self.record = reach, record

    def wrap(self, data: bytes, aad: bytes) -> bytes:
        nonce = os.urandom(NONCE_SIZE)
        return nonce + self._use(lambda key: key.encrypt, data, nonce, aad)

    def unwrap(self, blob: bytes, aad: bytes) -> bytes:
        return self._use(lambda key: key.decrypt, blob[NONCE_SIZE:], blob[:NONCE_SIZE], aad)

    def _use(
        self, act: Callable[[Any], Callable[..., bytes]], data: bytes, nonce: bytes, aad: bytes
    ) -> bytes:
        from pkcs11 import GCMParams, Mechanism
        from pkcs11 import exceptions as refused

        with _session(self._reach, self.record["token"]) as session:
            key = _find(session, self.record["label"])
            params = GCMParams(nonce, aad, TAG_SIZE * 8)
            try:
                return bytes(act(key)(data, mechanism=Mechanism.AES_GCM, mechanism_param=params))
            except (refused.EncryptedDataInvalid, refused.EncryptedDataLenRange) as error:
                raise damaged("校验标签不符", "the authentication tag differs") from error
            except refused.GeneralError as error:
                # What SoftHSM answers to a wrong tag; a token that fails for good fails on opening.
                raise damaged("密码机不接受", "the token refuses it") from error


def make(reach: Reach, token: str, label: str) -> TokenRoot:
    """Have the token make a key of its own under that label."""
    from pkcs11 import Attribute, KeyType

    with _session(reach, token, writing=True) as session:
        session.generate_key(
            KeyType.AES,
            256,
            label=label,
            store=True,
            template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
        )
    return TokenRoot(reach, {"provider": "pkcs11", "token": token, "label": label})


def open_root(reach: Reach, record: dict[str, Any]) -> TokenRoot:
    """The root of a ring; raises KeyringError when token or key is not there."""
    with _session(reach, record["token"]) as session:
        _find(session, record["label"])
    return TokenRoot(reach, record)


def _find(session: Any, label: str) -> Any:
    from pkcs11 import KeyType, ObjectClass
    from pkcs11.exceptions import PKCS11Error

    try:
        return session.get_key(
            object_class=ObjectClass.SECRET_KEY, key_type=KeyType.AES, label=label
        )
    except PKCS11Error as error:
        raise _unreachable(f"里面没有密钥“{label}”", f"it holds no key “{label}”") from error


@contextmanager
def _session(reach: Reach, token: str, *, writing: bool = False) -> Iterator[Any]:
    import pkcs11
    from pkcs11.exceptions import PKCS11Error

    library, pin = reach
    with _guard:
        try:
            found = pkcs11.lib(library)
            session = found.get_token(token_label=token).open(rw=writing, user_pin=pin)
        except (PKCS11Error, RuntimeError, OSError) as error:
            said = type(error).__name__
            raise _unreachable(f"连不上（{said}）", f"it does not answer ({said})") from error
        with session:
            yield session


def _unreachable(zh: str, en: str) -> KeyringError:
    return KeyringError(
        f"存放根密钥的密码设备不能用：{zh}。没有读出也没有改动任何内容。",
        f"The token that holds the root key cannot be used: {en}. Nothing was read or changed.",
        hint_zh="请检查密码设备的连接、程序库、标签和口令文件，再启动。",
        hint_en="Check the token's connection, library, label and PIN file, then start again.",
        code="token-unreachable",
    )
