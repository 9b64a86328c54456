"""Numbers that may be some minutes old: what sells best, how usual a word is."""

from django.db import connection, transaction

from catalog.models import SoldCountMark

_SOLD = """
WITH horizon AS (
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS transaction_id
), fresh AS (
    SELECT m.transaction_id, m.id, m.stock_item_id, m.quantity
    FROM catalog_stockmovement m, horizon
    WHERE (m.transaction_id, m.id) > (%(transaction_id)s, %(movement_id)s)
        AND m.transaction_id < horizon.transaction_id AND m.kind IN ('sold', 'returned')
), sums AS (
    SELECT v.product_id, -sum(fresh.quantity) AS units
    FROM fresh JOIN catalog_stockitem s ON s.id = fresh.stock_item_id
    JOIN catalog_variant v ON v.id = s.variant_id
    GROUP BY v.product_id
), locked AS (
    SELECT p.id FROM catalog_product p JOIN sums ON sums.product_id = p.id
    ORDER BY p.id FOR NO KEY UPDATE OF p
), counted AS (
    UPDATE catalog_product p SET sold_count = greatest(p.sold_count + sums.units, 0)
    FROM sums JOIN locked ON locked.id = sums.product_id
    WHERE p.id = sums.product_id
)
SELECT transaction_id, id FROM fresh ORDER BY transaction_id DESC, id DESC LIMIT 1
"""

_WORDS = (
    "SET LOCAL statement_timeout = '10min'",
    "CREATE TEMPORARY TABLE counted ON COMMIT DROP AS"
    " SELECT word, ndoc FROM ts_stat('SELECT words FROM catalog_listing', 'ab')",
    "UPDATE catalog_searchword known SET product_count = counted.ndoc FROM counted"
    " WHERE counted.word = known.word AND known.product_count <> counted.ndoc",
    # A word of this very minute may not be counted yet.
    "DELETE FROM catalog_searchword known WHERE product_count <> 1"
    " AND NOT EXISTS (SELECT FROM counted WHERE counted.word = known.word)",
)


@transaction.atomic
def count_sold() -> bool:
    """Add what was sold since the last time to `Product.sold_count`. Returns whether there was any.

    Counts each movement once: by the transaction that wrote it, since keys commit out of order.
    """
    mark, _is_new = SoldCountMark.objects.select_for_update(
        of=("self",), no_key=True
    ).get_or_create(pk=1)
    with connection.cursor() as cursor:
        cursor.execute(
            _SOLD, {"transaction_id": mark.transaction_id, "movement_id": mark.movement_id}
        )
        last = cursor.fetchone()
    if last is None:
        return False
    mark.transaction_id, mark.movement_id = last
    mark.save(update_fields=["transaction_id", "movement_id"])
    return True


@transaction.atomic
def count_words() -> None:
    """How many products have each word of names, and forget words that none has any more."""
    with connection.cursor() as cursor:
        for statement in _WORDS:
            cursor.execute(statement)
