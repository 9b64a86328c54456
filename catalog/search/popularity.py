"""How many products there are, and how many of them sell how well: to guess with, not to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.caching import remember
from catalog.listing import tokens

# Nobody sells two thousand million of anything.
TIERS = range(1, 32)
# Fewer products say too little about the others.
SMALLEST_PART = 2_000
# Where hardly anything has been sold yet: so far along the order itself, which takes ten times as
# long as to find the same products by their token.
WALKS = (SMALLEST_PART, 10 * SMALLEST_PART)


@dataclass(frozen=True, slots=True)
class Part:
    """The products that sell best: those with the token, or without one so many of them.

    `share` is their part of all.
    """

    products: int
    share: float
    token: str = ""


@dataclass(frozen=True, slots=True)
class Popularity:
    """`listings` is about how many products there are, `parts` of them from the best down."""

    listings: int
    parts: Sequence[Part]

    @classmethod
    def from_json(cls, counts: dict[str, int]) -> "Popularity":
        listings = max(counts.get(tokens.ANY, 0), 1)
        names = [tokens.sold(tier) for tier in reversed(TIERS)]
        tiers = [(counts.get(name, 0), name) for name in names]
        sold = max(number for number, _name in tiers)
        parts = [
            *(Part(number, number / listings, name) for number, name in tiers),
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
            [[tokens.ANY, *(tokens.sold(tier) for tier in TIERS)]],
        )
        return dict(cursor.fetchall())
