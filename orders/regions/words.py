"""How the names of places are compared: without case, accents, apostrophes and punctuation."""

import re
import unicodedata

APOSTROPHES = str.maketrans("", "", "'’‘`\"")
# What people write before the name of a place; it is in no name of a district or village.
TITLES = frozenset({"kec", "kecamatan", "kel", "kelurahan", "desa", "ds", "prov", "provinsi"})
MOST_WORDS = 8


def plain(text: str) -> str:
    """`Ma'u, Kab. Nias` → `mau kab nias`. Full-width letters become plain ones."""
    decomposed = unicodedata.normalize("NFKD", text.translate(APOSTROPHES))
    letters = "".join(one for one in decomposed if not unicodedata.combining(one))
    return " ".join(re.findall(r"[a-z0-9]+", letters.lower()))


def words_of(typed: str) -> list[str]:
    """What to look for: the words without the titles, unless there is nothing else."""
    words = plain(typed).split()[:MOST_WORDS]
    return [word for word in words if word not in TITLES] or words
