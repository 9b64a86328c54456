"""Orders: lines, parcels and steps sum to the total; and the total, computed again, is the same."""

from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from orders.models import Adjustment, FulfilmentGroup, Order, OrderLine
from orders.pricing.basket import Basket
from orders.pricing.engine import Calculation, Share, compute
from payments.books.checking import Check, sql_check

SUMS = sql_check(
    "order-sums",
    look_at="the order's lines and groups: what was charged is `total_minor`, and never changes",
    table="orders_order",
    query="""
        WITH goods AS (
            SELECT order_id, sum(unit_price_minor * quantity) AS list, sum(discount_minor) AS off,
                sum(tax_minor) AS tax, sum(tax_added_minor) AS added
            FROM orders_orderline WHERE order_id >= %(first)s AND order_id < %(beyond)s GROUP BY 1
        ), parcels AS (
            SELECT order_id, sum(shipping_minor) AS list, sum(discount_minor) AS off,
                sum(tax_minor) AS tax, sum(tax_added_minor) AS added
            FROM orders_fulfilmentgroup
            WHERE order_id >= %(first)s AND order_id < %(beyond)s GROUP BY 1
        ), placed AS (
            SELECT placed.id, number,
                ARRAY[subtotal_minor, discount_minor, shipping_minor, shipping_discount_minor,
                    tax_minor, tax_added_minor]::numeric[] AS says,
                ARRAY[coalesce(goods.list, 0), coalesce(goods.off, 0), coalesce(parcels.list, 0),
                    coalesce(parcels.off, 0), coalesce(goods.tax, 0) + coalesce(parcels.tax, 0),
                    coalesce(goods.added, 0) + coalesce(parcels.added, 0)] AS has
            FROM orders_order AS placed
                LEFT JOIN goods ON goods.order_id = placed.id
                LEFT JOIN parcels ON parcels.order_id = placed.id
            WHERE placed.id >= %(first)s AND placed.id < %(beyond)s
        )
        SELECT 'order ' || number,
            format('goods, discount, shipping, its discount, tax, tax added are %%s;'
                ' lines and groups sum to %%s', says::text, has::text)
        FROM placed WHERE says <> has ORDER BY id
    """,
)

STEPS = sql_check(
    "order-steps",
    look_at="the order's steps, in the order in which it shows them",
    table="orders_order",
    query="""
        WITH steps AS (
            SELECT order_id, sum(amount_minor) FILTER (WHERE NOT is_included) AS total
            FROM orders_adjustment WHERE order_id >= %(first)s AND order_id < %(beyond)s GROUP BY 1
        )
        SELECT 'order ' || number,
            format('the total is %%s, its steps sum to %%s', total_minor, coalesce(steps.total, 0))
        FROM orders_order AS placed LEFT JOIN steps ON steps.order_id = placed.id
        WHERE placed.id >= %(first)s AND placed.id < %(beyond)s AND basket IS NOT NULL
            AND total_minor <> coalesce(steps.total, 0)
        ORDER BY placed.id
    """,
)


def replay(first: int, beyond: int) -> list[tuple[str, str]]:
    """Compute the totals of these orders again from their baskets; what comes out differently.

    Four queries. Orders from before baskets were kept cannot be computed again.
    """
    orders = Order.objects.filter(pk__gte=first, pk__lt=beyond, basket__isnull=False)
    baskets = orders.order_by("pk").values_list("pk", "number", "basket", "total_minor")
    stored = _Stored(first, beyond)
    found = []
    for pk, number, basket, total in baskets:
        again = compute(Basket.from_json(basket or {}))
        if again.total_minor != total:
            found.append((f"order {number}", f"the total is {total}, again {again.total_minor}"))
        elif (what := stored.disagrees(pk, again)) is not None:
            found.append((f"order {number}", f"{what} are not what the basket gives"))
    return found


class _Stored:
    """The lines, groups and steps of some orders, as plain values."""

    def __init__(self, first: int, beyond: int) -> None:
        span = {"order__gte": first, "order__lt": beyond}
        # What goes out in exchange came later, and is in no basket.
        lines = OrderLine.objects.filter(**span, replaces=None).order_by("pk")
        groups = FulfilmentGroup.objects.filter(**span).order_by("pk")
        amounts = ("discount_minor", "tax_minor", "tax_added_minor")
        prices = ("unit_price_minor", "quantity")
        self.lines = _by_order(lines.values_list("order", "pk", *prices, *amounts))
        self.groups = _by_order(groups.values_list("order", "pk", "shipping_minor", *amounts))
        names = ("kind", "label", "amount_minor", "line", "group", "promotion_id", "code")
        steps = Adjustment.objects.filter(**span).order_by("order", "step")
        self.steps = _by_order(steps.values_list("order", *names, "is_included"))

    def disagrees(self, pk: int, again: Calculation) -> str | None:
        """What of an order is not as computed."""
        lines, groups = self.lines.get(pk, []), self.groups.get(pk, [])
        shares = [Share(price * quantity, *rest) for _pk, price, quantity, *rest in lines]
        if shares != list(again.items):
            return "its lines"
        if [Share(*amounts) for _pk, *amounts in groups] != list(again.parcels):
            return "its parcels"
        places = [{row[0]: place for place, row in enumerate(rows)} for rows in (lines, groups)]
        steps = [
            (kind, label, amount, places[0].get(line), places[1].get(group), *rest)
            for kind, label, amount, line, group, *rest in self.steps.get(pk, [])
        ]
        return None if steps == [astuple(step) for step in again.steps] else "its steps"


def _by_order(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for order, *values in rows:
        found.setdefault(order, []).append(tuple(values))
    return found


REPLAY = Check(
    "order-replay",
    look_at="the order's `basket`: `orders.pricing.engine.compute` must give what was charged",
    table="orders_order",
    find=replay,
    batch=2_000,
)

CHECKS = (SUMS, STEPS, REPLAY)
