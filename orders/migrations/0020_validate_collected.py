from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0019_cash_on_delivery")]
    operations = [
        ValidateConstraint("order", "order_collects_its_total"),
        ValidateConstraint("refunddue", "refund_due_never_paid"),
    ]
