# ruff: noqa: S608 - only the bounds above are put into the SQL; all values are parameters
"""Listings near a product: of its category before others, alike in attributes, best-selling."""

import json
from collections.abc import Iterator

from catalog.listing import tokens
from catalog.listing.rows import Row
from catalog.models import SOLD_TIERS
from shop.core.prepared import read_prepared

# So many are looked at, of which the nearest are taken.
CANDIDATES = 24
# What hardly sells is walked along in its order: that meets them where the category holds one
# product in some 150; in a smaller one they are few enough to be sorted.
WALK = 4_000


def _parts() -> Iterator[str]:
    """Candidates, the best-selling first: what sells well has small indexes of its own."""
    own = "tokens @> %(wanted)s::text[] AND product_id <> %(product)s"
    best = f"ORDER BY sold_count DESC, product_id DESC LIMIT {CANDIDATES}"
    above = ""
    for least in sorted(SOLD_TIERS, reverse=True):
        sold = f"sold_count >= {least}{above}"
        yield f"SELECT product_id FROM catalog_listing WHERE {own} AND {sold} {best}"
        above = f" AND sold_count < {least}"
    hardly = f"sold_count < {min(SOLD_TIERS)}"
    walk = f"SELECT * FROM catalog_listing WHERE {hardly} ORDER BY sold_count DESC, product_id DESC"
    yield f"SELECT product_id FROM ({walk} LIMIT {WALK}) AS walk WHERE {own} LIMIT {CANDIDATES}"
    yield f"SELECT product_id FROM met {best}"
    elsewhere = "tokens && own.categories AND %(available)s = ANY(tokens)"
    walk = "SELECT * FROM catalog_listing ORDER BY sold_count DESC, product_id DESC"
    yield (
        f"SELECT product_id FROM ({walk} LIMIT {WALK}) AS walk, own"
        f" WHERE {elsewhere} AND product_id <> %(product)s LIMIT {CANDIDATES}"
    )


# The parts are read one after the other, and only until there are enough. `met` is materialised,
# or the planner would walk the whole order for what few listings have. Bounds are written out: a
# plan that is kept knows them.
_NEAR = f"""
WITH own AS MATERIALIZED (
    SELECT ARRAY(SELECT t FROM unnest(tokens) t WHERE t ~ '^[ac][0-9]') AS shared,
        ARRAY(SELECT t FROM unnest(tokens) t WHERE t ~ '^c[0-9]') AS categories
    FROM catalog_listing WHERE product_id = %(product)s
), met AS MATERIALIZED (
    SELECT product_id, sold_count FROM catalog_listing
    WHERE tokens @> %(wanted)s::text[] AND product_id <> %(product)s
), candidate AS (
    {" UNION ALL ".join(f"({part})" for part in _parts())}
    LIMIT {CANDIDATES}
)
SELECT near.product_id, near.created_at, near.card, near.sold_count
FROM catalog_listing near LEFT JOIN own ON true
WHERE near.product_id IN (SELECT product_id FROM candidate)
ORDER BY (SELECT count(*) FROM unnest(near.tokens) t WHERE t = ANY(own.shared)) DESC,
    near.sold_count DESC, near.product_id DESC
LIMIT %(limit)s
"""


def near(*, product_pk: int, category_pk: int, limit: int) -> list[Row]:
    """What can be bought and is nearest to the product, never itself. One query."""
    rows = read_prepared(
        _NEAR,
        {
            "product": product_pk,
            "wanted": [tokens.category(category_pk), tokens.AVAILABLE],
            "available": tokens.AVAILABLE,
            "limit": limit,
        },
    )
    return [
        Row(found_pk, created_at, json.loads(card), sold_count)
        for found_pk, created_at, card, sold_count in rows
    ]
