"""Codes of gift cards: made at random, typed by people, kept as keyed hashes only."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from django.conf import settings

# Nothing that looks like something else: no 0 and O, no 1 and I. Five bits each.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 16
_GROUP = 4


def new_code() -> str:
    """80 random bits, as they are shown: `7KQM-2XWD-9HTA-PF4R`."""
    drawn = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    return "-".join(drawn[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def split(typed: str) -> list[str]:
    """The codes in a text, in any grouping and case, each once; what is too long or too short
    stays as it is, and is no card's."""
    plain = "".join(typed.upper().replace("-", "").split()).replace(",", "").replace(";", "")
    return list(dict.fromkeys(plain[at : at + LENGTH] for at in range(0, len(plain), LENGTH)))


def hashed(code: str) -> str:
    """What is kept of a code: nothing that a copy of the database could be searched with."""
    [plain] = split(code) or [""]
    return hmac.new(
        settings.PSEUDONYM_KEY.encode(), f"gift-card:{plain}".encode(), hashlib.sha256
    ).hexdigest()


def last_four(code: str) -> str:
    return code[-4:]


def joined(codes: Iterable[str]) -> str:
    return " ".join(codes)
