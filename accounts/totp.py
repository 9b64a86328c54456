"""Codes that an app shows for half a minute (RFC 6238: SHA-1, six digits, as all apps have it)."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
# Steps before and after in which a code is taken: clocks differ, and people type slowly.
DRIFT = 1
SECRET_BYTES = 20


def new_secret() -> str:
    """160 random bits in base32, without padding."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, *, at: float) -> str:
    """The code of that moment, in seconds since 1970."""
    return _code(secret, int(at) // STEP_SECONDS)


def find_step(secret: str, code: str, *, at: float) -> int | None:
    """The time step that the code belongs to, if that is now, just over, or about to come."""
    if not code.isascii():
        # Nothing else can be compared in the same time for all.
        return None
    now = int(at) // STEP_SECONDS
    steps = range(now - DRIFT, now + DRIFT + 1)
    found = [step for step in steps if hmac.compare_digest(_code(secret, step), code)]
    return found[-1] if found else None


def otpauth_uri(secret: str, *, account: str, issuer: str) -> str:
    """What apps read from a QR code or a link."""
    label = quote(f"{issuer}:{account}")
    return (
        f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"
    )


def _code(secret: str, step: int) -> str:
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)
