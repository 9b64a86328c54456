"""Which release of the shop this is: what an older one has cached must not shadow a new one."""

import hashlib
from functools import cache

from django.conf import settings

# What a page can look different by; pictures and the like have names of their own.
SUFFIXES = (".py", ".html", ".svg", ".po", ".css", ".js")
FOLDERS = ("shop", "accounts", "catalog", "orders", "payments", "templates", "locale", "static")
CONFIGURED = ("PUBLIC_URL", "SHOP_NAME", "DEFAULT_CURRENCY", "STATIC_URL", "MEDIA_URL")


@cache
def release() -> str:
    """`SHOP_RELEASE` if a deployment names itself, else a hash of the code; 12 letters.

    The same on every machine with the same files. Two shops that share a server differ by their
    addresses.
    """
    found = hashlib.blake2b(digest_size=6)
    for name in CONFIGURED:
        found.update(f"{name}={getattr(settings, name)}\n".encode())
    found.update((settings.SHOP_RELEASE or code()).encode())
    return found.hexdigest()


def code() -> str:
    found = hashlib.blake2b((settings.BASE_DIR / "requirements.txt").read_bytes())
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in SUFFIXES and "tests" not in path.parts:
                found.update(f"{path.relative_to(settings.BASE_DIR)}\n".encode())
                found.update(path.read_bytes())
    return found.hexdigest()
