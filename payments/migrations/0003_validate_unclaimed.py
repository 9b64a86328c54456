from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_unclaimed_money")]
    operations = [
        ValidateConstraint("paymentreceipt", "receipt_given_back_once"),
        ValidateConstraint("exceptionstep", "exception_step_kind"),
    ]
