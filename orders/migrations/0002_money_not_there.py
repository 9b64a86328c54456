"""What of a debt for goods is not there: taken back by the payer's bank, or never come."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_schema")]
    operations = [
        migrations.AddField(
            model_name="refunddue",
            name="absent_minor",
            field=models.BigIntegerField(db_default=0, default=0, verbose_name="not there"),
        ),
        AddConstraintNotValid(
            model_name="refunddue",
            constraint=models.CheckConstraint(
                condition=Q(absent_minor__gte=0), name="refund_due_not_there"
            ),
        ),
    ]
