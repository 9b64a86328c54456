from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0018_exceptions_desk")]
    operations = [
        ValidateConstraint("creditaccount", "credit_kind"),
        ValidateConstraint("creditaccount", "credit_of_code_or_customer"),
        ValidateConstraint("paymentreceipt", "receipt_disposition"),
    ]
