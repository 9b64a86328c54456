"""Goods: no more is sent than was ordered, comes back than arrived, or is made good than paid."""

from payments.books.checking import sql_check

SHIPPED = sql_check(
    "shipped",
    look_at="the parcels of the order, with those that are to be sent again",
    table="orders_orderline",
    query="""
        SELECT 'order line ' || line.id,
            format('%%s were ordered, %%s are in parcels', line.quantity, sum(sent.quantity))
        FROM orders_orderline AS line
            JOIN orders_shipmentline AS sent ON sent.order_line_id = line.id
            JOIN orders_shipment AS parcel ON parcel.id = sent.shipment_id
        WHERE line.id >= %(first)s AND line.id < %(beyond)s AND parcel.decision <> 'resend'
        GROUP BY line.id HAVING sum(sent.quantity) > line.quantity
        ORDER BY line.id
    """,
)

RETURNED = sql_check(
    "returned",
    look_at="the returns of the order beside its parcels that were delivered",
    table="orders_orderline",
    query="""
        WITH back AS (
            SELECT order_line_id AS id, sum(coalesce(received_quantity, quantity)) AS units
            FROM orders_returnline AS line
                JOIN orders_return AS goods_return ON goods_return.id = goods_return_id
            WHERE order_line_id >= %(first)s AND order_line_id < %(beyond)s
                AND goods_return.state NOT IN ('rejected', 'cancelled')
            GROUP BY 1
        ), arrived AS (
            SELECT order_line_id AS id, sum(quantity) AS units
            FROM orders_shipmentline AS line
                JOIN orders_shipment AS parcel ON parcel.id = shipment_id
            WHERE order_line_id >= %(first)s AND order_line_id < %(beyond)s
                AND parcel.status = 'delivered'
            GROUP BY 1
        )
        SELECT 'order line ' || id,
            format('%%s have arrived, %%s come back', coalesce(arrived.units, 0), back.units)
        FROM back LEFT JOIN arrived USING (id) WHERE back.units > coalesce(arrived.units, 0)
        ORDER BY id
    """,
)

REFUNDED = sql_check(
    "refunds-due",
    look_at="the refunds due of the order: these goods are made good more than once",
    table="orders_orderline",
    query="""
        SELECT 'order line ' || line.id,
            format('%%s for %%s, made good: %%s for %%s', line.quantity, line.total_minor,
                sum(due.quantity), sum(due.amount_minor))
        FROM orders_orderline AS line
            JOIN orders_refunddueline AS due ON due.order_line_id = line.id
        WHERE line.id >= %(first)s AND line.id < %(beyond)s
        GROUP BY line.id
        HAVING sum(due.quantity) > line.quantity OR sum(due.amount_minor) > line.total_minor
        ORDER BY line.id
    """,
)

CHECKS = (SHIPPED, RETURNED, REFUNDED)
