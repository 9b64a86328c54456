"""Names as a person writes them, from those of idn-area-data, which shouts the upper levels."""

import re

# The words that are not written as any other word is.
PROVINCES = {"DKI JAKARTA": "DKI Jakarta", "DAERAH ISTIMEWA YOGYAKARTA": "DI Yogyakarta"}
SMALL_WORDS = frozenset({"x", "dan"})
ROMAN = re.compile(r"[IVXLC]+", re.IGNORECASE)
# `TanjungTebat`, but not `SoE`, which is a town.
RUN_TOGETHER = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]{2})")


def upper_name(name: str) -> str:
    """A province or a regency: `KABUPATEN ACEH SELATAN` → `Kabupaten Aceh Selatan`."""
    known = PROVINCES.get(name.strip().upper())
    return known or " ".join(_upper_word(word) for word in name.split())


def lower_name(name: str) -> str:
    """A district or a village, which upstream writes nearly right: `KI'E` → `Ki'e`.

    Abbreviations (`UPT`, `LB`) and Roman numerals stay as they are.
    """
    told = re.sub(r"[\"’‘`]", "'", name.replace("*", " "))
    return " ".join(_lower_word(word) for word in RUN_TOGETHER.sub(" ", told).split())


def _upper_word(word: str) -> str:
    return word.upper() if ROMAN.fullmatch(word) else _first_upper(word.lower())


def _lower_word(word: str) -> str:
    if "'" in word and word.isupper():
        return _first_upper(word.lower())
    return word if word in SMALL_WORDS else _first_upper(word)


def _first_upper(word: str) -> str:
    return word[:1].upper() + word[1:]
