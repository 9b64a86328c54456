"""Regions into their table: all of a country in one transaction, and as often as one likes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from orders.regions import files
from orders.regions.words import plain

COLUMNS = "code, parent_id, country, level, name, search_name, search_text"
STAGE = f"""
    CREATE TEMPORARY TABLE region_stage ON COMMIT DROP AS
    SELECT {COLUMNS} FROM orders_region WHERE false
"""  # noqa: S608 - of constants
UPSERT = f"""
    INSERT INTO orders_region AS old ({COLUMNS}, is_active)
    SELECT {COLUMNS}, true FROM region_stage
    ON CONFLICT (code) DO UPDATE SET
        parent_id = excluded.parent_id, country = excluded.country, level = excluded.level,
        name = excluded.name, search_name = excluded.search_name,
        search_text = excluded.search_text, is_active = true
    WHERE (old.parent_id, old.country, old.level, old.name, old.search_text, old.is_active)
        IS DISTINCT FROM (excluded.parent_id, excluded.country, excluded.level, excluded.name,
        excluded.search_text, true)
"""  # noqa: S608 - of constants
# Orders and zones may name it, so what no longer exists stays, and is offered to nobody.
RETIRE = """
    UPDATE orders_region AS old SET is_active = false
    WHERE country = %s AND is_active
        AND NOT EXISTS (SELECT FROM region_stage WHERE region_stage.code = old.code)
"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """`changed` were added or written anew, `retired` are no longer offered."""

    known: int
    changed: int
    retired: int


def load_country(country: str) -> Loaded:
    """Make the table say of a country what its data file says. Deletes nothing; safe to repeat."""
    return load_places(country, files.read(country))


@transaction.atomic
def load_places(country: str, places: Iterable[files.Place]) -> Loaded:
    """`places`: all of the country, each after its parent."""
    with connection.cursor() as cursor:
        # Ninety thousand rows take longer than a visitor's statement may.
        cursor.execute("SET LOCAL statement_timeout = '2min'; SET LOCAL lock_timeout = '10s'")
        cursor.execute(STAGE)
        with (
            connection.wrap_database_errors,
            cursor.copy(f"COPY region_stage ({COLUMNS}) FROM STDIN") as copy,
        ):
            known = 0
            for row in _rows(country, places):
                copy.write_row(row)
                known += 1
        cursor.execute(UPSERT)
        changed = cursor.rowcount
        cursor.execute(RETIRE, [country])
        retired = cursor.rowcount
        cursor.execute("DROP TABLE region_stage")
    return Loaded(known, changed, retired)


def _rows(country: str, places: Iterable[files.Place]) -> Iterator[tuple[object, ...]]:
    """With what is searched: the name, and the name followed by those of all that it lies in.

    Both begin with a space, so that ` brag` finds words by how they begin.
    """
    texts: dict[str, str] = {}
    for place in places:
        name = f" {plain(place.name)}"
        texts[place.code] = name + texts.get(place.parent or "", "")
        yield (
            *(place.code, place.parent, country, place.level),
            *(place.name, name, texts[place.code]),
        )
