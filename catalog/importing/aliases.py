"""Codes and addresses made from names, and what other shops call the options of clothes."""

import re
from functools import lru_cache
from hashlib import sha256

from django.utils.text import slugify

MAX_CODE = 40
MAX_NAME = 60
# Room for the ending that tells two products of one name apart.
MAX_HANDLE = 180
OPTION_ALIASES = {
    "size": ("size", "sizes", "ukuran", "saiz", "clothing size", "shoe size", "talla", "grosse"),
    "colour": ("colour", "colours", "color", "colors", "warna", "farbe", "couleur", "kleur"),
}
# As the model takes it; what we make of names has no capitals.
LITERAL_CODE = re.compile(rf"[-a-zA-Z0-9_]{{1,{MAX_CODE}}}\Z")
_IS_CODE = re.compile(rf"[-a-z0-9_]{{1,{MAX_CODE}}}\Z")
_CODES = {alias: code for code, aliases in OPTION_ALIASES.items() for alias in aliases}


@lru_cache(maxsize=1024)
def option_alias(name: str) -> str | None:
    """The code of an option that goes by many names, in whatever language: Warna is `colour`."""
    # WooCommerce writes pa_color for an attribute that all of the shop shares.
    plain = " ".join(name.lower().removeprefix("pa_").replace("_", " ").split())
    return _CODES.get(plain)


def option_code(name: str) -> str:
    return option_alias(name) or code_of(name)


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """The same for all spellings of a name that differ in spaces and case only."""
    return " ".join(text.split()).casefold()


@lru_cache(maxsize=8192)
def code_of(name: str) -> str:
    """A code made from a name; also for names without a single Latin letter.

    That of a name which is too long to be kept whole tells it from others that begin like it.
    """
    made = slugify(name)
    if len(made) > MAX_CODE or not made or len(name) > MAX_NAME:
        digest = sha256(folded(name).encode()).hexdigest()[:8]
        made = f"{made[: MAX_CODE - 9]}-{digest}".strip("-")
    return made


@lru_cache(maxsize=8192)
def exact_code(name: str) -> str | None:
    """The code of the name if no other name has the same; else None: 3.5 and 35 are two sizes."""
    same, made = folded(name), code_of(name)
    if _IS_CODE.match(same):
        return same
    is_hashed = made != slugify(name)
    return made if is_hashed or made == same.replace(" ", "-") else None


@lru_cache(maxsize=4096)
def handle_of(name: str) -> str:
    """The address made from a name; also for names without a single Latin letter."""
    made = slugify(name)[:MAX_HANDLE].strip("-")
    return made or f"p-{sha256(name.encode()).hexdigest()[:10]}"
