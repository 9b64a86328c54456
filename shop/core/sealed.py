"""What only the shop itself may read again: encrypted at rest, with keys that can be changed.

Fernet (AES-128-CBC, HMAC-SHA256; cryptography.io): whoever takes the database alone has nothing.
"""

import base64
import hashlib
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotUnseal(ValueError):
    """Written with a key that is not among DATA_KEYS any more, or changed since."""


def seal(facts: Mapping[str, str]) -> bytes:
    return seal_bytes(json.dumps(dict(facts), ensure_ascii=False).encode())


def unseal(sealed: bytes) -> dict[str, str]:
    """Raises CannotUnseal."""
    facts: dict[str, str] = json.loads(unseal_bytes(sealed))
    return facts


def seal_bytes(content: bytes) -> bytes:
    return _keys().encrypt(content)


def unseal_bytes(sealed: bytes) -> bytes:
    """Raises CannotUnseal."""
    try:
        return _keys().decrypt(sealed)
    except InvalidToken as error:
        raise CannotUnseal from error


def _keys() -> MultiFernet:
    """The first one seals, all of them unseal."""
    return MultiFernet([Fernet(_derived(key)) for key in settings.DATA_KEYS])


def _derived(key: str) -> bytes:
    """Any long random text will do as a key."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"etalase data key:" + key.encode()).digest())
