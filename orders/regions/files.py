"""The data of each country as it lies in the repository: `regions-<country>/regions.csv.xz`.

A row is a code and a name; the parent of `31.74.01` is `31.74`, and so the level is its depth.
"""

import csv
import io
import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
# The same bytes on every machine: xz keeps no time, and these filters no preset of a version.
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str

    @property
    def parent(self) -> str | None:
        return self.code.rpartition(".")[0] or None

    @property
    def level(self) -> int:
        return self.code.count(".") + 1


def countries() -> list[str]:
    """The countries whose regions are known: `["ID"]`."""
    folders = DATA.glob("regions-*/regions.csv.xz")
    return sorted(path.parent.name.removeprefix("regions-").upper() for path in folders)


def path_of(country: str) -> Path:
    return DATA / f"regions-{country.lower()}" / "regions.csv.xz"


def read(country: str) -> Iterator[Place]:
    """All places, each after its parent."""
    with lzma.open(path_of(country), "rt", encoding="utf-8", newline="") as packed:
        yield from (Place(code, name) for code, name in csv.reader(packed))


def write(path: Path, places: Iterable[Place]) -> None:
    """Pack the places, in the order of their codes and so each after its parent."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerows((place.code, place.name) for place in sorted(places, key=lambda one: one.code))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(text.getvalue().encode(), filters=FILTERS))
