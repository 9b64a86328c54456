# ruff: noqa: S608 - the SQL is put together from the constants here; all values are parameters
"""Products that match: the best first, out of a bounded number of candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.listing.counts import CAP
from catalog.listing.rows import conditions
from catalog.listing.selection import AnyOf
from catalog.search.popularity import Part, known_popularity
from catalog.search.understanding import Understood

# So many matches are ranked, those that sell best; the others follow as they sell.
CANDIDATES = 120
# So many are looked at where there are more than anybody counts: they show which choices there are.
SAMPLE = 200
# More matches than these are not all looked at.
MANY = 2 * CAP
# If so many are expected by what was found in a part, there are more than CAP.
SURELY_MORE = 3 * CAP // 2
# In a name as written, beside it, in a stemmed form, in the description.
_WEIGHTS = "{0.05,0.3,0.6,1.0}"
_SCORE = (
    f"ts_rank('{_WEIGHTS}', words, query) * (1 + ln(1 + sold_count) / 10)"
    " * CASE WHEN is_available THEN 1.0 ELSE 0.3 END"
)
LONGEST_CODE = 80
_POPULAR = "ORDER BY sold_count DESC, product_id DESC"


@dataclass(frozen=True, slots=True)
class Query:
    """A search in the database's own terms."""

    terms: list[str]
    prefix: str
    joined_by: str

    @classmethod
    def of(cls, understood: Understood, *, any_word: bool = False) -> "Query":
        return cls(
            terms=["|".join(alternatives) for alternatives in understood.terms],
            prefix=understood.prefix,
            joined_by="|" if any_word else "&",
        )


@dataclass(frozen=True, slots=True)
class Matches:
    """Product pks, the best first, with the tokens of each; those of all matches where `is_all`."""

    pks: list[int]
    tokens: list[list[str]]
    is_all: bool


def find(query: Query, groups: Sequence[AnyOf]) -> Matches:
    """The matches that meet all groups. One query in a small shop, two to four in a big one.

    It is tried on some thousand products that sell best. What usual words find there is enough;
    otherwise it says how many there may be, and so where to go on: further down, or everywhere.
    """
    popularity = known_popularity()
    expected = float(popularity.listings)
    for part in popularity.parts:
        if expected <= MANY:
            break
        if expected * part.share < 1.2 * SAMPLE:
            continue
        found = _run(query, groups, part, limit=SAMPLE)
        if len(found) == SAMPLE:
            if SAMPLE / part.share > SURELY_MORE:
                return _matches(found, is_all=False)
            break
        expected = len(found) / part.share
    found = _run(query, groups, None, limit=CAP + 1)
    return _matches(found, is_all=len(found) <= CAP)


def _matches(found: list[tuple[Any, ...]], *, is_all: bool) -> Matches:
    return Matches(
        pks=[pk for pk, _tokens in found],
        tokens=[tokens for _pk, tokens in found],
        is_all=is_all,
    )


def _run(
    query: Query, groups: Sequence[AnyOf], part: Part | None, *, limit: int
) -> list[tuple[Any, ...]]:
    """The most popular ones as rows of (pk, tokens); CANDIDATES of them by score, then the rest."""
    where, values = conditions(groups)
    source, end = "catalog_listing", ""
    if part and part.sold:
        # Written out, or the planner does not see that the index of the part will do.
        where = f"{where} AND sold_count >= {int(part.sold)}"
    elif part:
        source = f"(SELECT * FROM catalog_listing {_POPULAR} LIMIT {int(part.products)}) AS walk"
        end = f"LIMIT {int(limit)}"
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH asked AS MATERIALIZED"
            " (SELECT catalog_search_query(%s::text[], %s, %s) AS query),"
            # Materialised, or a planner that cannot know the query walks the whole catalogue.
            f" met AS MATERIALIZED (SELECT product_id, sold_count FROM {source}"
            f"  WHERE words @@ (SELECT query FROM asked) AND {where} {end}),"
            f" popular AS (SELECT product_id, row_number() OVER ({_POPULAR}) AS place FROM met"
            f"  {_POPULAR} LIMIT %s)"
            " SELECT product_id, tokens FROM popular JOIN catalog_listing USING (product_id), asked"
            f" ORDER BY CASE WHEN place <= {CANDIDATES} THEN {_SCORE} END DESC NULLS LAST,"
            f" CASE WHEN place > {CANDIDATES} THEN place END, product_id DESC",
            [query.terms, query.prefix, query.joined_by, *values, limit],
        )
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Coded:
    """A product with the code; `is_chosen` if it meets the filters as well."""

    pk: int
    tokens: list[str]
    is_chosen: bool


def with_code(typed: str, groups: Sequence[AnyOf]) -> list[Coded]:
    """Products on display that have a variant with this SKU or barcode. One query.

    Whatever was typed may be a code: they have no form of their own.
    """
    code = " ".join(typed.replace("\x00", " ").split())
    if not 0 < len(code) <= LONGEST_CODE:
        return []
    where, values = conditions(groups)
    with connection.cursor() as cursor:
        cursor.execute(
            # Found first and each by its index, whatever the planner thinks of the rest.
            "WITH coded AS MATERIALIZED"
            " (SELECT product_id FROM catalog_variant WHERE is_active AND upper(sku) = upper(%s)"
            "  UNION SELECT product_id FROM catalog_variant"
            "  WHERE is_active AND barcode = %s AND barcode <> '')"
            f" SELECT product_id, tokens, {where} FROM coded JOIN catalog_listing"
            " USING (product_id) ORDER BY product_id LIMIT 20",
            [code, code, *values],
        )
        return [Coded(*row) for row in cursor.fetchall()]
