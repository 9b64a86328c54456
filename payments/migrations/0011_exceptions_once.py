"""What reconciliation finds again opens no second exception; built while orders are paid."""

from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0010_cash_on_delivery")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS exception_once_by_key"
                    " ON payments_paymentexception (key) WHERE NOT key = ''",
                    "DROP INDEX CONCURRENTLY IF EXISTS exception_once_by_key",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="paymentexception",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("key",),
                        name="exception_once_by_key",
                    ),
                )
            ],
        ),
    ]
