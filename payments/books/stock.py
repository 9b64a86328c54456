"""Stock: what lies there is what moved, what is spoken for is what somebody holds."""

from payments.books.checking import sql_check

MOVEMENTS = sql_check(
    "stock-movements",
    look_at="the movements of the stock item; correct its count once you have counted the shelf",
    table="catalog_stockitem",
    query="""
        SELECT 'stock item ' || item.id,
            format('%%s on hand, its movements sum to %%s', on_hand, coalesce(moved, 0))
        FROM catalog_stockitem AS item LEFT JOIN (
            SELECT stock_item_id, sum(quantity) AS moved FROM catalog_stockmovement
            WHERE stock_item_id >= %(first)s AND stock_item_id < %(beyond)s GROUP BY 1
        ) AS movements ON stock_item_id = item.id
        WHERE item.id >= %(first)s AND item.id < %(beyond)s AND on_hand <> coalesce(moved, 0)
        ORDER BY item.id
    """,
)

RESERVED = sql_check(
    "stock-reserved",
    look_at="the reservations of the stock item that are held",
    table="catalog_stockitem",
    query="""
        SELECT 'stock item ' || item.id,
            format('%%s reserved, %%s are held', reserved, coalesce(held, 0))
        FROM catalog_stockitem AS item LEFT JOIN (
            SELECT stock_item_id, sum(quantity) AS held FROM catalog_reservation
            WHERE state = 'held' AND stock_item_id >= %(first)s AND stock_item_id < %(beyond)s
            GROUP BY 1
        ) AS holds ON stock_item_id = item.id
        WHERE item.id >= %(first)s AND item.id < %(beyond)s AND reserved <> coalesce(held, 0)
        ORDER BY item.id
    """,
)

SOLD = sql_check(
    "stock-sold",
    look_at="the reservations that were committed, beside the movements `sold`: the shelf may hold"
    " what has been sold",
    table="catalog_stockitem",
    query="""
        SELECT 'stock item ' || item.id,
            format('%%s units have left as sold, %%s were', coalesce(gone, 0), coalesce(sold, 0))
        FROM catalog_stockitem AS item LEFT JOIN (
            SELECT stock_item_id, -sum(quantity) AS gone FROM catalog_stockmovement
            WHERE kind = 'sold' AND stock_item_id >= %(first)s AND stock_item_id < %(beyond)s
            GROUP BY 1
        ) AS movements ON movements.stock_item_id = item.id LEFT JOIN (
            SELECT stock_item_id, sum(quantity) AS sold FROM catalog_reservation
            WHERE state = 'committed'
                AND stock_item_id >= %(first)s AND stock_item_id < %(beyond)s
            GROUP BY 1
        ) AS claims ON claims.stock_item_id = item.id
        WHERE item.id >= %(first)s AND item.id < %(beyond)s
            AND coalesce(gone, 0) <> coalesce(sold, 0)
        ORDER BY item.id
    """,
)

# A pending order, somebody in the queue whose turn it is, or an exchange that waits for its goods.
HOLDERS = sql_check(
    "reservation-holders",
    look_at="the holder of the reservation: nobody who is still owed these units has that id",
    table="catalog_stockitem",
    query="""
        SELECT 'reservation ' || held.id,
            format('%%s of stock item %%s are held for %%s, who has no open claim',
                held.quantity, held.stock_item_id, held.holder)
        FROM catalog_reservation AS held
        WHERE held.state = 'held'
            AND held.stock_item_id >= %(first)s AND held.stock_item_id < %(beyond)s
            AND NOT EXISTS (
                SELECT FROM orders_order AS placed
                WHERE placed.status = 'pending' AND placed.holder = held.holder)
            AND NOT EXISTS (
                SELECT FROM catalog_waiting AS waiting
                WHERE waiting.state = 'offered' AND waiting.holder = held.holder)
            AND NOT EXISTS (
                SELECT FROM orders_return AS goods_return
                WHERE goods_return.state IN ('requested', 'approved', 'received')
                    AND goods_return.holder = held.holder)
        ORDER BY held.id
    """,
)

# A replacement is sold under its return; an order that was paid and then cancelled may be either.
ORDERED = sql_check(
    "order-goods",
    look_at="the order's lines beside the reservations of its holder",
    table="orders_order",
    query="""
        WITH placed AS (
            SELECT id, number, status, holder,
                status = 'pending' AS holds, status IN ('confirmed', 'closed') AS has_bought
            FROM orders_order WHERE id >= %(first)s AND id < %(beyond)s
                AND NOT (status = 'cancelled' AND confirmed_at IS NOT NULL)
        ), bought AS (
            SELECT order_id, stock_item_id, sum(quantity) AS units FROM orders_orderline
            WHERE order_id >= %(first)s AND order_id < %(beyond)s AND replaces_id IS NULL
            GROUP BY 1, 2
        ), claimed AS (
            SELECT placed.id AS order_id, stock_item_id,
                coalesce(sum(quantity) FILTER (WHERE state = 'held'), 0) AS held,
                coalesce(sum(quantity) FILTER (WHERE state = 'committed'), 0) AS sold
            FROM placed JOIN catalog_reservation USING (holder)
            WHERE state <> 'released' GROUP BY 1, 2
        )
        SELECT 'order ' || number,
            format('is %%s with %%s of stock item %%s; %%s are held, %%s sold', status,
                coalesce(units, 0), stock_item_id, coalesce(held, 0), coalesce(sold, 0))
        FROM bought FULL JOIN claimed USING (order_id, stock_item_id)
            JOIN placed ON placed.id = order_id
        WHERE coalesce(held, 0) <> CASE WHEN holds THEN coalesce(units, 0) ELSE 0 END
            OR coalesce(sold, 0) <> CASE WHEN has_bought THEN coalesce(units, 0) ELSE 0 END
        ORDER BY order_id, stock_item_id
    """,
)

CHECKS = (MOVEMENTS, RESERVED, SOLD, HOLDERS, ORDERED)
