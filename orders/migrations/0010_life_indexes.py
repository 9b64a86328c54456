from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models.functions import Upper

# What the release before did not know: the stored status of the goods, and when a parcel without
# news is taken to have arrived.
BACKFILL = """
UPDATE orders_order SET fulfilment = CASE
    WHEN sent.units < bought.units THEN 'partially_shipped'
    WHEN sent.came_back = sent.units THEN 'returned'
    WHEN sent.arrived = sent.units THEN 'delivered'
    ELSE 'shipped' END
FROM (
    SELECT line.order_id, sum(parcel_line.quantity) AS units,
        coalesce(sum(parcel_line.quantity) FILTER (WHERE parcel.status = 'delivered'), 0) AS arrived,
        coalesce(sum(parcel_line.quantity) FILTER (WHERE parcel.status = 'returned_to_sender'), 0)
            AS came_back
    FROM orders_shipmentline parcel_line
    JOIN orders_shipment parcel ON parcel.id = parcel_line.shipment_id AND parcel.status <> 'packed'
    JOIN orders_orderline line ON line.id = parcel_line.order_line_id
    GROUP BY line.order_id
) sent
JOIN (
    SELECT order_id, sum(quantity) AS units FROM orders_orderline GROUP BY order_id
) bought USING (order_id)
WHERE orders_order.id = sent.order_id;
UPDATE orders_shipment SET delivery_due_at = shipped_at + interval '21 days'
WHERE status = 'shipped' AND delivery_due_at IS NULL;
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0009_order_life")]
    operations = [
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        # As `AddConstraint` would, without keeping packers waiting.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    """CREATE UNIQUE INDEX CONCURRENTLY shipment_number_once
                    ON orders_shipment (group_id, courier, tracking_number)
                    WHERE NOT tracking_number = ''""",
                    "DROP INDEX shipment_number_once",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="shipment",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("tracking_number", ""), _negated=True),
                        fields=("group", "courier", "tracking_number"),
                        name="shipment_number_once",
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="shipment",
            name="shipment_once",
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("fulfilment__in", ["unfulfilled", "partially_shipped"]),
                    ("status__in", ["confirmed", "closed"]),
                ),
                fields=["-placed_at", "-id"],
                name="order_to_ship",
            ),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("fulfilment__in", ["shipped", "delivered", "returned"]),
                    ("status__in", ["confirmed", "closed"]),
                ),
                fields=["-placed_at", "-id"],
                name="order_sent",
            ),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("status", "pending")),
                fields=["-placed_at", "-id"],
                name="order_unpaid",
            ),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("status__in", ["cancelled", "expired"])),
                fields=["-placed_at", "-id"],
                name="order_ended",
            ),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("status", "confirmed")),
                fields=["close_due_at"],
                name="order_close_due",
            ),
        ),
        AddIndexConcurrently(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(("status", "shipped")),
                fields=["delivery_due_at"],
                name="shipment_delivery_due",
            ),
        ),
        AddIndexConcurrently(
            model_name="shipment",
            index=models.Index(Upper("tracking_number"), name="shipment_number"),
        ),
        AddIndexConcurrently(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(
                    ("decision", ""), ("status__in", ["lost", "returned_to_sender"])
                ),
                fields=["group"],
                name="shipment_astray",
            ),
        ),
        ValidateConstraint("order", "order_fulfilment"),
        ValidateConstraint("orderevent", "order_event_actor"),
        ValidateConstraint("orderline", "order_line_replaces_free"),
        ValidateConstraint("shipment", "shipment_has_number"),
        ValidateConstraint("shipment", "shipment_decision"),
    ]
