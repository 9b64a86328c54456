"""How many products there are, and how many of them sell how well: to guess with, not to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.caching import remember
from catalog.listing import tokens
from catalog.models import CHUNK

# Nobody sells two thousand million of anything.
TIERS = range(1, 32)


@dataclass(frozen=True, slots=True)
class Tier:
    """The products that sell that well or better; `share` is their part of all."""

    token: str
    share: float


@dataclass(frozen=True, slots=True)
class Popularity:
    """`listings` is about how many products there are, `tiers` those above 0 sold, best first."""

    listings: int
    tiers: Sequence[Tier]

    @classmethod
    def from_json(cls, counts: dict[str, int]) -> "Popularity":
        listings = max(counts.get(tokens.ANY, 0), CHUNK)
        sold = [(counts.get(tokens.sold(tier), 0), tokens.sold(tier)) for tier in reversed(TIERS)]
        return cls(listings, [Tier(token, number / listings) for number, token in sold if number])

    def narrowest(self, *, matches: float, wanted: int) -> Tier | None:
        """Where so many of the matches are, if popular products are like the others."""
        return next((tier for tier in self.tiers if matches * tier.share >= wanted), None)


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
