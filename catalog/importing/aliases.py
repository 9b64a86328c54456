"""Codes and addresses made from names, and what other shops call the options of clothes."""

from functools import lru_cache
from hashlib import sha256

from django.utils.text import slugify

MAX_CODE = 40
# Room for the ending that tells two products of one name apart.
MAX_HANDLE = 180
OPTION_ALIASES = {
    "size": ("size", "sizes", "ukuran", "saiz", "clothing size", "shoe size", "talla", "grosse"),
    "colour": ("colour", "colours", "color", "colors", "warna", "farbe", "couleur", "kleur"),
}
_CODES = {alias: code for code, aliases in OPTION_ALIASES.items() for alias in aliases}


@lru_cache(maxsize=1024)
def option_code(name: str) -> str:
    """The code of the option that goes by this name, in whatever language: Warna is `colour`."""
    # WooCommerce writes pa_color for an attribute that all of the shop shares.
    plain = " ".join(name.lower().removeprefix("pa_").replace("_", " ").split())
    return _CODES.get(plain) or code_of(name)


@lru_cache(maxsize=8192)
def code_of(name: str) -> str:
    """A code made from a name; also for names without a single Latin letter."""
    made = slugify(name)
    if len(made) > MAX_CODE or not made:
        made = f"{made[: MAX_CODE - 9]}-{sha256(name.encode()).hexdigest()[:8]}".strip("-")
    return made


@lru_cache(maxsize=4096)
def handle_of(name: str) -> str:
    """The address made from a name; also for names without a single Latin letter."""
    made = slugify(name)[:MAX_HANDLE].strip("-")
    return made or f"p-{sha256(name.encode()).hexdigest()[:10]}"
