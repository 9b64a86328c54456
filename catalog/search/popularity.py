"""How many products there are, and how many of them sell how well: to guess with, not to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.caching import remember
from catalog.listing import tokens
from catalog.models import SOLD_TIERS

# Fewer products say too little about the others.
SMALLEST_PART = 2_000
# Where hardly anything has been sold yet: so far along the order itself, which takes ten times as
# long as to find the same products by an index of their own.
WALKS = (SMALLEST_PART, 10 * SMALLEST_PART)


@dataclass(frozen=True, slots=True)
class Part:
    """Those `products` that were sold so often or more; where that is 0, the first so many.

    `share` is their part of all.
    """

    products: int
    share: float
    sold: int = 0


@dataclass(frozen=True, slots=True)
class Popularity:
    """`listings` is about how many products there are, `parts` of them from the best down."""

    listings: int
    parts: Sequence[Part]

    @classmethod
    def from_json(cls, counts: dict[str, int]) -> "Popularity":
        listings = max(counts.get(tokens.ANY, 0), 1)
        tiers = [(counts.get(tokens.sold(least), 0), least) for least in sorted(SOLD_TIERS)[::-1]]
        sold = max(number for number, _least in tiers)
        parts = [
            *(Part(number, number / listings, least) for number, least in tiers),
            *(Part(number, number / listings) for number in WALKS if number > sold),
        ]
        return cls(listings, [part for part in parts if SMALLEST_PART <= part.products < listings])


def known_popularity() -> Popularity:
    """Up to a minute old."""
    return remember("popularity", versions=("tree",), build=_count_tiers, read=Popularity.from_json)


def _count_tiers() -> dict[str, Any]:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT token, sum(bit_count(bits))::bigint FROM catalog_facetbits"
            " WHERE token = ANY(%s) GROUP BY token",
            [[tokens.ANY, *map(tokens.sold, SOLD_TIERS)]],
        )
        return dict(cursor.fetchall())
