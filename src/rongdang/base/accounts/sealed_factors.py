"""Where django-allauth asks how the secrets of second factors are kept: under the key ring."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

PURPOSE = "factors"


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets of apps and recovery codes are wrapped; a copied table opens no account."""

    def encrypt(self, text: str) -> str:
        key_id, wrapped = settings.KEYRING.wrap(PURPOSE, text.encode(), PURPOSE.encode())
        return f"{key_id}:{wrapped.hex()}"

    def decrypt(self, encrypted_text: str) -> str:
        key_id, _, wrapped = encrypted_text.partition(":")
        plain: bytes = settings.KEYRING.unwrap(key_id, bytes.fromhex(wrapped), PURPOSE.encode())
        return plain.decode()

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, object]:
        """The account's own number: what a passkey shows beside it is its name."""
        return {
            "id": str(user.pk).encode(),
            "display_name": str(user),
            "name": user.get_username(),
        }
