"""What can go wrong between bytes and keys, in words a person can act on."""

from __future__ import annotations

from rongdang.base.errors import DomainError


class DamagedError(DomainError):
    """The bytes are not what was written: changed, cut off, or opened with another key."""

    status, code = 500, "damaged"


class KeyringError(DomainError):
    """A key is missing, foreign, or lies open; nothing is decrypted and nothing is made anew."""

    status, code = 500, "keyring"


def damaged(what_zh: str, what_en: str) -> DamagedError:
    return DamagedError(
        f"加密内容不完整：{what_zh}。没有读出任何内容。",
        f"Encrypted content is not intact: {what_en}. Nothing was read from it.",
        hint_zh="请系统管理员核验存储，并从备份恢复这一份。",
        hint_en="Ask the system officer to verify the store and restore this copy from backup.",
    )
