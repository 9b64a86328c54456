"""Promotions: what is counted is what orders have, no more than the limit, and given back once.

A limit per customer is kept by a constraint (`promotion_turn_once`); a turn above it is no
difference, since the merchant may have lowered the limit since.
"""

from payments.books.checking import Check, sql_check


def _uses_of(kind: str, column: str) -> Check:
    return sql_check(
        f"{kind}-uses",
        look_at=f"the uses of the {kind} that are taken; saving its limit anew counts them",
        table=f"orders_{kind}",
        batch=500,
        query=f"""
            SELECT '{kind} ' || limited.id,
                format('%%s uses counted of %%s, orders have %%s',
                    uses, max_uses, coalesce(taken, 0))
            FROM orders_{kind} AS limited LEFT JOIN (
                SELECT {column} AS id, count(*) AS taken FROM orders_promotionuse
                WHERE state = 'taken' AND {column} >= %(first)s AND {column} < %(beyond)s
                GROUP BY 1
            ) AS counted ON counted.id = limited.id
            WHERE limited.id >= %(first)s AND limited.id < %(beyond)s
                AND max_uses IS NOT NULL
                AND (uses <> coalesce(taken, 0) OR coalesce(taken, 0) > max_uses)
            ORDER BY limited.id
        """,  # noqa: S608 - constants
    )


USES = _uses_of("promotion", "promotion_id")
COUPONS = _uses_of("coupon", "coupon_id")

STATES = sql_check(
    "promotion-use-states",
    look_at="the order: it ended and has its use still, or is paid and its use was given back",
    table="orders_promotionuse",
    query="""
        SELECT 'use of a promotion ' || used.id,
            format('is %%s, but order %%s is %%s', used.state, number, placed.status)
        FROM orders_promotionuse AS used JOIN orders_order AS placed ON placed.id = used.order_id
        WHERE used.id >= %(first)s AND used.id < %(beyond)s
            AND ((used.state = 'released' AND placed.status IN ('pending', 'confirmed', 'closed'))
                OR (used.state <> 'released' AND placed.status IN ('cancelled', 'expired')
                    AND placed.confirmed_at IS NULL))
        ORDER BY used.id
    """,
)

TURNS = sql_check(
    "promotion-turns",
    look_at="the use: a customer's turn is there while the use is taken, and no longer",
    table="orders_promotionuser",
    query="""
        SELECT 'turn ' || turn.id,
            format('promotion %%s counts a turn for use %%s, which is %%s of promotion %%s',
                turn.promotion_id, used.id, used.state, used.promotion_id)
        FROM orders_promotionuser AS turn JOIN orders_promotionuse AS used ON used.id = turn.use_id
        WHERE turn.id >= %(first)s AND turn.id < %(beyond)s
            AND (used.state <> 'taken' OR used.promotion_id <> turn.promotion_id OR turn.turn < 1)
        ORDER BY turn.id
    """,
)

AMOUNTS = sql_check(
    "promotion-amounts",
    look_at="the steps of the order that name the promotion",
    table="orders_promotionuse",
    query="""
        WITH used AS (
            SELECT id, order_id, promotion_id, amount_minor FROM orders_promotionuse
            WHERE id >= %(first)s AND id < %(beyond)s
        ), steps AS (
            SELECT used.id, -sum(step.amount_minor) AS off
            FROM used JOIN orders_adjustment AS step USING (order_id, promotion_id) GROUP BY 1
        )
        SELECT 'use of a promotion ' || used.id,
            format('takes off %%s, the steps of its order %%s', amount_minor, coalesce(off, 0))
        FROM used LEFT JOIN steps USING (id) WHERE amount_minor <> coalesce(off, 0)
        ORDER BY used.id
    """,
)

CHECKS = (USES, COUPONS, STATES, TURNS, AMOUNTS)
