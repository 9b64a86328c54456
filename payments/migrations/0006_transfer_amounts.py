"""No two awaited transfers ask for the same amount; built while orders are paid."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

AWAITED = "gateway = 'bank_transfer' AND state IN ('new', 'submitting', 'unknown', 'pending')"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0005_bank_transfer")]
    operations = [
        AddIndexConcurrently(
            model_name="paymentattempt",
            index=models.Index(
                condition=models.Q(("gateway", "bank_transfer")),
                fields=["currency", "amount_minor"],
                name="attempt_transfer_amount",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS attempt_transfer_amount_once"
                    f" ON payments_paymentattempt (currency, amount_minor) WHERE {AWAITED}",
                    "DROP INDEX CONCURRENTLY IF EXISTS attempt_transfer_amount_once",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="paymentattempt",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(
                            ("gateway", "bank_transfer"),
                            ("state__in", ["new", "submitting", "unknown", "pending"]),
                        ),
                        fields=("currency", "amount_minor"),
                        name="attempt_transfer_amount_once",
                    ),
                )
            ],
        ),
    ]
