"""Who is calling: both gateways take their key as the user of HTTP Basic, without a password."""

import binascii
import hmac
from base64 import b64decode

from .routing import Request


def bears(request: Request, key: str) -> bool:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    try:
        given = b64decode(credentials, validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        given = b""
    return hmac.compare_digest(given, f"{key}:".encode())
