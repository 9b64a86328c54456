"""The sums of all orders, checked without keeping buyers out while they are read."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0004_promotions_and_taxes")]
    operations = [
        ValidateConstraint("fulfilmentgroup", "fulfilment_group_amounts"),
        ValidateConstraint("order", "order_total_adds_up"),
        ValidateConstraint("order", "order_not_negative"),
        ValidateConstraint("orderline", "order_line_adds_up"),
        ValidateConstraint("orderline", "order_line_not_negative"),
    ]
