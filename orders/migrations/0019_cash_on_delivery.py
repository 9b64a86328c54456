"""What couriers collect at the door, and what of goods that came back was never paid."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0018_asking_couriers")]
    operations = [
        migrations.AddField(
            model_name="order",
            name="collect_minor",
            field=models.BigIntegerField(db_default=0, default=0, verbose_name="to be collected"),
        ),
        migrations.AddField(
            model_name="refunddue",
            name="uncollected_minor",
            field=models.BigIntegerField(db_default=0, default=0, verbose_name="never paid"),
        ),
        AddConstraintNotValid(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("collect_minor__gte", 0), ("collect_minor__lte", models.F("total_minor"))
                ),
                name="order_collects_its_total",
            ),
        ),
        AddConstraintNotValid(
            model_name="refunddue",
            constraint=models.CheckConstraint(
                condition=models.Q(("uncollected_minor__gte", 0)), name="refund_due_never_paid"
            ),
        ),
    ]
