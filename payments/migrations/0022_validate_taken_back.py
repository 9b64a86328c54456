from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0021_taken_back")]
    operations = [
        ValidateConstraint(model_name="paymentreceipt", name="receipt_given_back_once"),
        migrations.RemoveConstraint(model_name="paymentreceipt", name="receipt_refunded_once"),
    ]
