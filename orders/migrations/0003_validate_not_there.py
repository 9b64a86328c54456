from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_money_not_there")]
    operations = [ValidateConstraint("refunddue", "refund_due_not_there")]
