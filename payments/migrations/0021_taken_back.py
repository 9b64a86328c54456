"""What the payer's bank has taken back counts among what has left of a receipt, as do the digits
that only tell a transfer from another."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

GIVEN_BACK = (
    F("suffix_minor") + F("refunded_minor") + F("refund_pending_minor") + F("taken_back_minor")
)


class Migration(migrations.Migration):
    dependencies = [("payments", "0020_proofs")]
    operations = [
        migrations.AddField(
            model_name="paymentreceipt",
            name="taken_back_minor",
            field=models.BigIntegerField(db_default=0, default=0, verbose_name="taken back"),
        ),
        AddConstraintNotValid(
            model_name="paymentreceipt",
            constraint=models.CheckConstraint(
                condition=Q(
                    refunded_minor__gte=0, refund_pending_minor__gte=0, taken_back_minor__gte=0
                )
                & Q(amount_minor__gte=GIVEN_BACK),
                name="receipt_given_back_once",
            ),
        ),
    ]
